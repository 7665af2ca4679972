import { describe, expect, it } from 'vitest';
import { textOfBytes } from '../core/bytes.js';
import { keyFromText } from '../core/key.js';
import type { ClientResult, Level, Operation } from '../core/operation.js';
import type { ReplicaView, StoredEntry } from '../core/replica.js';
import { encodeUtf8 } from '../core/utf8.js';
import type { Version } from '../core/version.js';
import type { Reply } from './outbox.js';
import { RequestSource } from './request-queue.js';
import { type Owed, WorstReads, worstReadsLimits } from './worst-reads.js';

const key = keyFromText('k');
const at = (stamp: number, node = 'n1'): Version => ({ stamp, node });

/** A node with one copy of everything, which its writes go to at once; what it answers is for the test to say. */
class World {
  readonly copy = new Map<string, StoredEntry>();
  readonly source = new RequestSource();
  readonly worst: WorstReads;
  readonly held: { readonly ms: number; readonly reply: () => Reply }[] = [];
  now = 0;
  #last = 0;
  #stamp = 0;

  constructor(owed: (read: Level | null, write: Level | null) => Owed, seed: number | null = 1) {
    const view = {
      lookup: (of) => this.copy.get(of),
      ownersOf: () => ['n1'],
    } as Partial<ReplicaView> as ReplicaView;
    const answerAfter = (ms: number, reply: () => Reply) => void this.held.push({ ms, reply });
    this.worst = new WorstReads(
      'n1',
      { promises: { owed }, seed },
      { view: () => view, answerAfter },
    );
  }

  begin(
    operation: Operation,
    { level = null as Level | null, floor = null as Version | null } = {},
  ) {
    const id = ++this.#last;
    const request = {
      ...{ id, operation, level, session: null, timeoutMs: 1000 },
      floor: floor && { version: floor, stamp: 0 },
    };
    this.worst.begins(request, this.source, this.now);
    if (operation.type === 'put' || operation.type === 'delete') {
      const value = operation.type === 'put' ? operation.value : null;
      this.copy.set(operation.key, { key: operation.key, version: at(++this.#stamp), value });
    }
    this.worst.begun(request, this.now);
    return id;
  }

  end(id: number, result: ClientResult): ClientResult | undefined {
    return this.worst.amended([{ id, result }], this.now)[0]?.result;
  }

  /** A whole write; its version. */
  put(text: string, options = {}, of = key): Version {
    const id = this.begin({ type: 'put', key: of, value: encodeUtf8(text) }, options);
    const { version } = this.copy.get(of) as StoredEntry;
    this.end(id, { type: 'done', version, existed: null });
    for (const { reply } of this.held.splice(0)) reply();
    return version;
  }

  /** What so many reads return, each value once, in order. */
  values(options = {}, of = key): string[] {
    const found = Array.from({ length: 60 }, () => this.get(options, of));
    return [...new Set(found)].sort();
  }

  get(options = {}, of = key): string {
    return this.found(this.begin({ type: 'get', key: of }, options), of);
  }

  found(id: number, of = key): string {
    const { version = null, value = null } = this.copy.get(of) ?? {};
    const result = this.end(id, { type: 'value', value, version });
    if (result?.type !== 'value') return String(result?.type);
    return result.value === null ? '-' : textOfBytes(result.value);
  }
}

const free = () => 'nothing' as const;
const regular = () => 'what has ended' as const;

describe('where nothing is owed', () => {
  it('a read returns any version that was known, or absence; mostly the stalest', () => {
    const world = new World(free);
    for (const text of ['a', 'b', 'c']) world.put(text);
    expect(world.values()).toEqual(['-', 'a', 'b', 'c']);
    const many = Array.from({ length: 400 }, () => world.get());
    // Half of the time, and every fourth time of the other half.
    expect(many.filter((text) => text === '-').length).toBeGreaterThan(200);
  });

  it('a value comes with its own version', () => {
    const world = new World(free);
    const versions = new Map(['a', 'b', 'c'].map((text) => [text, world.put(text)]));
    for (let nth = 0; nth < 40; nth++) {
      const id = world.begin({ type: 'get', key });
      const { value, version } = world.copy.get(key) as StoredEntry;
      const result = world.end(id, { type: 'value', value, version });
      if (result?.type !== 'value') throw new Error('a get returns a value');
      expect(result.version).toEqual(
        result.value === null ? null : versions.get(textOfBytes(result.value)),
      );
    }
  });

  it('nothing older comes than what the session has seen', () => {
    const world = new World(free);
    world.put('a');
    const floor = world.put('b');
    world.put('c');
    expect(world.values({ floor })).toEqual(['b', 'c']);
  });

  it('a deletion is absence from a version on', () => {
    const world = new World(free);
    world.put('a');
    const id = world.begin({ type: 'delete', key });
    const { version } = world.copy.get(key) as StoredEntry;
    world.end(id, { type: 'done', version, existed: true });
    world.put('b');
    expect(world.values({ floor: version })).toEqual(['-', 'b']);
  });

  it('an absence of unknown age is what a session hears that has seen something', () => {
    const world = new World(free);
    const floor = world.put('a');
    world.copy.delete(key);
    expect(world.values({ floor })).toEqual(['-']);
    expect(world.values()).toEqual(['-', 'a']);
  });

  it('what was overwritten long ago comes no more', () => {
    const world = new World(free);
    world.put('a');
    world.now += worstReadsLimits.lagMs + 1;
    world.put('b');
    expect(world.values()).toEqual(['a', 'b']);
    world.now += worstReadsLimits.lagMs + 1;
    expect(world.values()).toEqual(['b']);
  });

  it('the same seed chooses the same', () => {
    const run = (seed: number): string => {
      const world = new World(free, seed);
      for (const text of ['a', 'b', 'c']) world.put(text);
      return Array.from({ length: 40 }, () => world.get()).join('');
    };
    expect(run(1)).toBe(run(1));
    expect(run(1)).not.toBe(run(2));
  });

  it('errors, refusals and transactions are what they are', () => {
    const world = new World(free);
    for (const text of ['a', 'b']) world.put(text);
    const behind = { type: 'error', code: 'behind', definite: true, message: '' } as const;
    expect(world.end(world.begin({ type: 'get', key }), behind)).toBe(behind);
    const refused = { type: 'refused', reason: 'exists', actual: null, version: at(2) } as const;
    const insert = { type: 'insert', key, value: encodeUtf8('c') } as const;
    expect(world.end(world.begin(insert), refused)).toBe(refused);
    const committed = { type: 'committed', version: at(2), values: [encodeUtf8('b')] } as const;
    const txn = { type: 'txn', steps: [{ type: 'get', key }] } as const;
    expect(world.end(world.begin(txn), committed)).toBe(committed);
  });
});

describe('whose reads', () => {
  it('only those of connections that ask for it, where the cluster does not', () => {
    const world = new World(free, null);
    for (const text of ['a', 'b']) world.put(text);
    expect(world.values()).toEqual(['b']);
    world.source.worst = new World(free).source.worst;
    expect(world.values()).toEqual(['b']);
    world.source.worst = {
      chance: () => true,
      next: () => 0,
      below: () => 0,
      pick: ([one]) => one as never,
    };
    expect(world.values()).toEqual(['-']);
  });

  it('all but those of connections that want none of it, where the cluster does', () => {
    const world = new World(free);
    for (const text of ['a', 'b']) world.put(text);
    world.source.worst = null;
    expect(world.values()).toEqual(['b']);
  });
});

describe('where reads owe what has ended', () => {
  /** Written once, and long enough ago that nobody else can be writing it. */
  const settled = (): World => {
    const world = new World(regular);
    world.put('a');
    world.now += worstReadsLimits.ownMs;
    return world;
  };

  it('a write that has ended is seen', () => {
    const world = settled();
    world.put('b');
    expect(world.values()).toEqual(['b']);
  });

  it('one that is under way is seen or not, also after it was', () => {
    const world = settled();
    const id = world.begin({ type: 'put', key, value: encodeUtf8('b') });
    expect(world.values()).toEqual(['a', 'b']);
    const early = Array.from({ length: 20 }, () => world.begin({ type: 'get', key }));
    world.end(id, { type: 'done', version: at(2), existed: null });
    for (const { reply } of world.held.splice(0)) reply();
    // They began before it ended.
    expect([...new Set(early.map((read) => world.found(read)))].sort()).toEqual(['a', 'b']);
    expect(world.values()).toEqual(['b']);
  });

  it('half of the writes are under way for a little longer', () => {
    const world = settled();
    const put = { type: 'put', key, value: encodeUtf8('b') } as const;
    const left = Array.from({ length: 100 }, (_, nth) =>
      world.end(world.begin(put), { type: 'done', version: at(2 + nth), existed: null }),
    ).filter((result) => result !== undefined);
    expect(left.length).toBeGreaterThan(30);
    expect(world.held.length).toBe(100 - left.length);
    expect(Math.max(...world.held.map(({ ms }) => ms))).toBeLessThan(worstReadsLimits.holdMs);
  });

  it('nothing but what was found comes of keys that other nodes write', () => {
    const world = settled();
    world.copy.set(key, { key, version: at(1, 'n2'), value: encodeUtf8('other') });
    world.get();
    world.begin({ type: 'put', key, value: encodeUtf8('b') });
    expect(world.values()).toEqual(['b']);
  });

  it('each version is owed what the level of its write promises', () => {
    const world = new World((_, write) => (write === 'one' ? 'nothing' : 'what has ended'));
    world.put('a');
    world.now += worstReadsLimits.ownMs;
    world.put('b', { level: 'quorum' });
    world.put('c', { level: 'one' });
    world.put('d', { level: 'one' });
    expect(world.values()).toEqual(['b', 'c', 'd']);
  });
});

it('more than that is owed: every read returns what it finds', () => {
  const world = new World(() => 'all');
  world.put('a');
  world.begin({ type: 'put', key, value: encodeUtf8('b') });
  expect(world.values()).toEqual(['b']);
});

describe('what is remembered', () => {
  it('is so many versions of a key', () => {
    const world = new World(free);
    const { versionsMax } = worstReadsLimits;
    for (let nth = 0; nth < versionsMax + 5; nth++) world.put(String(100 + nth));
    const seen = new Set(Array.from({ length: 600 }, () => world.get()));
    expect(seen.size).toBe(versionsMax);
    expect(seen).not.toContain('104');
  });

  it('is so many bytes, of the keys that were met last', () => {
    const world = new World(free);
    const large = 'x'.repeat(1024 * 1024);
    for (const text of ['a', 'b']) world.put(text);
    for (let nth = 0; nth < worstReadsLimits.bytesMax / large.length; nth++) {
      world.put(large, {}, keyFromText(`large${nth}`));
    }
    expect(world.values()).toEqual(['b']);
  });

  it('is all of the key that is read, however large its values', () => {
    const world = new World(free);
    const large = 'x'.repeat(1024 * 1024);
    for (const text of ['a', 'b', 'c', 'd'])
      for (let nth = 0; nth < 5; nth++) world.put(text + large);
    expect(Array.from({ length: 9 }, () => world.get()[0])).toContain('a');
  });

  it('is no part of the buffer of a store', () => {
    const world = new World(free);
    world.put('a');
    const buffer = (world.copy.get(key) as StoredEntry).value as Uint8Array;
    world.put('b');
    buffer.fill(0);
    expect(world.values()).toEqual(['-', 'a', 'b']);
  });
});
