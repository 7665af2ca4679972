/**
 * What docs/simulation.md shows is what kvx prints, but for numbers: whatever changes the simulator changes what a seed draws.
 * `KVX_REWRITE=1` writes down what is printed now.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Sandbox } from './commands-sandbox.js';

const document = join(import.meta.dirname, '../../docs/simulation.md');
const written = readFileSync(document, 'utf8');
const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

/** What is there whatever was drawn: tables and sentences without numbers, and the names of what is indented. */
const shapeOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => (line.startsWith('  ') ? (/^ {2}[a-z]+ {2,}/.exec(line)?.[0] ?? '') : line))
    .filter((line) => line !== '' && line.trim() !== 'then')
    .map((line) => line.replace(/\d+/g, '#').replace(/ +/g, ' '));

const blocks = [...written.matchAll(/(?<=^```console\n)[\s\S]*?(?=^```$)/gm)].map(([text]) => text);

test('the page shows what kvx prints', () => {
  expect(blocks).toHaveLength(3);
  let rewritten = written;
  for (const block of blocks) {
    const [line = ''] = block.split('\n', 1);
    const { stdout, stderr } = sandbox.shell(`COLUMNS=80; export COLUMNS\n${line.slice(2)}`);
    expect(stderr).not.toContain('error');
    rewritten = rewritten.replace(block, () => `${line}\n${stdout}`);
  }
  if (process.env['KVX_REWRITE'] === '1') writeFileSync(document, rewritten);
  else expect(shapeOf(rewritten)).toEqual(shapeOf(written));
});
