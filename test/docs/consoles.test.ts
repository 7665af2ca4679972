/** What these pages show is what kvx prints. `KVX_REWRITE=1` writes down what comes of their commands now. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runScript } from '../../src/scenario/testing/run-script.js';
import { checkConsoles } from './console-page.js';

it('docs/tutorial.md, on real nodes', () => checkConsoles('docs/tutorial.md', 'nodes'), 300_000);

it.each([
  'docs/checking.md',
  'docs/faults.md',
  'docs/for-users-of-jepsen.md',
  'docs/for-users-of-maelstrom.md',
  'docs/for-users-of-redis.md',
  'docs/for-users-of-etcd.md',
  'docs/sessions.md',
])('%s, in the simulator', (page) => checkConsoles(page, 'simulator'));

const faults = readFileSync(join(import.meta.dirname, '../../docs/faults.md'), 'utf8');
const scripts = [...faults.matchAll(/^```kvx\n(.*?)^```$/gms)].map(([, text = '']) => text);

it.each(scripts)('the script of docs/faults.md holds: %j', async (text) => {
  const { report, error } = await runScript(text);
  expect({ error, failed: report?.failed }).toEqual({ error: null, failed: false });
});
