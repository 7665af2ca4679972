/** Flags of operations as oclif has them. */
import type { Interfaces } from '@oclif/core';
import * as Flags from '@oclif/core/flags';
import type { FlagKind, FlagSpec } from '../operations/arguments.js';

const helpValues: { readonly [K in FlagKind]?: string } = {
  ...{ level: 'LEVEL', node: 'NODE', duration: 'TIME', session: 'NAME' },
  ...{ guarantees: 'LIST', count: 'COUNT' },
};

/** Every flag can also be set in the environment, save those that take something away. */
export const envOf = (name: string): string => `KVX_${name.toUpperCase().replaceAll('-', '_')}`;

export function oclifFlags(specs: readonly FlagSpec[]): Interfaces.FlagInput {
  return Object.fromEntries(specs.map((spec) => [spec.name, oclifFlag(spec)]));
}

function oclifFlag(spec: FlagSpec): Interfaces.FlagInput[string] {
  const { name, char, kind, description, helpValue = helpValues[kind], multiple, typedOnly } = spec;
  const common = {
    description,
    ...(char === undefined ? {} : { char: char as Interfaces.AlphabetLowercase }),
    ...(typedOnly ? {} : { env: envOf(name) }),
  };
  if (kind === 'switch') return Flags.boolean(common);
  const valued = { ...common, ...(helpValue === undefined ? {} : { helpValue }) };
  const { min, max = Number.MAX_SAFE_INTEGER } = spec;
  if (min !== undefined) return Flags.integer({ ...valued, min, max });
  const list = { multiple: true, multipleNonGreedy: true, delimiter: ',' } as const;
  if (multiple) return Flags.string({ ...valued, ...list });
  return Flags.string(spec.default === undefined ? valued : { ...valued, default: spec.default });
}
