/**
 * Shapes: how typed values become plain CBOR tuples, and how bytes from outside become typed values or an error.
 *
 * A struct travels as `[field, …]` in declared order, a variant of a union as `[type, field, …]`. Decoding checks every
 * field, so that whatever arrives on a socket or stands in a file is either what its type says or a
 * {@link ShapeError}; nothing half-checked gets in.
 */
import { isByteString, type Key } from './key.js';
import { keyBytesMax, valueBytesMax } from './limits.js';
import type { Level } from './operation.js';
import type { Version } from './version.js';

export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

export interface Shape<T> {
  toWire(value: T): unknown;
  /** Throws {@link ShapeError} when `raw` is not of this shape. */
  fromWire(raw: unknown): T;
}

/** A value that travels as it is, once `accepts` has said so. */
function plain<T>(name: string, accepts: (raw: unknown) => boolean): Shape<T> {
  return {
    toWire: (value) => value,
    fromWire(raw) {
      if (!accepts(raw)) throw new ShapeError(`expected ${name}, got ${describe(raw)}`);
      return raw as T;
    },
  };
}

export const number: Shape<number> = plain('a finite number', (raw) => Number.isFinite(raw));
/** A whole number from 0 to 2^53 - 1. */
export const count: Shape<number> = plain(
  'a whole number',
  (raw) => Number.isSafeInteger(raw) && (raw as number) >= 0,
);
export const boolean: Shape<boolean> = plain('true or false', (raw) => typeof raw === 'boolean');
export const text: Shape<string> = plain('text', (raw) => typeof raw === 'string');
export const value: Shape<Uint8Array> = plain(
  `bytes, at most ${valueBytesMax}`,
  (raw) => raw instanceof Uint8Array && raw.length <= valueBytesMax,
);
export const key: Shape<Key> = plain(
  `a key of 1 to ${keyBytesMax} bytes`,
  (raw) =>
    typeof raw === 'string' && raw.length >= 1 && raw.length <= keyBytesMax && isByteString(raw),
);
/** Which levels a mode has, the mode says; here only that it is a name or a small number. */
export const level: Shape<Level> = plain(
  'a level',
  (raw) =>
    (typeof raw === 'string' && raw.length <= 32) ||
    (Number.isSafeInteger(raw) && (raw as number) >= 0),
);

/** One of a closed set of words. */
export function oneOf<const T extends string>(...words: readonly T[]): Shape<T> {
  return plain(`one of ${words.join(', ')}`, (raw) => words.includes(raw as T));
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return {
    toWire: (value) => (value === null ? null : shape.toWire(value)),
    fromWire: (raw) => (raw === null || raw === undefined ? null : shape.fromWire(raw)),
  };
}

export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
  return {
    toWire: (items) => items.map((item) => shape.toWire(item)),
    fromWire(raw) {
      if (!Array.isArray(raw)) throw new ShapeError(`expected a list, got ${describe(raw)}`);
      return raw.map((item) => shape.fromWire(item));
    },
  };
}

export function pair<A, B>(first: Shape<A>, second: Shape<B>): Shape<readonly [A, B]> {
  return {
    toWire: ([a, b]) => [first.toWire(a), second.toWire(b)],
    fromWire(raw) {
      if (!Array.isArray(raw) || raw.length !== 2)
        throw new ShapeError(`expected a pair, got ${describe(raw)}`);
      return [first.fromWire(raw[0]), second.fromWire(raw[1])];
    },
  };
}

type Fields<T> = { readonly [K in keyof T]-?: Shape<T[K]> };

export function struct<T extends object>(fields: Fields<T>): Shape<T> {
  const body = new Body(fields as Fields<object>);
  return {
    toWire: (value) => body.write(value, []),
    fromWire(raw) {
      if (!Array.isArray(raw)) throw new ShapeError(`expected a tuple, got ${describe(raw)}`);
      return body.read(raw, 0, {}) as T;
    },
  };
}

/** The fields of each variant of `U`, its `type` left out. */
export type Variants<U extends { readonly type: string }> = {
  readonly [T in U['type']]: Fields<Omit<Extract<U, { readonly type: T }>, 'type'>>;
};

export function union<U extends { readonly type: string }>(variants: Variants<U>): Shape<U> {
  const bodies = new Map<string, Body>();
  for (const [type, fields] of Object.entries(variants))
    bodies.set(type, new Body(fields as Fields<object>));
  return {
    toWire(value) {
      const body = bodies.get(value.type);
      if (body === undefined) throw new ShapeError(`unknown type ${describe(value.type)}`);
      return body.write(value, [value.type]);
    },
    fromWire(raw) {
      if (!Array.isArray(raw)) throw new ShapeError(`expected a tuple, got ${describe(raw)}`);
      const type: unknown = raw[0];
      const body = typeof type === 'string' ? bodies.get(type) : undefined;
      if (body === undefined) throw new ShapeError(`unknown type ${describe(type)}`);
      return body.read(raw, 1, { type }) as U;
    },
  };
}

/** The named fields of a struct or variant, in declared order. */
class Body {
  readonly #names: readonly string[];
  readonly #shapes: readonly Shape<unknown>[];

  constructor(fields: Fields<object>) {
    this.#names = Object.keys(fields);
    this.#shapes = Object.values(fields) as Shape<unknown>[];
  }

  write(value: object, tuple: unknown[]): unknown[] {
    const source = value as Record<string, unknown>;
    for (let at = 0; at < this.#names.length; at++) {
      tuple.push((this.#shapes[at] as Shape<unknown>).toWire(source[this.#names[at] as string]));
    }
    return tuple;
  }

  read(tuple: readonly unknown[], offset: number, target: Record<string, unknown>): object {
    if (tuple.length !== this.#names.length + offset) {
      throw new ShapeError(`expected ${this.#names.length} fields, got ${tuple.length - offset}`);
    }
    for (let at = 0; at < this.#names.length; at++) {
      target[this.#names[at] as string] = (this.#shapes[at] as Shape<unknown>).fromWire(
        tuple[at + offset],
      );
    }
    return target;
  }
}

export const version: Shape<Version> = struct<Version>({ stamp: count, node: text });

function describe(raw: unknown): string {
  if (raw === null) return 'null';
  if (Array.isArray(raw)) return `a list of ${raw.length}`;
  if (raw instanceof Uint8Array) return `${raw.length} bytes`;
  if (typeof raw === 'string')
    return JSON.stringify(raw.length > 40 ? `${raw.slice(0, 40)}…` : raw);
  if (typeof raw === 'number' || typeof raw === 'boolean') return String(raw);
  return typeof raw;
}
