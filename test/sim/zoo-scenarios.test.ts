/**
 * The smallest scenario of each bug of the zoo, as `kvx run` runs it: it fails with the bug, as its first comment says, and holds
 * without. Its page shows it. `KVX_REWRITE=1` writes down what is said now.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runScript } from '../../src/scenario/testing/run-script.js';
import { bugs } from '../../src/zoo/bugs.js';

const root = join(import.meta.dirname, '../..');
const linesMax = 12;
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');

it('has one of each bug', () => {
  const files = readdirSync(join(root, 'scenarios/zoo'));
  expect(files.sort()).toEqual(bugs.map(({ name }) => `${name}.kvx`).sort());
});

it.each(bugs)('$name', async ({ name }) => {
  const source = `scenarios/zoo/${name}.kvx`;
  const text = textOf(source);
  const lines = text.trimEnd().split('\n');
  const again = lines.at(-1) ?? '';
  const seed = Number(/--seed (\d+)/.exec(again)?.[1]);
  expect(again).toBe(`# kvx run ${source} --runtime sim --seed ${seed} --bug ${name}`);

  const planted = await runScript(text, { seed, source, bug: name });
  expect(planted).toMatchObject({ error: null, report: { failed: true } });
  const said = planted.err.join('\n');
  const [expected, seen] = ['expected', 'seen'].map(
    (what) => new RegExp(`^  ${what}: (.*)$`, 'm').exec(said)?.[1] ?? '',
  );
  // Where a checker has judged, its sentence says all.
  const sentence = expected === 'ok' ? seen : `expected ${expected}, seen ${seen}`;
  if (process.env['KVX_REWRITE'] === '1') {
    writeFileSync(join(root, source), `# ${sentence}\n${lines.slice(1).join('\n')}\n`);
  } else expect(lines[0]).toBe(`# ${sentence}`);

  const right = await runScript(text, { seed, source });
  expect(right).toMatchObject({ error: null, report: { failed: false } });
});

it.each(bugs)('$name has its script on its page and in the index', ({ name }) => {
  const source = `scenarios/zoo/${name}.kvx`;
  const page = `docs/zoo/${name}.md`;
  const text = textOf(source);
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line)).length;
  expect(lines).toBeLessThanOrEqual(linesMax);
  expect(textOf('docs/zoo/README.md')).toMatch(
    new RegExp(`^\\| \\[${name}\\]\\(.*\\| \\[${lines}\\]\\(../../${source}\\) \\|$`, 'm'),
  );
  expect(textOf(page)).toContain(`[\`zoo/${name}\`](../../${source}), ${lines} lines.\n`);
  const indented = text.replace(/^(?=.)/gm, '    ');
  if (process.env['KVX_REWRITE'] === '1') {
    writeFileSync(join(root, page), textOf(page).replace(/^( {4}.*\n)+/m, indented));
  } else expect(textOf(page)).toContain(`\n\n${indented}\n`);
});
