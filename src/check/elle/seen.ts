/** What each transaction saw of which keys, by whom: the terms in which atomic and causal reads are defined. */
import { atFirst, type Sources, undecided } from './sources.js';

/** A key that a transaction read from others. */
export interface Seen {
  readonly key: number;
  /** Whose version it was. */
  readonly source: number;
  /** Of a list: how many transactions of its chain had appended; else -1. */
  readonly blocks: number;
}

export class SeenKeys {
  readonly #sources: Sources;
  readonly #seen: Seen[][];
  /** By list: the place of each transaction in its chain. */
  readonly #places = new Map<number, ReadonlyMap<number, number>>();

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#seen = sources.live.map(() => []);
    for (const { by, key, source } of sources.reads) {
      if (source !== undecided) this.#add(by, { key, source, blocks: -1 });
    }
    for (const [key, reads] of sources.lists) {
      const order = sources.chains.get(key)?.order ?? [];
      this.#places.set(key, new Map(order.map((by, place) => [by, place])));
      for (const { by, blocks } of reads) {
        this.#add(by, { key, source: order[blocks - 1] ?? atFirst, blocks });
      }
    }
  }

  /** Who read a key twice saw the same, where any of this counts. */
  #add(by: number, seen: Seen): void {
    const own = this.#seen[by] as Seen[];
    if (own.every(({ key }) => key !== seen.key)) own.push(seen);
  }

  of(by: number): readonly Seen[] {
    return this.#seen[by] ?? [];
  }

  /** Those whose writes it saw: of a list, all that had appended to it. */
  writersSeen({ key, source, blocks }: Seen): readonly number[] {
    if (blocks >= 0) return this.#sources.chains.get(key)?.order.slice(0, blocks) ?? [];
    return source >= 0 ? [source] : [];
  }

  /** Whether what was read has the write of `writer` in it, or may have been written after it. */
  agrees(seen: Seen, writer: number): 'yes' | 'no' | 'if later' {
    if (writer === seen.source) return 'yes';
    if (seen.blocks >= 0) {
      const place = this.#places.get(seen.key)?.get(writer) ?? Number.POSITIVE_INFINITY;
      return place < seen.blocks ? 'yes' : 'no';
    }
    return seen.source === atFirst ? 'no' : 'if later';
  }
}
