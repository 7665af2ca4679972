/** Where nodes let Redis clients in, from the command line to the wire. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePorts } from '../../scripts/bench/ports.js';
import { Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

/** What is answered to a `PING` there; `null`: nobody listens. */
async function ping(at: number | string): Promise<string | null> {
  const socket = typeof at === 'number' ? connect(at, '127.0.0.1') : connect(at);
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [bytes] = await once(socket, 'data');
    return String(bytes);
  } catch {
    return null;
  } finally {
    socket.destroy();
  }
}

const pong = '+PONG\r\n';

describe('cluster up --resp', () => {
  let first = 0;
  beforeAll(async () => {
    [first = 0] = await freePorts(4);
  });

  const respOf = (flags: readonly string[], env = {}) => {
    const { stdout } = sandbox.run(['cluster', 'config', '--json', ...flags], '', env);
    return JSON.parse(stdout).resp;
  };

  test('needs no port, wherever it stands, and takes one either way', () => {
    expect(respOf(['--resp', '--mode', 'paxos']).port).toBe(7379);
    expect(respOf(['-n', '3', '--resp']).port).toBe(7379);
    expect(respOf(['--resp', '7000', '-n', '3']).port).toBe(7000);
    // The environment may speak of a password to clusters that need none.
    const env = { KVX_RESP: '7000', KVX_RESP_PASSWORD: 's3cret' };
    expect(respOf(['-n', '3'], env)).toEqual({ port: 7000, host: '127.0.0.1', password: true });
    expect(respOf(['--resp=off'], env)).toBe('off');
    expect(sandbox.run(['cluster', 'up', '--resp-host', '0.0.0.0'])).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('--resp-host says nothing without --resp'),
    });
  });

  test('opens a port and a socket a node, and says so', async () => {
    const up = sandbox.run(['cluster', 'up', '-n', '3', '-m', 'paxos', '--resp', `${first}`]);
    expect(up).toMatchObject({ status: 0, stderr: expect.stringMatching(/Try:\n.*redis-cli -p/s) });
    expect(up.stdout).toMatch(new RegExp(`n3 .* 127\\.0\\.0\\.1:${first + 2}\n`));
    const { nodes } = sandbox.json(['cluster', 'status']).document;
    for (const [at, { resp }] of nodes.entries()) {
      expect(resp).toMatchObject({ host: '127.0.0.1', port: first + at, password: false });
      expect(await ping(resp.port)).toBe(pong);
      expect(await ping(resp.socket)).toBe(pong);
    }
  });

  test('keeps the port of a node for as long as there is one', async () => {
    sandbox.run(['node', 'restart', 'n2']);
    expect(await ping(first + 1)).toBe(pong);
    sandbox.run(['node', 'add']);
    expect(await ping(first + 3)).toBe(pong);
    sandbox.run(['node', 'remove', 'n2']);
    expect(await ping(first + 1)).toBeNull();
  });

  test('starts nothing at a port that is taken, and changes none of a cluster that is up', () => {
    const two = sandbox.run(['cluster', 'up', '--name', 'two', '--resp', `${first}`]);
    expect(two).toMatchObject({ status: 3, stdout: '' });
    expect(two.stderr).toMatch(
      /^error: n1 can't take Redis clients at port \d+ of 127\.0\.0\.1: cluster dev listens there\nNothing was started\. Choose others with `--resp \d+`\.\n$/,
    );
    const off = sandbox.run(['cluster', 'up', '--resp', 'off']);
    expect(off).toMatchObject({ status: 3, stderr: expect.stringContaining('not off') });
    const { clusters } = sandbox.json(['cluster', 'list']).document;
    expect(clusters).toMatchObject([{ name: 'dev', resp: { host: '127.0.0.1', port: first } }]);
  });

  test('is kept for the next time, with the password that comes then, until it is off', async () => {
    sandbox.run(['cluster', 'down']);
    expect(sandbox.run(['cluster', 'up', '--resp-password', '-'], 's3cret\n').status).toBe(0);
    expect(await ping(first + 3)).toMatch(/^-NOAUTH/);
    const shown = sandbox.json(['node', 'status', 'n4']).document;
    expect(shown.nodes[0].resp).toMatchObject({ port: first + 3, password: true });
    const other = sandbox.run(['cluster', 'up', '--resp-password', 'another']);
    expect(other.stderr).toMatch(/another resp-password\n.*--resp-password -/);
    expect(`${JSON.stringify(shown)}${other.stderr}`).not.toMatch(/s3cret|--resp-password another/);
    sandbox.run(['cluster', 'down']);
    expect(sandbox.run(['cluster', 'up', '--resp', 'off']).status).toBe(0);
    expect(await ping(first)).toBeNull();
  });
});
