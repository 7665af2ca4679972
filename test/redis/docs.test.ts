/**
 * What docs/redis.md shows is what is printed: the commands of its consoles are run in order, in a folder with the scripts that it
 * shows, at ports that are free instead of those it names. `KVX_REWRITE=1` writes down what comes of them now.
 */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../scripts/bench/ports.js';
import { Sandbox } from '../e2e/commands-sandbox.js';
import { reasonToSkip } from './redis-sandbox.js';

const root = join(import.meta.dirname, '../..');
const page = join(root, 'docs/redis.md');
const written = readFileSync(page, 'utf8');
const sandbox = new Sandbox();
const folder = mkdtempSync(join(tmpdir(), 'kvx-docs-'));
const portsOfPage = [7379, 7380, 7381];

afterAll(() => {
  sandbox.cleanUp();
  rmSync(folder, { recursive: true, force: true });
});

/** What is printed by a command of the page, as the page would have it. */
function shown(command: string, ports: readonly number[]): string {
  const [first = 0] = ports;
  const here = portsOfPage.reduce(
    (text, port, at) => text.replaceAll(`${port}`, `${ports[at]}`),
    command.replace(/--resp(?! \d)/, `--resp ${first}`),
  );
  const { status, stdout, stderr } = sandbox.shell(`cd ${folder}\n${here}`);
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  return ports.reduce((text, port, at) => text.replaceAll(`${port}`, `${portsOfPage[at]}`), stdout);
}

const reason = reasonToSkip('redis-cli');
describe.skipIf(reason !== null)(reason ?? 'docs/redis.md', () => {
  it('shows what is printed', async () => {
    const ports = await freePorts(portsOfPage.length);
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [, name = '', script = ''] of written.matchAll(
      /<!-- (\S+\.mjs) -->\n```js\n([\s\S]*?)```/g,
    )) {
      writeFileSync(join(folder, name), script.replace('7379', `${ports[0]}`));
    }
    const now = written.replace(/(?<=^```console\n)[\s\S]*?(?=^```$)/gm, (block) =>
      [...block.matchAll(/^\$ (.*)\n/gm)]
        .map(([line, command = '']) => `${line}${shown(command, ports)}`)
        .join(''),
    );
    if (process.env['KVX_REWRITE'] !== undefined) writeFileSync(page, now);
    else expect(now).toBe(written);
  });
});
