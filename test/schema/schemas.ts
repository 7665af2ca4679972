/** The schemas of docs/schema, as data and as functions. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';

const folder = join(import.meta.dirname, '../../docs/schema');

/** The words that schemas here are made of, as far as it matters which documents meet them. */
export interface Schema {
  readonly [keyword: string]: unknown;
  readonly $id?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema | false;
  readonly prefixItems?: readonly Schema[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
}

/** By the names of their files. */
export const schemas: ReadonlyMap<string, Schema> = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => [
      file.slice(0, -'.json'.length),
      JSON.parse(readFileSync(join(folder, file), 'utf8')) as Schema,
    ]),
);

export function idOf(name: string): string {
  const { $id } = schemas.get(name) ?? {};
  if ($id === undefined) throw new Error(`there is no schema docs/schema/${name}.json`);
  return $id;
}

// That they are schemas is tested once.
const ajv = new Ajv2020({ allowUnionTypes: true, validateSchema: false });
for (const schema of schemas.values()) ajv.addSchema(schema);

/** What is wrong with a document; `null`: nothing. */
export function problemOf(name: string, document: unknown): string | null {
  const validate = ajv.getSchema(idOf(name));
  if (validate === undefined) throw new Error(`${name} is not known to the validator`);
  return validate(document) ? null : deepest(validate.errors ?? []);
}

/** Of alternatives, that which fits furthest is most likely the one that was meant. */
function deepest(errors: readonly ErrorObject[]): string {
  const depth = ({ instancePath }: ErrorObject): number => instancePath.split('/').length;
  const most = Math.max(...errors.map(depth));
  return errors
    .filter((error) => depth(error) === most)
    .map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    )
    .join('\n');
}
