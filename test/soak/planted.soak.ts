/**
 * Each bug of test/sim/planted/ is planted in a copy of the sources, and simulated until a seed shows it: no unit test runs. Prints how
 * many seeds it took and what the verdict said. `KVX_SEEDS`: how many are tried (1,000); `KVX_MODES`: which modes.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planted, withPlant } from '../sim/planted/planted.js';

const { KVX_SEEDS = '1000', KVX_MODES } = process.env;
const root = join(import.meta.dirname, '..', '..');
const modes = Object.keys(planted).filter((mode) => KVX_MODES?.split(',').includes(mode) ?? true);

const search = `
import { simulate } from './src/explore/simulate.js';
const [mode, seeds] = process.argv.slice(2);
for (let seed = 1; seed <= Number(seeds); seed++) {
  const { violations } = simulate({ mode, seed });
  if (violations.length === 0) continue;
  const [{ check, message }] = violations;
  console.log(JSON.stringify({ seed, check, message: message.split('\\n')[0].slice(0, 240) }));
  process.exit(0);
}
console.log('null');
`;

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'kvx-planted-'));
  cpSync(join(root, 'src'), join(copy, 'src'), { recursive: true });
  cpSync(join(root, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, 'search.ts'), search);
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

async function found(
  mode: string,
): Promise<{ seed: number; check: string; message: string } | null> {
  const file = join(copy, 'search.mjs');
  const bundle = await rolldown({ input: join(copy, 'search.ts'), platform: 'node' });
  await bundle.write({ file, format: 'esm' });
  await bundle.close();
  const { stdout, stderr } = spawnSync(process.execPath, [file, mode, KVX_SEEDS], {
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

describe.each(modes)('mode %s', (mode) => {
  it.each(planted[mode] ?? [])('$name', async (plant) => {
    const file = join(copy, plant.file);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, withPlant(text, plant));
    const verdict = await found(mode).finally(() => writeFileSync(file, text));
    console.log(
      `${mode}: ${plant.name}: ${verdict === null ? 'NOT FOUND' : `seed ${verdict.seed}, ${verdict.check}: ${verdict.message}`}`,
    );
    expect(verdict).not.toBeNull();
  });
});
