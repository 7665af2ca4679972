/**
 * Shapes: how typed values become plain CBOR tuples, and how bytes from outside become typed values or an error.
 *
 * A struct travels as `[field, …]` in declared order, a variant of a union as `[type, field, …]`. Decoding checks every
 * field, so that whatever arrives on a socket or stands in a file is either what its type says or a
 * {@link ShapeError}; nothing half-checked gets in.
 */
import { isByteString, type Key } from './key.js';
import { keyBytesMax, nameCharsMax, textCharsMax, timerMsMax, valueBytesMax } from './limits.js';
import { printableLines, show } from './show.js';
import type { Version } from './version.js';

export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** Takes a tuple item by item. */
export interface TupleSink {
  /** The next `length` items are those of a list. */
  list(length: number): void;
  /** What needs no shape, as it is. */
  item(value: unknown): void;
}

export interface Shape<T> {
  toWire(value: T): unknown;
  /** Writes what `toWire` would give. */
  write(value: T, sink: TupleSink): void;
  /** Throws {@link ShapeError} when `raw` is not of this shape. */
  fromWire(raw: unknown): T;
  /** Of the numbers in a value that are marked as `counted`; absent where none is. */
  greatest?(value: T): number;
  /** Of a union: the types there are. */
  readonly types?: readonly string[];
}

/** The type of what a shape describes: what travels is written down once. */
export type Shaped<S> = S extends Shape<infer T> ? Readonly<T> : never;

/** A value that travels as it is, once `accepts` has said so. */
export function plain<T>(name: string, accepts: (raw: unknown) => boolean): Shape<T> {
  return {
    toWire: (value) => value,
    write: (value, sink) => sink.item(value),
    fromWire(raw) {
      if (!accepts(raw)) throw new ShapeError(`expected ${name}, got ${show(raw)}`);
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
/** A place in a table of less than so many: what is worked out from it travels as well. */
export function below(limit: number): Shape<number> {
  return plain(
    `a whole number below ${limit}`,
    (raw) => Number.isSafeInteger(raw) && (raw as number) >= 0 && (raw as number) < limit,
  );
}
/** A probability. */
export const chance: Shape<number> = plain(
  'a number from 0 to 1',
  (raw) => typeof raw === 'number' && raw >= 0 && raw <= 1,
);

export const boolean: Shape<boolean> = plain('true or false', (raw) => typeof raw === 'boolean');
/** A time-out or delay in milliseconds, such as timers hold. */
export const duration: Shape<number> = plain(
  `a time of at most ${timerMsMax} ms`,
  (raw) => typeof raw === 'number' && raw >= 0 && raw <= timerMsMax,
);
/** What people read: messages, roles. A terminal will show it, so what it would obey comes in as an escape. */
export const text: Shape<string> = {
  toWire: (value) => value,
  write: (value, sink) => sink.item(value),
  fromWire(raw) {
    if (typeof raw !== 'string' || raw.length > textCharsMax)
      throw new ShapeError(`expected text of at most ${textCharsMax} characters, got ${show(raw)}`);
    return printableLines(raw);
  },
};
/** Of a node or a client: what may stand in tables, files and logs. Empty where there is none yet. */
export const name: Shape<string> = plain(
  `a name of at most ${nameCharsMax} letters, digits and signs`,
  isName,
);
export const value: Shape<Uint8Array> = plain(
  `bytes, at most ${valueBytesMax}`,
  (raw) => raw instanceof Uint8Array && raw.length <= valueBytesMax,
);
export const key: Shape<Key> = plain(
  `a key of 1 to ${keyBytesMax} bytes`,
  (raw) =>
    typeof raw === 'string' && raw.length >= 1 && raw.length <= keyBytesMax && isByteString(raw),
);
function isName(raw: unknown): boolean {
  if (typeof raw !== 'string' || raw.length > nameCharsMax) return false;
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f) return false;
  }
  return true;
}

/** One of a closed set of words. */
export function oneOf<const T extends string>(...words: readonly T[]): Shape<T> {
  return plain(`one of ${words.join(', ')}`, (raw) => words.includes(raw as T));
}

/**
 * Marks a number that whoever takes it goes on counting from: see `number-bound.ts`. `times`: for how many of the numbers that
 * have a bound each of these stands.
 */
export function counted(shape: Shape<number>, times = 1): Shape<number> {
  return { ...shape, greatest: (value) => value * times };
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  const { greatest } = shape;
  return {
    toWire: (value) => (value === null ? null : shape.toWire(value)),
    write(value, sink) {
      if (value === null) sink.item(null);
      else shape.write(value, sink);
    },
    fromWire: (raw) => (raw === null || raw === undefined ? null : shape.fromWire(raw)),
    ...(greatest && { greatest: (value) => (value === null ? 0 : greatest(value)) }),
  };
}

/** Travels as `null` when it is absent. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  const { toWire, write, fromWire } = nullable(shape);
  return {
    toWire: (value) => toWire(value ?? null),
    write: (value, sink) => write(value ?? null, sink),
    fromWire: (raw) => fromWire(raw) ?? undefined,
  };
}

export function list<T>(
  shape: Shape<T>,
  lengthMax = Number.POSITIVE_INFINITY,
): Shape<readonly T[]> {
  const { greatest } = shape;
  return {
    toWire: (items) => items.map((item) => shape.toWire(item)),
    write(items, sink) {
      sink.list(items.length);
      for (let at = 0; at < items.length; at++) shape.write(items[at] as T, sink);
    },
    fromWire(raw) {
      if (!Array.isArray(raw)) throw new ShapeError(`expected a list, got ${show(raw)}`);
      if (raw.length > lengthMax)
        throw new ShapeError(`expected at most ${lengthMax} items, got ${raw.length}`);
      return raw.map((item) => shape.fromWire(item));
    },
    ...(greatest && {
      greatest(items) {
        let most = 0;
        for (let at = 0; at < items.length; at++) {
          const number = greatest(items[at] as T);
          if (number > most) most = number;
        }
        return most;
      },
    }),
  };
}

export function pair<A, B>(first: Shape<A>, second: Shape<B>): Shape<readonly [A, B]> {
  return {
    toWire: ([a, b]) => [first.toWire(a), second.toWire(b)],
    write([a, b], sink) {
      sink.list(2);
      first.write(a, sink);
      second.write(b, sink);
    },
    fromWire(raw) {
      if (!Array.isArray(raw) || raw.length !== 2)
        throw new ShapeError(`expected a pair, got ${show(raw)}`);
      return [first.fromWire(raw[0]), second.fromWire(raw[1])];
    },
    ...((first.greatest ?? second.greatest) && {
      greatest: ([a, b]) => Math.max(first.greatest?.(a) ?? 0, second.greatest?.(b) ?? 0),
    }),
  };
}

type Fields<T> = { readonly [K in keyof T]-?: Shape<T[K]> };

type AnyFields = Readonly<Record<string, Shape<unknown>>>;

export function struct<T extends object>(fields: Fields<T>): Shape<T> {
  const body = new Body(fields as Fields<object>);
  return {
    toWire: (value) => body.tuple(value, []),
    write: (value, sink) => body.write(value, sink),
    fromWire(raw) {
      if (!Array.isArray(raw)) throw new ShapeError(`expected a tuple, got ${show(raw)}`);
      return body.read(raw, 0) as T;
    },
    ...(body.isCounted && { greatest: (value) => body.greatest(value) }),
  };
}

/** Of which any field may be absent. */
export function partial<T extends object>(fields: Fields<T>): Shape<Partial<T>> {
  const shapes = Object.entries(fields) as [string, Shape<unknown>][];
  const whole = struct<object>(
    Object.fromEntries(shapes.map(([name, shape]) => [name, nullable(shape)])),
  );
  return {
    toWire: (value: Readonly<Record<string, unknown>>) =>
      shapes.map(([name, shape]) => (value[name] === undefined ? null : shape.toWire(value[name]))),
    write(value: Readonly<Record<string, unknown>>, sink) {
      sink.list(shapes.length);
      for (const [name, shape] of shapes) {
        if (value[name] === undefined) sink.item(null);
        else shape.write(value[name], sink);
      }
    },
    fromWire: (raw) =>
      Object.fromEntries(
        Object.entries(whole.fromWire(raw)).filter(([, value]) => value !== null),
      ) as Partial<T>,
  };
}

/** The fields of each variant of `U`, its `type` left out. */
export type Variants<U extends { readonly type: string }> = {
  readonly [T in U['type']]: Fields<Omit<Extract<U, { readonly type: T }>, 'type'>>;
};

/** The union that such variants describe. */
export type OneOf<V> = {
  [T in keyof V]: { readonly type: T } & {
    readonly [K in keyof V[T]]: V[T][K] extends Shape<infer F> ? F : never;
  };
}[keyof V];

export function union<V extends Readonly<Record<string, AnyFields>>>(variants: V): Shape<OneOf<V>>;
export function union<U extends { readonly type: string }>(variants: Variants<U>): Shape<U>;
export function union(variants: Readonly<Record<string, AnyFields>>): Shape<{ type: string }> {
  const bodies = new Map<string, Body>();
  for (const [type, fields] of Object.entries(variants)) bodies.set(type, new Body(fields, type));
  return {
    types: [...bodies.keys()],
    toWire(value) {
      const body = bodies.get(value.type);
      if (body === undefined) throw new ShapeError(`unknown type ${show(value.type)}`);
      return body.tuple(value, [value.type]);
    },
    write(value, sink) {
      const body = bodies.get(value.type);
      if (body === undefined) throw new ShapeError(`unknown type ${show(value.type)}`);
      body.write(value, sink);
    },
    fromWire(raw) {
      if (!Array.isArray(raw)) throw new ShapeError(`expected a tuple, got ${show(raw)}`);
      const type: unknown = raw[0];
      const body = typeof type === 'string' ? bodies.get(type) : undefined;
      if (body === undefined) throw new ShapeError(`unknown type ${show(type)}`);
      return body.read(raw, 1) as { type: string };
    },
    ...([...bodies.values()].some((body) => body.isCounted) && {
      greatest: (value) => bodies.get(value.type)?.greatest(value) ?? 0,
    }),
  };
}

type CountedField = readonly [name: string, greatest: (value: unknown) => number];

/** The named fields of a struct or variant, in declared order. */
class Body {
  readonly #type: string | null;
  readonly #names: readonly string[];
  readonly #shapes: readonly Shape<unknown>[];
  readonly #counted: readonly CountedField[];

  constructor(fields: Fields<object>, type: string | null = null) {
    this.#type = type;
    this.#names = Object.keys(fields);
    this.#shapes = Object.values(fields) as Shape<unknown>[];
    this.#counted = this.#shapes.flatMap(({ greatest }, at) =>
      greatest === undefined ? [] : [[this.#names[at] as string, greatest] as const],
    );
  }

  get isCounted(): boolean {
    return this.#counted.length > 0;
  }

  greatest(value: object): number {
    const source = value as Record<string, unknown>;
    let most = 0;
    for (let at = 0; at < this.#counted.length; at++) {
      const [name, greatest] = this.#counted[at] as CountedField;
      const number = greatest(source[name]);
      if (number > most) most = number;
    }
    return most;
  }

  write(value: object, sink: TupleSink): void {
    const source = value as Record<string, unknown>;
    const { length } = this.#names;
    if (this.#type === null) sink.list(length);
    else {
      sink.list(length + 1);
      sink.item(this.#type);
    }
    for (let at = 0; at < length; at++) {
      (this.#shapes[at] as Shape<unknown>).write(source[this.#names[at] as string], sink);
    }
  }

  tuple(value: object, tuple: unknown[]): unknown[] {
    const source = value as Record<string, unknown>;
    for (let at = 0; at < this.#names.length; at++) {
      tuple.push((this.#shapes[at] as Shape<unknown>).toWire(source[this.#names[at] as string]));
    }
    return tuple;
  }

  read(tuple: readonly unknown[], offset: number): object {
    if (tuple.length !== this.#names.length + offset) {
      throw new ShapeError(`expected ${this.#names.length} fields, got ${tuple.length - offset}`);
    }
    // Empty at first: V8 gives that room for four fields, and an object with fields none for more. And the type is one string
    // for all, not the one that this tuple brought.
    const target: Record<string, unknown> = {};
    if (this.#type !== null) target['type'] = this.#type;
    for (let at = 0; at < this.#names.length; at++) {
      target[this.#names[at] as string] = (this.#shapes[at] as Shape<unknown>).fromWire(
        tuple[at + offset],
      );
    }
    return target;
  }
}

export const version: Shape<Version> = struct<Version>({ stamp: count, node: name });
