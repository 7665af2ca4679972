import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextImmediate } from 'node:timers/promises';
import { SeededRandom } from '../../src/core/random.js';
import type { CrashKind } from '../../src/faults/fault.js';
import { FileDisk } from '../../src/node/file-disk.js';
import type { Disk } from '../../src/runtime/journal/disk.js';
import { SimDisk } from '../../src/sim/disk.js';

/** One disk under test, and the world around it. */
export interface DiskHarness {
  /** As the present incarnation sees it. */
  readonly disk: Disk;
  /** How it can crash. A folder of real files can't lose its power here. */
  readonly crashes: readonly CrashKind[];
  /** Ends the present incarnation; `disk` is then the next one's. */
  crash(kind: CrashKind): void;
  /** Lets the next thing happen that is under way, such as the end of a sync. */
  pass(): Promise<void>;
  dispose(): void;
}

export type MakeDiskHarness = (seed: number) => DiskHarness;

/** How the harness's disks can crash. */
export function crashesOf(makeHarness: MakeDiskHarness): readonly CrashKind[] {
  const harness = makeHarness(1);
  harness.dispose();
  return harness.crashes;
}

/** Far more than any test waits for. */
const passesMax = 100_000;

/** Lets things happen until `condition` holds. */
export async function until(harness: DiskHarness, condition: () => boolean): Promise<void> {
  for (let passes = 0; !condition(); passes++) {
    if (passes > passesMax) throw new Error('it does not come to pass');
    await harness.pass();
  }
}

export function fileDiskHarness(): DiskHarness {
  // Where syncing costs nothing: no test here cuts the power of a real disk.
  const memory = '/dev/shm';
  const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'kvx-disk-'));
  let disk = new FileDisk(folder);
  return {
    get disk() {
      return disk;
    },
    crashes: ['kill'],
    crash() {
      disk = new FileDisk(folder);
    },
    pass: () => nextImmediate(),
    dispose: () => rmSync(folder, { recursive: true }),
  };
}

export interface SimDiskHarness extends DiskHarness {
  readonly disk: SimDisk;
}

export function simDiskHarness(seed: number): SimDiskHarness {
  const events: { readonly time: number; readonly run: () => void }[] = [];
  let now = 0;
  const disk = new SimDisk({
    random: new SeededRandom(seed),
    schedule: (delayMs, run) => events.push({ time: now + delayMs, run }),
    syncMs: { min: 0.1, max: 2 },
    isQuick: seed % 2 !== 0,
  });
  return {
    disk,
    crashes: ['kill', 'power'],
    crash: (kind) => disk.crash(kind),
    async pass() {
      events.sort((a, b) => a.time - b.time);
      const event = events.shift();
      if (event === undefined) throw new Error('nothing is under way');
      now = event.time;
      event.run();
    },
    dispose() {},
  };
}

export function writeFile(disk: Disk, name: string, bytes: Uint8Array): void {
  const file = disk.list().includes(name) ? disk.open(name, 0) : disk.create(name);
  file.append(bytes);
  file.close();
}

/** All of a file. */
export function readFile(disk: Disk, name: string): Uint8Array {
  return disk.read(name, 0, disk.size(name));
}

/** Everything on the disk but locks, to compare. */
export function contents(disk: Disk): Map<string, string> {
  const names = disk.list().filter((name) => !name.startsWith('lock-'));
  return new Map(
    names.sort().map((name) => [name, Buffer.from(readFile(disk, name)).toString('hex')]),
  );
}
