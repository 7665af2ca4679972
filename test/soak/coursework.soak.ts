/**
 * What the assignment behind the cs380d dialect is graded by: five clients on five servers, puts in rotation, then
 * `stabilize`. Prints the figures; the bounds are far below what an idle machine does.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DialectContext } from '../../src/coursework/dialect.js';
import { dialectSpec } from '../../src/coursework/dialect-spec.js';
import { runDialect } from '../../src/coursework/run-dialect.js';
import { ownTarget } from '../../src/targets/local.js';

const putCount = Number(process.env['KVX_PUTS'] ?? '10000');
const ids = [0, 1, 2, 3, 4];

let root: string;
const saved = { ...process.env };
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'kvx-'));
  process.env['KVX_HOME'] = join(root, 'home');
  process.env['XDG_RUNTIME_DIR'] = join(root, 'run');
});
afterAll(() => {
  process.env = saved;
  rmSync(root, { recursive: true, force: true });
});

it.each(['threads', 'processes'] as const)('%s', async (runtime) => {
  const { signal } = new AbortController();
  const target = ownTarget(runtime, signal);
  const at = new Map<string, number>();
  let out = '';
  const errors: string[] = [];
  const stage: DialectContext = {
    target,
    source: 'speed',
    out: (text) => {
      out += text;
    },
    err: (line) => errors.push(line),
    signal,
    spec: dialectSpec('cs380d', [], false),
    options: { delayUnit: 's', models: false },
  };
  async function* lines(): AsyncIterable<string> {
    for (const id of ids) yield `joinServer ${id}`;
    for (const id of ids) yield `joinClient ${id + 5} ${id}`;
    at.set('put', performance.now());
    for (let nth = 0; nth < putCount; nth++) yield `put ${5 + (nth % 5)} key-${nth} value-${nth}`;
    at.set('stabilize', performance.now());
    yield 'stabilize';
    at.set('end', performance.now());
    for (const id of ids) yield `printStore ${id}`;
  }
  const began = performance.now();
  try {
    await runDialect('cs380d', lines(), stage);
  } finally {
    await target.close();
  }
  const moment = (name: string): number => at.get(name) ?? Number.NaN;
  const putsPerSecond = putCount / ((moment('stabilize') - moment('put')) / 1000);
  const stabilizeMs = moment('end') - moment('stabilize');
  const joinsMs = moment('put') - began;
  console.log({ runtime, putCount, joinsMs, putsPerSecond, stabilizeMs });
  expect(errors).toEqual([]);
  expect(out.match(/\n/g)).toHaveLength(putCount * ids.length);
  expect(putsPerSecond).toBeGreaterThan(2000);
  expect(stabilizeMs).toBeLessThan(1000);
});
