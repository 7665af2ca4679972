/** The state of a node as a text: equal texts, equal states. */
import { hash32 } from '../../core/hash.js';
import type { NodeId } from '../../core/ids.js';

/** Sees what objects keep to themselves. */
export interface ObjectReader {
  hidden(
    objects: readonly object[],
  ): ReadonlyMap<object, readonly (readonly [name: string, value: unknown])[]>;
}

type Hidden = Map<object, readonly (readonly [name: string, value: unknown])[]>;

export class StateTexts {
  readonly #reader: ObjectReader;
  readonly #nodes: ReadonlySet<unknown>;
  /** No state: what is the same for every node at all times. */
  readonly #constants: ReadonlySet<unknown>;

  constructor(reader: ObjectReader, nodes: readonly NodeId[], constants: readonly object[]) {
    this.#reader = reader;
    this.#nodes = new Set(nodes);
    this.#constants = new Set([nodes, ...this.#reach(constants, () => false).keys()]);
  }

  hidden(object: object, name: string): unknown {
    return this.#reader
      .hidden([object])
      .get(object)
      ?.find(([each]) => each === name)?.[1];
  }

  /**
   * All that can be reached from `root`, but not by way of `others`. `wiring`: nor by way of functions, which are there to
   * connect the parts.
   */
  textOf(root: object, others: readonly unknown[], functions: 'state' | 'wiring'): string {
    const outside = new Set(others);
    const isOutside = (value: unknown) =>
      this.#constants.has(value) ||
      outside.has(value) ||
      (functions === 'wiring' && typeof value === 'function');
    return new Writer(this.#reach([root], isOutside), this.#nodes, isOutside).textOf(root);
  }

  #reach(roots: readonly object[], isOutside: (value: unknown) => boolean): Hidden {
    const hidden: Hidden = new Map();
    const seen = new Set<unknown>();
    let level: object[] = [];
    const come = (value: unknown): void => {
      if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return;
      if (seen.has(value) || isOutside(value)) return;
      seen.add(value);
      level.push(value);
    };
    for (const root of roots) come(root);
    while (level.length > 0) {
      const found = this.#reader.hidden(level);
      const these = level;
      level = [];
      for (const each of these) {
        const members = found.get(each) ?? [];
        hidden.set(each, members);
        for (const [, value] of members) come(value);
        for (const value of partsOf(each)) come(value);
      }
    }
    return hidden;
  }
}

/** 96 bits. */
export const stateDigest = (text: string): string =>
  [1, 2, 3].map((seed) => hash32(text, seed).toString(36)).join(' ');

function partsOf(object: object): Iterable<unknown> {
  if (typeof object === 'function' || ArrayBuffer.isView(object)) return [];
  if (Array.isArray(object)) return object;
  const own = Object.values(object);
  if (object instanceof Map) return [...own, ...[...object].flat()];
  return object instanceof Set ? [...own, ...object] : own;
}

class Writer {
  readonly #hidden: Hidden;
  readonly #nodes: ReadonlySet<unknown>;
  readonly #isOutside: (value: unknown) => boolean;
  readonly #numbers = new Map<object, number>();

  constructor(hidden: Hidden, nodes: ReadonlySet<unknown>, isOutside: (value: unknown) => boolean) {
    this.#hidden = hidden;
    this.#nodes = nodes;
    this.#isOutside = isOutside;
  }

  textOf(value: unknown): string {
    if (typeof value === 'string') return JSON.stringify(value);
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) {
      return Object.is(value, -0) ? '-0' : String(value);
    }
    if (this.#isOutside(value)) return '*';
    const known = this.#numbers.get(value);
    if (known !== undefined) return `@${known}`;
    this.#numbers.set(value, this.#numbers.size);
    return this.#textOfObject(value);
  }

  #textOfObject(object: object): string {
    if (ArrayBuffer.isView(object)) return `<${(object as Uint8Array).join()}>`;
    if (Array.isArray(object)) return `[${object.map((each) => this.textOf(each)).join()}]`;
    const own = typeof object === 'function' ? [] : Object.entries(object).sort(byFirst);
    const members = [...own, ...(this.#hidden.get(object) ?? [])];
    const parts = members.map(([name, value]) => `${name}:${this.textOf(value)}`);
    if (object instanceof Map) {
      const entries = this.#inOrder([...object], ([key]) => key);
      parts.push(...entries.map(([key, value]) => `${this.textOf(key)}=>${this.textOf(value)}`));
    } else if (object instanceof Set) {
      parts.push(...this.#inOrder([...object], (each) => each).map((each) => this.textOf(each)));
    }
    const { name } = typeof object === 'function' ? object : (object.constructor ?? { name: '' });
    return `${name}{${parts.join()}}`;
  }

  /** In which order nodes were heard of makes no difference. */
  #inOrder<T>(all: T[], nodeOf: (each: T) => unknown): T[] {
    if (!all.every((each) => this.#nodes.has(nodeOf(each)))) return all;
    return all.sort((one, other) => byFirst([nodeOf(one)], [nodeOf(other)]));
  }
}

function byFirst([one]: readonly unknown[], [other]: readonly unknown[]): number {
  return (one as string) < (other as string) ? -1 : 1;
}
