/**
 * Shapes: how typed values are written as tuples, and how what comes from outside is read as typed values or refused.
 *
 * A struct travels as `[field, …]` in declared order, a variant of a union as `[type, field, …]`. Neither way is any tuple
 * made: a shape says item by item what it has, and asks item by item for what it wants. Reading checks every field, so that
 * whatever arrives on a socket or stands in a file is either what its type says or a {@link ShapeError}; nothing half-checked
 * gets in.
 */
import { isByteString, type Key } from './key.js';
import { keyBytesMax, nameCharsMax, textCharsMax, timerMsMax, valueBytesMax } from './limits.js';
import { type Shape, ShapeError, type Source } from './shape.js';
import { Body } from './shape-body.js';
import { printableLines, show } from './show.js';
import type { Version } from './version.js';
import { WordTable } from './word-table.js';

export { type Packed, type Shape, ShapeError, type Sink, type Source } from './shape.js';

/** Of a value that travels as it is. */
export interface PlainShape<T> extends Shape<T> {
  /** The value; throws {@link ShapeError} when `raw` is none. */
  take(raw: unknown): T;
}

/** The type of what a shape describes: what travels is written down once. */
export type Shaped<S> = S extends Shape<infer T> ? Readonly<T> : never;

/** A value that travels as it is, once `accepts` has said so. */
export function plain<T>(name: string, accepts: (raw: unknown) => boolean): PlainShape<T> {
  const take = (raw: unknown): T => {
    if (!accepts(raw)) throw new ShapeError(`expected ${name}, got ${show(raw)}`);
    return raw as T;
  };
  return {
    take,
    write: (value, sink) => sink.item(value),
    read: (source) => take(source.item()),
  };
}

export const number: PlainShape<number> = plain('a finite number', (raw) => Number.isFinite(raw));

const wholeNumber = plain<number>(
  'a whole number',
  (raw) => Number.isSafeInteger(raw) && (raw as number) >= 0,
);
/** A whole number from 0 to 2^53 - 1. */
export const count: PlainShape<number> = {
  ...wholeNumber,
  read(source) {
    const number = source.count();
    return number >= 0 ? number : wholeNumber.take(source.item());
  },
};
/** A place in a table of less than so many: what is worked out from it travels as well. */
export function below(limit: number): PlainShape<number> {
  return plain(
    `a whole number below ${limit}`,
    (raw) => Number.isSafeInteger(raw) && (raw as number) >= 0 && (raw as number) < limit,
  );
}
/** A probability. */
export const chance: PlainShape<number> = plain(
  'a number from 0 to 1',
  (raw) => typeof raw === 'number' && raw >= 0 && raw <= 1,
);

export const boolean: PlainShape<boolean> = plain(
  'true or false',
  (raw) => typeof raw === 'boolean',
);
/** A time-out or delay in milliseconds, such as timers hold. */
export const duration: PlainShape<number> = plain(
  `a time of at most ${timerMsMax} ms`,
  (raw) => typeof raw === 'number' && raw >= 0 && raw <= timerMsMax,
);
const boundedText = plain<string>(
  `text of at most ${textCharsMax} characters`,
  (raw) => typeof raw === 'string' && raw.length <= textCharsMax,
);
/** What people read: messages, roles. A terminal will show it, so what it would obey comes in as an escape. */
export const text: PlainShape<string> = {
  take: (raw) => printableLines(boundedText.take(raw)),
  write: (value, sink) => sink.item(value),
  read: (source) => text.take(source.item()),
};

const shortName = plain<string>(
  `a name of at most ${nameCharsMax} letters, digits and signs`,
  isName,
);
/** The same few come again and again: each is made once, and kept once wherever it is kept. */
const namesKnown = new WordTable<string>();
/** Of a node or a client: what may stand in tables, files and logs. Empty where there is none yet. */
export const name: PlainShape<string> = {
  ...shortName,
  read(source) {
    const known = source.find(namesKnown);
    if (known !== null) return known;
    const text = shortName.take(source.item());
    namesKnown.put(text, text);
    return text;
  },
};

const isValue = (raw: unknown): boolean => raw instanceof Uint8Array && raw.length <= valueBytesMax;
const boundedBytes = plain<Uint8Array>(`bytes, at most ${valueBytesMax}`, isValue);
export const value: PlainShape<Uint8Array> = {
  ...boundedBytes,
  read: (source) => boundedBytes.take(source.bytes() ?? source.item()),
};
const boundedKey = plain<Key>(
  `a key of 1 to ${keyBytesMax} bytes`,
  (raw) =>
    typeof raw === 'string' && raw.length >= 1 && raw.length <= keyBytesMax && isByteString(raw),
);
export const key: PlainShape<Key> = {
  ...boundedKey,
  read: (source) => boundedKey.take(source.text() ?? source.item()),
};
function isName(raw: unknown): boolean {
  if (typeof raw !== 'string' || raw.length > nameCharsMax) return false;
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f) return false;
  }
  return true;
}

/** One of a closed set of words. */
export function oneOf<const T extends string>(...words: readonly T[]): PlainShape<T> {
  const entries = words.map((word) => [word, word] as const);
  // Made at its first use, as many never have one in a process.
  let table: WordTable<T> | null = null;
  const shape = plain<T>(`one of ${words.join(', ')}`, (raw) => words.includes(raw as T));
  return {
    ...shape,
    read(source) {
      table ??= WordTable.of(entries);
      return source.find(table) ?? shape.take(source.item());
    },
  };
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
    write(value, sink) {
      if (value === null) sink.item(null);
      else shape.write(value, sink);
    },
    read: (source) => (source.nothing() ? null : shape.read(source)),
    ...(greatest && { greatest: (value) => (value === null ? 0 : greatest(value)) }),
  };
}

/** Travels as `null` when it is absent. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  const { write, read } = nullable(shape);
  return {
    write: (value, sink) => write(value ?? null, sink),
    read: (source) => read(source) ?? undefined,
  };
}

/** The length of a list that must come; refuses anything else. */
function listLength(source: Source, expected: string): number {
  const length = source.list();
  if (length < 0) throw new ShapeError(`expected ${expected}, got ${show(source.item())}`);
  return length;
}

export function list<T>(
  shape: Shape<T>,
  lengthMax = Number.POSITIVE_INFINITY,
): Shape<readonly T[]> {
  const { greatest } = shape;
  return {
    write(items, sink) {
      sink.list(items.length);
      for (let at = 0; at < items.length; at++) shape.write(items[at] as T, sink);
    },
    read(source) {
      const length = listLength(source, 'a list');
      if (length > lengthMax)
        throw new ShapeError(`expected at most ${lengthMax} items, got ${length}`);
      const items = new Array<T>(length);
      for (let at = 0; at < length; at++) items[at] = shape.read(source);
      return items;
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
    write([a, b], sink) {
      sink.list(2);
      first.write(a, sink);
      second.write(b, sink);
    },
    read(source) {
      const length = listLength(source, 'a pair');
      if (length !== 2) throw new ShapeError(`expected a pair, got a list of ${length}`);
      return [first.read(source), second.read(source)];
    },
    ...((first.greatest ?? second.greatest) && {
      greatest: ([a, b]) => Math.max(first.greatest?.(a) ?? 0, second.greatest?.(b) ?? 0),
    }),
  };
}

type Fields<T> = { readonly [K in keyof T]-?: Shape<T[K]> };

type AnyFields = Readonly<Record<string, Shape<unknown>>>;

export function struct<T extends object>(fields: Fields<T>): Shape<T> {
  const body = new Body(fields as AnyFields, null);
  return {
    write: (value, sink) => body.write(value, sink),
    read: (source) => body.read(source, listLength(source, 'a tuple')) as T,
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
    write(value: Readonly<Record<string, unknown>>, sink) {
      sink.list(shapes.length);
      for (const [name, shape] of shapes) {
        if (value[name] === undefined) sink.item(null);
        else shape.write(value[name], sink);
      }
    },
    read: (source) =>
      Object.fromEntries(
        Object.entries(whole.read(source)).filter(([, value]) => value !== null),
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
  let table: WordTable<Body> | null = null;
  return {
    types: [...bodies.keys()],
    write(value, sink) {
      const body = bodies.get(value.type);
      if (body === undefined) throw new ShapeError(`unknown type ${show(value.type)}`);
      body.write(value, sink);
    },
    read(source) {
      const length = listLength(source, 'a tuple');
      table ??= WordTable.of([...bodies]);
      const body = length === 0 ? null : source.find(table);
      if (body !== null) return body.read(source, length - 1) as { type: string };
      throw new ShapeError(`unknown type ${show(length === 0 ? undefined : source.item())}`);
    },
    ...([...bodies.values()].some((body) => body.isCounted) && {
      greatest: (value) => bodies.get(value.type)?.greatest(value) ?? 0,
    }),
  };
}

export const version: Shape<Version> = struct<Version>({ stamp: count, node: name });
