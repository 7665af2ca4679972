import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import { SimDisk } from '../../sim/disk.js';
import { World } from '../../sim/world.js';
import { FaultyDisk } from './faulty-disk.js';

/** A disk whose syncs take no time but what its faults take. */
function setUp() {
  const world = new World({ seed: 1, eventsMax: 1000 });
  const inner = new SimDisk({
    random: new SeededRandom(1),
    schedule: (delayMs, run) => world.after(delayMs, run),
    syncMs: { min: 0, max: 0 },
    isQuick: true,
  });
  const clock = {
    now: () => world.now,
    at: (time: number, run: () => void) => world.at(time, run),
  };
  const disk = new FaultyDisk(inner, clock);
  const file = disk.create('a');
  /** What a sync said, and when. */
  const said: string[] = [];
  const sync = () =>
    file.sync((error) => said.push(`${world.now}: ${error === null ? 'ok' : error.message}`));
  /** What a power cut leaves. */
  const durable = (): number => {
    inner.crash('power', 'lost');
    return inner.list().includes('a') ? inner.size('a') : 0;
  };
  return { world, inner, disk, file, said, sync, durable };
}

const bytes = (count: number) => new Uint8Array(count);

describe('a slow disk', () => {
  test('makes nothing durable before its time', () => {
    const { world, disk, file, said, sync, durable } = setUp();
    disk.setFaults({ syncDelayMs: 20 });
    file.append(bytes(3));
    sync();
    world.runUntil(19);
    expect(said).toEqual([]);
    expect(durable()).toBe(0);
  });

  test('is not waited for, nor is one whose syncs fail', () => {
    const { disk, file, durable } = setUp();
    file.append(bytes(3));
    disk.setFaults({ syncDelayMs: 20 });
    expect(file.syncIfQuick()).toBe(false);
    disk.setFaults({ failsSyncs: true });
    expect(file.syncIfQuick()).toBe(false);
    disk.setFaults({});
    expect(file.syncIfQuick()).toBe(true);
    expect(durable()).toBe(3);
  });

  test('is as fast as ever at once when that is over', () => {
    const { world, disk, said, sync } = setUp();
    disk.setFaults({ syncDelayMs: 20 });
    sync();
    world.runUntil(50);
    sync();
    world.runUntil(60);
    disk.setFaults({});
    world.runUntil(100);
    expect(said).toEqual(['20: ok', '60: ok']);
  });

  test('does not call back for a file that was closed', () => {
    const { world, disk, file, said, sync } = setUp();
    disk.setFaults({ syncDelayMs: 20 });
    sync();
    file.close();
    world.runUntil(50);
    expect(said).toEqual([]);
  });
});

describe('a disk whose syncs fail', () => {
  const failed = 'EIO: fdatasync, as a fault has it';

  test('makes nothing durable; nor has a sync been made in time that was under way', () => {
    const { world, disk, file, said, sync, durable } = setUp();
    sync();
    disk.setFaults({ failsSyncs: true });
    expect(said).toEqual([]);
    world.runUntil(0);
    file.append(bytes(3));
    sync();
    expect(said).toEqual([`0: ${failed}`]);
    world.runUntil(0);
    expect(said).toEqual([`0: ${failed}`, `0: ${failed}`]);
    expect(durable()).toBe(0);
  });

  test('opens nothing, renames nothing, and syncs nothing while all wait', () => {
    const { disk, file, inner } = setUp();
    disk.setFaults({ failsSyncs: true });
    const failure = expect.objectContaining({ code: 'EIO', errno: -5 });
    expect(() => disk.open('a', 0)).toThrow(failure);
    expect(() => disk.rename('a', 'b')).toThrow(failure);
    expect(() => file.syncNow()).toThrow(failure);
    expect(inner.list()).toEqual(['a']);
    disk.setFaults({});
    disk.rename('a', 'b');
    file.syncNow();
  });

  test('that is mended meanwhile has failed nothing', () => {
    const { world, disk, said, sync } = setUp();
    disk.setFaults({ failsSyncs: true });
    sync();
    disk.setFaults({});
    world.runUntil(0);
    expect(said).toEqual(['0: ok']);
  });
});

describe('a full disk', () => {
  const full = expect.objectContaining({ code: 'ENOSPC', errno: -28 });

  test('takes what still fits, and no more until there is room', () => {
    const { disk, file } = setUp();
    file.append(bytes(5));
    disk.setFaults({ roomBytes: 10 });
    file.append(bytes(6));
    // Something else is wrong with it, too: no new room.
    disk.setFaults({ roomBytes: 10, syncDelayMs: 1 });
    expect(() => file.append(bytes(6))).toThrow(full);
    expect(() => file.append(bytes(1))).toThrow(full);
    expect(disk.size('a')).toBe(15);
    disk.setFaults({});
    file.append(bytes(100));
    expect(disk.size('a')).toBe(115);
  });

  test('has room again for what is removed', () => {
    const { disk, file } = setUp();
    file.append(bytes(5));
    disk.setFaults({ roomBytes: 0 });
    disk.remove('a');
    disk.create('b').append(bytes(5));
    expect(() => disk.create('c').append(bytes(1))).toThrow(full);
  });
});
