/**
 * How many records a second one journal makes durable on a real disk. Not part of the tests:
 *
 *     npx vitest bench --run test/bench/journal.bench.ts
 */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bench, describe } from 'vitest';
import * as wire from '../../src/core/wire.js';
import { FileDisk } from '../../src/node/file-disk.js';
import { FileJournal } from '../../src/runtime/journal/journal.js';

interface Put {
  readonly type: 'put';
  readonly key: string;
  readonly stamp: number;
  readonly value: Uint8Array;
}

const shape = wire.union<Put>({ put: { key: wire.text, stamp: wire.count, value: wire.value } });
const value = new Uint8Array(32);

describe('append, flush, wait until durable', () => {
  // Always the same folder, cleared first: benchmarks have no hook for afterwards.
  const folder = join(tmpdir(), 'kvx-bench-journal');
  rmSync(folder, { recursive: true, force: true });
  const journal = new FileJournal<Put>({
    disk: new FileDisk(folder),
    shape,
    owner: { cluster: 'bench', node: 'n1' },
  });
  let stamp = 0;
  let arrive = () => {};
  journal.recover(() => {});
  journal.onDurable(() => arrive());

  for (const count of [1, 16, 256, 4096]) {
    bench(`${count} records of 32 bytes, one sync`, async () => {
      const durable = new Promise<void>((resolve) => {
        arrive = resolve;
      });
      for (let index = 0; index < count; index++) {
        stamp++;
        journal.append({ type: 'put', key: `key-${stamp % 1000}`, stamp, value });
      }
      journal.flush();
      await durable;
    });
  }
});
