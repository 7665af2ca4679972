import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CrashKind } from '../../src/faults/fault.js';
import type { Disk } from '../../src/runtime/journal/disk.js';
import {
  contents,
  crashesOf,
  type DiskHarness,
  type MakeDiskHarness,
  until,
} from './disk-harness.js';
import { Blown, FusedDisk } from './fused-disk.js';
import { ModelNode, type ModelSetup } from './journal-model.js';

type Step =
  | { readonly type: 'append'; readonly count: number; readonly bytes: number }
  | { readonly type: 'flush' | 'pass' | 'settle' | 'begin' | 'draw' }
  | { readonly type: 'arm'; readonly calls: number }
  | { readonly type: 'crash'; readonly kind: CrashKind };

function anyStep(crashes: readonly CrashKind[]): fc.Arbitrary<Step> {
  const plain = (type: 'flush' | 'pass' | 'settle' | 'begin' | 'draw') =>
    fc.constant<Step>({ type });
  const crash = fc.constantFrom(...crashes).map<Step>((kind) => ({ type: 'crash', kind }));
  // A crash between two calls needs a disk that throws from within: only the simulated one.
  const arm = fc.nat(8).map<Step>((calls) => ({ type: 'arm', calls }));
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant('append' as const),
        count: fc.integer({ min: 1, max: 4 }),
        bytes: fc.constantFrom(0, 8, 100, 700),
      }),
    },
    { weight: 4, arbitrary: plain('flush') },
    { weight: 4, arbitrary: plain('pass') },
    { weight: 2, arbitrary: plain('settle') },
    { weight: 2, arbitrary: plain('begin') },
    { weight: 5, arbitrary: plain('draw') },
    { weight: 2, arbitrary: crash },
    ...(crashes.includes('power') ? [{ weight: 1, arbitrary: arm }] : []),
  );
}

/** One run of a property: a node, restarted after each crash, which checks what it finds. */
class CrashRun {
  readonly #harness: DiskHarness;
  readonly #disk: FusedDisk | null;
  readonly #node: ModelNode;
  /** A snapshot, in this incarnation. */
  #hasBegun = false;

  constructor(harness: DiskHarness, setup: ModelSetup) {
    this.#harness = harness;
    this.#disk = harness.crashes.includes('power') ? new FusedDisk(harness.disk) : null;
    this.#node = new ModelNode(this.#present, setup);
  }

  async run(steps: readonly Step[]): Promise<void> {
    this.#restart('kill');
    for (const step of steps) {
      try {
        await this.#step(step);
      } catch (error) {
        if (!(error instanceof Blown)) throw error;
        this.#crash('power');
      }
    }
    this.#crash(this.#harness.crashes.at(-1) as CrashKind);
    // And what was recovered stays, whatever comes.
    this.#crash(this.#harness.crashes.at(-1) as CrashKind);
  }

  get #present() {
    return this.#disk ?? this.#harness.disk;
  }

  async #step(step: Step): Promise<void> {
    const { journal } = this.#node;
    if (step.type === 'append') this.#node.append(step.count, step.bytes);
    else if (step.type === 'flush') journal.flush();
    else if (step.type === 'begin') this.#begin();
    else if (step.type === 'draw') journal.snapshotStep();
    else if (step.type === 'arm') this.#disk?.arm(step.calls);
    else if (step.type === 'crash') this.#crash(step.kind);
    else if (step.type === 'settle') await this.#settle();
    else await this.#harness.pass().catch(unlessIdle);
  }

  #begin(): void {
    const isUnderWay = this.#hasBegun && hasTemporary(this.#present);
    if (!isUnderWay) this.#node.beginSnapshot();
    this.#hasBegun = true;
  }

  #settle(): Promise<void> {
    const { journal } = this.#node;
    journal.flush();
    return until(this.#harness, () => journal.durable === journal.appended);
  }

  #crash(kind: CrashKind): void {
    this.#harness.crash(kind);
    this.#restart(kind);
  }

  #restart(after: CrashKind): void {
    this.#hasBegun = false;
    try {
      this.#node.restart(this.#present, after);
    } catch (error) {
      if (!(error instanceof Blown)) throw error;
      this.#crash('power');
    }
  }
}

function hasTemporary(disk: Disk): boolean {
  return disk.list().some((name) => name.endsWith('.tmp'));
}

function unlessIdle(error: Error): void {
  if (error.message !== 'nothing is under way') throw error;
}

/** What a journal must bring back after crashes; each property is tried `runs` times. */
export function describeCrashes(makeHarness: MakeDiskHarness, runs: number): void {
  const crashes = crashesOf(makeHarness);

  const holds = (setup: ModelSetup, step: fc.Arbitrary<Step>) => {
    const steps = fc.array(step, { maxLength: 60, size: 'max' });
    const property = fc.asyncProperty(fc.integer(), steps, async (seed, drawn) => {
      const harness = makeHarness(seed);
      try {
        await new CrashRun(harness, setup).run(drawn);
      } finally {
        harness.dispose();
      }
    });
    return fc.assert(property, { numRuns: runs });
  };

  it('brings back, after any crashes, all that was durable and a prefix of the rest', async () => {
    await holds({ sync: 'always' }, anyStep(crashes));
  }, 60_000);

  it('with sync off, brings back a prefix, and all that was flushed unless the power was cut', async () => {
    // A snapshot needs the log beside it to be durable, which nothing is here: see `SyncPolicy`.
    await holds(
      { sync: 'off' },
      anyStep(crashes).filter(({ type }) => type !== 'begin'),
    );
  }, 60_000);

  if (crashes.includes('power')) {
    it('comes back from a crash at any call on the way to a snapshot, or in the recovery after', async () => {
      // Far enough that the last rounds come through without a crash.
      for (let calls = 0; calls < 60; calls++) {
        for (let seed = 0; seed < 8; seed++) await snapshotUntil(makeHarness(seed), calls);
      }
    });
  }

  it('recovers to the same twice, and changes no file the second time', async () => {
    const harness = makeHarness(3);
    const node = new ModelNode(harness.disk);
    node.restart(harness.disk);
    node.append(5, 100);
    node.journal.flush();
    node.append(5, 100);
    await harness.pass();
    node.journal.flush();
    harness.crash(crashes.at(-1) as CrashKind);
    node.restart(harness.disk);
    const once = contents(harness.disk);
    harness.crash(crashes.at(-1) as CrashKind);
    node.restart(harness.disk);
    const twice = contents(harness.disk);
    // But for the room in the segment of the first.
    const content = (hex = '') => hex.replace(/(00)+$/, '');
    for (const [name, bytes] of once) expect(content(twice.get(name))).toBe(content(bytes));
    // The segment of this start.
    expect(twice.size).toBe(once.size + 1);
    harness.dispose();
  });
}

/** A snapshot of several segments, with the power cut at the call after so many, and once more while recovering. */
async function snapshotUntil(harness: DiskHarness, calls: number): Promise<void> {
  const disk = new FusedDisk(harness.disk);
  const node = new ModelNode(disk);
  node.restart(disk);
  disk.arm(calls);
  try {
    for (let frame = 0; frame < 8; frame++) {
      node.append(2, 60);
      node.journal.flush();
      await until(harness, () => node.journal.durable === node.journal.appended);
    }
    node.beginSnapshot();
    await until(harness, () => {
      node.drawSnapshot(60);
      return !hasTemporary(disk);
    });
  } catch (error) {
    if (!(error instanceof Blown)) throw error;
  }
  harness.crash('power');
  disk.arm(calls % 4);
  try {
    node.restart(disk);
  } catch (error) {
    if (!(error instanceof Blown)) throw error;
  }
  disk.disarm();
  harness.crash('power');
  node.restart(disk);
}
