import { describe, expect, it } from 'vitest';
import { InvariantError } from '../core/invariant.js';
import { SeededRandom } from '../core/random.js';
import { SimDisk } from './disk.js';

function setUp(seed = 1) {
  const pending: { readonly delayMs: number; readonly run: () => void }[] = [];
  const disk = new SimDisk({
    random: new SeededRandom(seed),
    schedule: (delayMs, run) => pending.push({ delayMs, run }),
    syncMs: { min: 2, max: 5 },
  });
  return { disk, pending };
}

const contentOf = (disk: SimDisk, name = 'a') => disk.read(name, 0, disk.size(name));

describe('a crash', () => {
  it.each(['kill', 'power'] as const)('by %s: a sync under way never calls back', (kind) => {
    const { disk, pending } = setUp();
    const file = disk.create('a');
    let called = false;
    file.sync(() => {
      called = true;
    });
    disk.crash(kind);
    for (const { run } of pending) run();
    expect(called).toBe(false);
  });

  it('leaves files that nobody may write to any more, only close', () => {
    const { disk } = setUp();
    const file = disk.create('a');
    disk.crash('kill');
    expect(() => file.append(new Uint8Array(1))).toThrow(InvariantError);
    expect(() => file.sync(() => {})).toThrow(InvariantError);
    file.close();
  });

  it('by kill leaves at risk what was not synced', () => {
    const lengths = new Set<number>();
    for (let seed = 0; seed < 50; seed++) {
      const { disk } = setUp(seed);
      disk.create('a').close();
      const file = disk.open('a', 0);
      file.append(new Uint8Array(100));
      disk.crash('kill');
      disk.crash('power');
      lengths.add(contentOf(disk).length);
    }
    expect(lengths.size).toBeGreaterThan(5);
  });

  it('by power leaves the zeros alone that a kill has shown behind what was written', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { disk } = setUp(seed);
      disk.create('a', true).append(new Uint8Array(100).fill(1));
      disk.crash('kill');
      disk.crash('power');
      const beyond = disk.list().includes('a') ? contentOf(disk).subarray(100) : [];
      // The block that was being written may hold anything.
      expect([...beyond].findLastIndex((byte) => byte !== 0)).toBeLessThan(412);
    }
  });

  it('by power loses or keeps what was not synced when it is told which', () => {
    for (const [unsynced, length] of [
      ['lost', 10],
      ['kept', 110],
    ] as const) {
      const { disk } = setUp();
      const file = disk.create('a');
      file.append(new Uint8Array(10));
      file.syncNow();
      file.append(new Uint8Array(100));
      disk.create('b').append(new Uint8Array(1));
      disk.crash('power', unsynced);
      expect([disk.size('a'), disk.list().includes('b')]).toEqual([length, unsynced === 'kept']);
    }
  });

  it('by power does the same for the same seed', () => {
    const outcome = () => {
      const { disk } = setUp(7);
      for (const name of ['a', 'b', 'c']) disk.create(name).append(new Uint8Array(2000).fill(1));
      disk.crash('power');
      return disk.list().map((name) => [name, contentOf(disk, name)]);
    };
    expect(outcome()).toEqual(outcome());
  });
});

it('is replaced by another with the files of an image, as they were then', () => {
  const { disk } = setUp();
  disk.create('a').append(new Uint8Array([1, 2]));
  const image = disk.image();
  disk.create('b').append(new Uint8Array([3]));
  disk.replace(image);
  expect([disk.list(), contentOf(disk)]).toEqual([['a'], new Uint8Array([1, 2])]);
  disk.crash('power', 'lost');
  expect(contentOf(disk).length).toBe(2);
});

it('takes as long to sync as it was told', () => {
  const { disk, pending } = setUp();
  for (let index = 0; index < 100; index++) disk.create(`${index}`).sync(() => {});
  const delays = pending.map(({ delayMs }) => delayMs);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(2);
  expect(Math.max(...delays)).toBeLessThanOrEqual(5);
  expect(new Set(delays).size).toBeGreaterThan(50);
});

it('rots where it is told to', () => {
  const { disk } = setUp();
  disk.create('a').append(new Uint8Array([1, 2, 3]));
  disk.corrupt('a', 1, 0x80);
  expect(contentOf(disk)).toEqual(new Uint8Array([1, 0x82, 3]));
});
