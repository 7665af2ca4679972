/**
 * What docs/comparing.md, the README and the tutorial show is what kvx prints: the commands of the page are run, in the folder with its
 * scenario. `KVX_REWRITE=1` writes down what comes of them now.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Sandbox } from './commands-sandbox.js';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'docs/comparing');
const page = join(root, 'docs/comparing.md');
const readme = join(root, 'README.md');
const tutorial = join(root, 'docs/tutorial.md');
const sandbox = new Sandbox();
const ran = new Map<string, string>();

/** With what the commands in its consoles print now, of those that compare. */
const rewritten = (text: string): string =>
  text.replace(/^```console\n\$ (kvx compare .*)\n[\s\S]*?^```$/gm, (_, command: string) => {
    if (!ran.has(command)) {
      const { status, stdout, stderr } = sandbox.shell(`cd ${folder}\n${command}`);
      expect({ command, status, stderr: status === 0 ? '' : stderr }).toMatchObject({ status: 0 });
      ran.set(command, stdout);
    }
    return `\`\`\`console\n$ ${command}\n${ran.get(command)}\`\`\``;
  });

afterAll(() => sandbox.cleanUp());

const now = new Map<string, string>();
beforeAll(() => {
  for (const file of [page, readme, tutorial]) now.set(file, rewritten(readFileSync(file, 'utf8')));
  if (process.env['KVX_REWRITE'] === undefined) return;
  for (const [file, text] of now) writeFileSync(file, text);
}, 600_000);

test.each([page, readme, tutorial])('%s shows what kvx prints', (file) => {
  expect(readFileSync(file, 'utf8')).toBe(now.get(file));
  expect(ran.size).toBe(3);
});

test('the page shows its scenario as it is', () => {
  const script = readFileSync(join(folder, 'two-outages.kvx'), 'utf8');
  expect(readFileSync(page, 'utf8')).toContain(`\`\`\`kvx\n${script}\`\`\``);
});
