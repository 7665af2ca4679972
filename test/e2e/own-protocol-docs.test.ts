/**
 * docs/your-own-protocol.md shows the code of examples/primary-backup and what kvx prints, but for numbers. `KVX_REWRITE=1` writes
 * down what is there now.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Sandbox } from './commands-sandbox.js';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'examples/primary-backup');
const document = join(root, 'docs/your-own-protocol.md');
const written = readFileSync(document, 'utf8');
const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

/** A file, or a method of it with its comment. */
function shown(file: string, method: string | undefined): string {
  const text = readFileSync(join(folder, file), 'utf8');
  if (method === undefined) return text;
  const found = new RegExp(`^( {2}/\\*\\*[^\\n]*\\n {2}${method}\\([\\s\\S]*?^ {2}}\\n)`, 'm').exec(
    text,
  );
  return (found?.[1] ?? '').replace(/^ {2}/gm, '');
}

const withCode = (text: string): string =>
  text.replace(
    /^<!-- ([\w.-]+)(?:: (\w+))? -->\n```(\w+)\n[\s\S]*?^```$/gm,
    (_, file: string, method: string | undefined, language: string) =>
      `<!-- ${file}${method ? `: ${method}` : ''} -->\n\`\`\`${language}\n${shown(file, method)}\`\`\``,
  );

const withOutput = (text: string): string =>
  text.replace(/^```console\n\$ (.*)\n[\s\S]*?^```$/gm, (_, command: string) => {
    const { stdout } = sandbox.shell(
      `cd ${folder}\nCOLUMNS=100; export COLUMNS\n(${command}) 2>&1`,
    );
    return `\`\`\`console\n$ ${command}\n${stdout}\`\`\``;
  });

const shapeOf = (text: string): string => text.replace(/\d+/g, '#').replace(/[ ─━░]+/g, ' ');

test('the guide shows its code, and what kvx prints', () => {
  expect(shown('step-2.js', 'onRequest')).toContain('deadline');
  const code = withCode(written);
  const now = withOutput(code);
  if (process.env['KVX_REWRITE'] === '1') writeFileSync(document, now);
  else {
    expect(code).toBe(written);
    expect(shapeOf(now)).toBe(shapeOf(written));
  }
});
