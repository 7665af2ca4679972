/** What every schema of docs/schema keeps to (docs/schema/README.md). */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { operations } from '../../src/operations/table.js';
import { tables } from './points.js';
import { type Schema, schemas } from './schemas.js';

/** They are of no command. */
const shared = ['common', 'error'];

test('there is one for each operation, and none for anything else', () => {
  const wanted = [...operations.map(({ name }) => name.replaceAll(' ', '-')), ...shared];
  expect([...schemas.keys()].sort()).toEqual(wanted.sort());
});

test('each is a schema of draft 2020-12, named after its file and its version', () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  for (const [name, schema] of schemas) {
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.$id).toMatch(new RegExp(`^urn:kvx:schema:${name}:[1-9]\\d*$`));
    expect(schema['title']).toMatch(/^\S.*[^.]$/);
    // Throws for what is none.
    ajv.addSchema(schema);
  }
  for (const { $id = '' } of schemas.values()) expect(ajv.getSchema($id)).toBeTypeOf('function');
});

function* partsIn(part: unknown, at: string): Generator<{ at: string; schema: Schema }> {
  if (typeof part !== 'object' || part === null) return;
  if (!Array.isArray(part)) yield { at, schema: part as Schema };
  for (const [name, each] of Object.entries(part)) yield* partsIn(each, `${at}/${name}`);
}

const parts = [...schemas].flatMap(([name, schema]) => [...partsIn(schema, name)]);

/** Others add to them, and say that nothing else is. */
const parted = ['linksNow', 'nodeState', 'agreement', 'checkReport', 'drawnFault'];
const isClosed = (schema: Schema): boolean => schema['unevaluatedProperties'] === false;

test('nothing slips in undescribed: what objects have is listed, or is a table', () => {
  const open = parts.filter(({ schema }) => {
    const isObject = schema.properties !== undefined || schema.type === 'object';
    return isObject && schema.additionalProperties === undefined && !isClosed(schema);
  });
  expect(open.map(({ at }) => at)).toEqual(parted.map((name) => `common/$defs/${name}`));
  const lax = parts.filter(({ schema }) => {
    const [, name = ''] =
      /^urn:kvx:schema:common:\d+#\/\$defs\/(\w+)$/.exec(schema.$ref ?? '') ?? [];
    return parted.includes(name) && !isClosed(schema);
  });
  expect(lax.map(({ at }) => at)).toEqual([]);
  const unlisted = parts.flatMap(({ at, schema: { required = [], properties = {} } }) =>
    required.filter((name) => !Object.hasOwn(properties, name)).map((name) => `${at}: ${name}`),
  );
  expect(unlisted).toEqual([]);
});

/** What a name ends in, and what then is to be said. */
const units = {
  Ms: /millisecond/i,
  Ns: /nanosecond/i,
  Bytes: /byte/i,
};

test('what is in a unit names it', () => {
  const named = parts.flatMap(({ at, schema: { properties = {} } }) =>
    Object.entries(properties).map(([name, schema]) => ({ at: `${at}/${name}`, name, schema })),
  );
  const silent = named.filter(({ name, schema }) =>
    Object.entries(units).some(
      ([end, said]) =>
        name.endsWith(end) && !said.test(JSON.stringify(schema)) && !('$ref' in schema),
    ),
  );
  expect(silent.map(({ at }) => at)).toEqual([]);
});

test('words of a table are those of the table', () => {
  for (const [at, words] of Object.entries(tables)) {
    const found = parts.find((part) => part.at === at.replace(/:\d+#/, ''));
    expect(found?.schema.enum?.toSorted(), at).toEqual(words.toSorted());
  }
});

test('they are made of the words that are looked for in documents', () => {
  const known = new Set([
    ...[
      '$schema',
      '$id',
      '$ref',
      '$defs',
      'title',
      'description',
      'type',
      'const',
      'enum',
      'anyOf',
    ],
    ...[
      'items',
      'prefixItems',
      'required',
      'properties',
      'additionalProperties',
      'unevaluatedProperties',
    ],
    ...['minimum', 'maximum', 'exclusiveMinimum', 'minLength', 'maxLength', 'minItems'],
    'contentEncoding',
  ]);
  const isNamed = (at: string): boolean => /\/(properties|\$defs)$/.test(at);
  const words = parts.flatMap(({ at, schema }) => (isNamed(at) ? [] : Object.keys(schema)));
  expect([...new Set(words)].filter((word) => !known.has(word))).toEqual([]);
});
