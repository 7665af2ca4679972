/** The first thing that a newcomer sees. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ended, Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
const temporary = mkdtempSync(join(tmpdir(), 'kvx-dt-'));
afterAll(() => {
  sandbox.cleanUp();
  rmSync(temporary, { recursive: true, force: true });
});

/** The demo keeps its home here, so that what it leaves can be seen. */
const env = { TMPDIR: temporary };

function expectNoTrace(): void {
  expect(readdirSync(temporary)).toEqual([]);
  expect(readdirSync(sandbox.home)).toEqual([]);
  const sockets = readdirSync(sandbox.runtime, { recursive: true, encoding: 'utf8' });
  expect(sockets.filter((name) => name.endsWith('.sock'))).toEqual([]);
}

test('it shows what it says, and leaves nothing behind', () => {
  const { status, stdout, stderr } = sandbox.run(['demo'], '', env);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/\$ kvx get greeting --node n4 --level one\n +hello\n/);
  expect(stdout).toMatch(/\$ kvx verify\n +agree\n/);
  expect(stdout).not.toContain('\u001b[');
  expectNoTrace();
});

test('interrupted, it cleans up', async () => {
  const child = sandbox.start(['demo'], env);
  const ending = ended(child);
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (text) => {
      if (String(text).includes('kvx put greeting hello')) resolve();
    });
  });
  child.kill('SIGINT');
  const { status, stderr } = await ending;
  expect(status).toBe(130);
  expect(stderr).toBe('Stopping, and cleaning up…\n');
  expectNoTrace();
});

test('with --json it is one document', () => {
  const { status, stdout } = sandbox.run(['demo', '--json'], '', env);
  const document = JSON.parse(stdout);
  expect(status).toBe(0);
  expect(document.asTold).toBe(true);
  expect(document.steps).toHaveLength(8);
  expect(document.steps[0].commands[0]).toMatchObject({
    line: 'kvx cluster up --nodes 4',
    exitCode: 0,
    asTold: true,
  });
});
