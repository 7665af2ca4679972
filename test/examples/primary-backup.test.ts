/** The steps of docs/your-own-protocol.md: each scenario fails with the step that it is of, and holds with the last. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import primaryBackup from '../../examples/primary-backup/primary-backup.js';
import first from '../../examples/primary-backup/step-1.js';
import second from '../../examples/primary-backup/step-2.js';
import { addMode } from '../../src/protocols/own/own-mode.js';
import { runScript } from '../../src/scenario/testing/run-script.js';
import { range, runAll } from '../sim/runs.js';

const folder = join(import.meta.dirname, '../../examples/primary-backup');
const { id } = addMode(join(folder, 'primary-backup.js'), primaryBackup);

it('keeps its promises', () => {
  runAll(id, range(1, 40), 20);
});

it.each([
  ['step-1', first, 7],
  ['step-2', second, 1],
] as const)('%s fails its scenario, and the end does not', async (step, factory, seed) => {
  const text = readFileSync(join(folder, `${step}.kvx`), 'utf8');
  const { id: wrong } = addMode(join(folder, `${step}.js`), factory);
  const running = (mode: string) => runScript(text.replace(`./${step}.js`, mode), { seed });
  expect(await running(wrong)).toMatchObject({ error: null, report: { failed: true } });
  expect(await running(id)).toMatchObject({ error: null, report: { failed: false } });
});
