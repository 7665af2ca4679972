/** What of the schemas documents meet: each property, each alternative, each word. What none meets may be no longer true. */
import { countedNames } from '../../src/bench/plan.js';
import { measuredNames } from '../../src/bench/thresholds.js';
import { loadNames } from '../../src/bench/workloads.js';
import { modelNames } from '../../src/check/models.js';
import { errorCodes } from '../../src/core/errors.js';
import { exitCodes } from '../../src/render/failure.js';
import { targetRuntimes } from '../../src/targets/target.js';
import { idOf, type Schema, schemas } from './schemas.js';

const byId = new Map([...schemas.values()].map((schema) => [schema.$id ?? '', schema]));

/** A part of a schema, and where it stands: the id of the file, then a JSON pointer. */
interface Part {
  readonly at: string;
  readonly schema: Schema;
}

function inside(part: Part, ...steps: readonly (string | number)[]): Part {
  const into = (schema: unknown, step: string | number) =>
    (schema as Readonly<Record<string, unknown>>)[step];
  const names = steps.map((step) => `${step}`.replaceAll('~', '~0').replaceAll('/', '~1'));
  return { at: [part.at, ...names].join('/'), schema: steps.reduce(into, part.schema) as Schema };
}

const rootOf = (id: string): Part => {
  const schema = byId.get(id);
  if (schema === undefined) throw new Error(`there is no schema ${id}`);
  return { at: `${id}#`, schema };
};

function referred({ at }: Part, ref: string): Part {
  const [id = '', pointer = ''] = ref.split('#');
  const root = rootOf(id === '' ? (at.split('#', 1)[0] as string) : id);
  return inside(root, ...pointer.split('/').slice(1));
}

function partsOf(part: Part): Part[] {
  const { anyOf = [], prefixItems = [], items, properties = {} } = part.schema;
  const { additionalProperties, $defs = {} } = part.schema;
  return [
    ...[...anyOf.keys()].map((index) => inside(part, 'anyOf', index)),
    ...[...prefixItems.keys()].map((index) => inside(part, 'prefixItems', index)),
    ...Object.keys(properties).map((name) => inside(part, 'properties', name)),
    ...Object.keys($defs).map((name) => inside(part, '$defs', name)),
    ...(typeof items === 'object' ? [inside(part, 'items')] : []),
    ...(typeof additionalProperties === 'object' ? [inside(part, 'additionalProperties')] : []),
  ];
}

const typesOf = ({ type = [] }: Schema): readonly string[] => [type].flat();

/** Whose words come from a table of the product, which `schemas.test.ts` compares: not each of them needs a document. */
export const tables: Readonly<Record<string, readonly unknown[]>> = {
  'common:1#/$defs/model': modelNames,
  'common:1#/$defs/errorCode': errorCodes,
  'common:1#/$defs/exitCode': Object.values(exitCodes),
  'common:1#/$defs/runtime': targetRuntimes,
  'common:1#/$defs/operationName': measuredNames,
  'bench:1#/anyOf/0/properties/plan/properties/workload': [...countedNames, ...loadNames, 'mixed'],
};

/** Of a part alone: that it is met, with each of its words and of its types. */
function ownPoints({ at, schema }: Part): string[] {
  const types = typesOf(schema);
  const words = at.replace('urn:kvx:schema:', '') in tables ? [] : (schema.enum ?? []);
  return [
    at,
    ...words.map((word) => `${at} = ${JSON.stringify(word)}`),
    ...(types.length > 1 ? types.map((type) => `${at} is ${type}`) : []),
  ];
}

function allOf(part: Part): string[] {
  const own = part.at.endsWith('#') ? [] : ownPoints(part);
  return [...own, ...partsOf(part).flatMap(allOf)];
}

/** All that there are. */
export const allPoints = (): string[] => [...byId.keys()].flatMap((id) => allOf(rootOf(id)));

/** Those that a valid document meets. */
export function pointsMet(name: string, document: unknown): Set<string> {
  const met = new Set<string>();
  meet(rootOf(idOf(name)), document, met);
  return met;
}

function meet(part: Part, value: unknown, met: Set<string>): void {
  const { schema, at } = part;
  met.add(at);
  if (schema.enum !== undefined) met.add(`${at} = ${JSON.stringify(value)}`);
  for (const type of typesOf(schema)) if (isType(type, value)) met.add(`${at} is ${type}`);
  if (schema.$ref !== undefined) meet(referred(part, schema.$ref), value, met);
  for (const index of (schema.anyOf ?? []).keys()) {
    const one = inside(part, 'anyOf', index);
    if (fits(one, value)) meet(one, value, met);
  }
  for (const [step, each] of childrenOf(value)) {
    const child = childAt(part, step);
    if (child !== null) meet(child, each, met);
  }
}

function childrenOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return [...value.entries()];
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** What a property or an item is to be; `null`: anything. */
function childAt(part: Part, step: string | number): Part | null {
  const { prefixItems = [], items, properties = {}, additionalProperties } = part.schema;
  if (typeof step === 'number') {
    if (step < prefixItems.length) return inside(part, 'prefixItems', step);
    return typeof items === 'object' ? inside(part, 'items') : null;
  }
  if (Object.hasOwn(properties, step)) return inside(part, 'properties', step);
  return typeof additionalProperties === 'object' ? inside(part, 'additionalProperties') : null;
}

function isType(type: string, value: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type && value !== null && !Array.isArray(value);
}

/** Which of the alternatives of a valid document it is: as far as that takes. */
function fits(part: Part, value: unknown): boolean {
  const { schema } = part;
  const { anyOf = [], $ref } = schema;
  const types = typesOf(schema);
  if (types.length > 0 && !types.some((type) => isType(type, value))) return false;
  if ('const' in schema && schema.const !== value) return false;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return false;
  if ($ref !== undefined && !fits(referred(part, $ref), value)) return false;
  const alternatives = [...anyOf.keys()].map((index) => inside(part, 'anyOf', index));
  if (alternatives.length > 0 && !alternatives.some((one) => fits(one, value))) return false;
  if (isType('object', value) && !fitsNames(schema, value as object)) return false;
  return childrenOf(value).every(([step, each]) => {
    const child = childAt(part, step);
    return child === null || fits(child, each);
  });
}

function fitsNames(schema: Schema, value: object): boolean {
  const { required = [], properties = {}, additionalProperties } = schema;
  if (!required.every((name) => Object.hasOwn(value, name))) return false;
  const names = Object.keys(value);
  return additionalProperties !== false || names.every((name) => Object.hasOwn(properties, name));
}
