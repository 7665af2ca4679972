/** `kvx lab` as built: what it serves, to whom, and how it ends. What the page does: test/web/lab.test.ts. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { kvx, kvxArgs } from './commands-sandbox.js';

let served: ChildProcess | null = null;
afterEach(() => served?.kill('SIGKILL'));

async function addressOf(child: ChildProcess): Promise<URL> {
  const [printed] = await once(child.stdout ?? child, 'data');
  return new URL(String(printed).trim());
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
}

function ask({ hostname, port, host }: URL, asked: Asked = {}) {
  const headers = { host: asked.host ?? host };
  const { method = 'GET', path = '/' } = asked;
  return new Promise<{ status: number; body: string; headers: NodeJS.Dict<unknown> }>(
    (resolve, reject) => {
      const sent = request({ hostname, port, method, path, headers }, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body, headers: response.headers });
        });
      });
      sent.on('error', reject).end();
    },
  );
}

it('serves its one page to this machine, with the scenario in it, until it is interrupted', async () => {
  const args = [...kvxArgs, 'lab', '-', '--seed', '7', '--no-open'];
  served = spawn(kvx, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  served.stdin?.end('cluster up\nput x "</script>"\n');
  const address = await addressOf(served);
  expect(address.hostname).toBe('127.0.0.1');
  const { status, body, headers } = await ask(address);
  expect(status).toBe(200);
  expect(headers['content-security-policy']).toBe("frame-ancestors 'none'");
  expect(body).toMatch(/<meta http-equiv="Content-Security-Policy" content="default-src 'none';/i);
  const opening = /<script id="opening"[^>]*>(.*?)<\/script>/.exec(body)?.[1] ?? '';
  expect(JSON.parse(opening)).toEqual({
    ...{ name: 'standard input', seed: 7 },
    scenario: 'cluster up\nput x "</script>"\n',
  });
  const refused: readonly (readonly [Asked, number])[] = [
    [{ method: 'POST' }, 405],
    [{ path: '/etc/passwd' }, 404],
    // A name of the web that was made to mean this machine.
    [{ host: `attacker.example:${address.port}` }, 421],
  ];
  for (const [asked, wanted] of refused) {
    const answer = await ask(address, asked);
    expect(answer).toMatchObject({ status: wanted, body: '' });
  }
  served.kill('SIGINT');
  expect(await once(served, 'exit')).toEqual([130, null]);
});

it.each([
  [['no-such-scenario'], /there is no such file/],
  [['stale-read', '--bug', 'nope'], /there is no bug "nope"/],
  [['--seed', '3'], /name one/],
  [['stale-read', '--out', '/nowhere/lab.html'], /there is no such folder/],
])('refuses %j', (args, why) => {
  const { status, stderr } = spawnSync(kvx, [...kvxArgs, 'lab', ...args], {
    encoding: 'utf8',
  });
  expect(stderr).toMatch(why);
  expect(status).toBe(64);
});
