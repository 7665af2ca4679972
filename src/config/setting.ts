import type { Place } from './problem.js';

/** One word of a configuration and what was said about it, wherever that was. */
export interface Setting {
  readonly name: string;
  /** Plain data: what YAML gives, or a flag's text. */
  readonly value: unknown;
  /** Where the name stands. */
  readonly namePlace: Place;
  /** Where the value stands, or the part of it that a path of indexes and keys leads to. */
  placeOf(path?: readonly (string | number)[]): Place;
}

export function flagSetting(name: string, value: unknown, flag: string): Setting {
  const place = { source: flag };
  return { name, value, namePlace: place, placeOf: () => place };
}
