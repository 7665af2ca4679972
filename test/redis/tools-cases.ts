/** What redis-cli and redis-benchmark of the distribution do with a node. */
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  isAtomic,
  type ModeName,
  type RedisSandbox,
  reasonToSkip,
  runTool,
} from './redis-sandbox.js';

const reason = reasonToSkip('redis-cli');

export function redisToolsCases(sandbox: RedisSandbox, mode: ModeName): void {
  describe.skipIf(reason !== null)(reason ?? 'redis-cli and redis-benchmark', () => {
    const cli = async (args: readonly string[], input: string | Uint8Array = '') => {
      const words = ['-p', `${sandbox.port()}`, ...args];
      const { status, stdout, stderr } = await runTool('redis-cli', words, input);
      expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' });
      return stdout;
    };

    it('set and get what kvx put and get see, too', async () => {
      expect(await cli(['set', 'greeting', 'hello'])).toBe('OK\n');
      expect(sandbox.must(['get', 'greeting', '--node', 'n1'])).toBe('hello\n');
      sandbox.must(['put', 'greeting', 'good day', '--node', 'n1']);
      expect(await cli(['get', 'greeting'])).toBe('good day\n');
    });

    it('take many commands in one stream', async () => {
      const input = ['set a 1', 'get a', 'get nothing', 'ping', 'strlen a', 'nonsense b'];
      const said = await cli(['--no-raw'], `${input.join('\n')}\n`);
      expect(said.trimEnd().split('\n')).toEqual([
        ...['OK', '"1"', '(nil)', 'PONG', '(integer) 1'],
        `(error) ERR unknown command 'nonsense', with args beginning with: 'b' `.trimEnd(),
      ]);
    });

    it('store any bytes, and values of a megabyte', async () => {
      const bytes = Uint8Array.from({ length: 1024 * 1024 }, (_, at) => at % 256);
      expect(await cli(['-x', 'set', 'bytes'], bytes)).toBe('OK\n');
      const { stdout } = sandbox.runBytes(['get', 'bytes', '--node', 'n1', '--raw']);
      expect(Buffer.compare(stdout, bytes)).toBe(0);
    });

    it('insert a mass of keys, and list them', async () => {
      const names = Array.from({ length: 500 }, (_, at) => `mass-${at}`);
      const commands = names.map((name) => `SET ${name} x\r\n`).join('');
      expect(await cli(['--pipe'], commands)).toContain('errors: 0, replies: 500');
      const listed = (await cli(['--scan', '--pattern', 'mass-*'])).trimEnd().split('\n');
      expect(listed.sort()).toEqual(names.sort());
    });

    it('speak either version of the protocol', async () => {
      const hello = (version: number) => cli([`-${version}`, '--json', 'hello']);
      expect(JSON.parse(await hello(3))).toMatchObject({ server: 'redis', proto: 3 });
      expect(JSON.parse(await hello(2))).toContain('proto');
      expect(await cli(['-3', '--no-raw', 'get', 'nothing'])).toMatch(/^\(nil\)\n/);
      expect(await cli(['--csv', 'mget', 'greeting', 'nothing'])).toBe('"good day",NULL\n');
    });

    it('ask for what is known of the node', async () => {
      const info = await cli(['info']);
      expect(info).toContain('redis_version:7.');
      expect(info).toContain('role:master');
      expect(await cli(['config', 'get', 'appendonly'])).toBe('appendonly\nyes\n');
      expect(Number(await cli(['dbsize']))).toBeGreaterThan(0);
    });

    it('do transactions where the mode has them, and are told where it has not', async () => {
      const input = ['set n 1', 'multi', 'incr n', 'append n 0', 'exec'].join('\n');
      const lines = (await cli(['--no-raw'], `${input}\n`)).trimEnd().split('\n');
      // Of an answer that took half a second it says so.
      const said = lines.filter((line) => !/^\(\d+\.\d+s\)$/.test(line));
      expect(said[0]).toBe('OK');
      if (isAtomic(mode)) {
        expect(said.slice(1)).toEqual([
          ...['OK', 'QUEUED', 'QUEUED', '1) (integer) 2', '2) (integer) 2'],
        ]);
        expect(await cli(['get', 'n'])).toBe('20\n');
      } else
        expect(said[1]).toMatch(
          new RegExp(`^\\(error\\) ERR MULTI: mode ${mode} has no transactions`),
        );
    });

    it('may be typed at a bare socket', async () => {
      const socket = connect(sandbox.port(), '127.0.0.1').setEncoding('utf8');
      socket.write('PING\r\nSET "a b" c\r\nGET "a b"\nQUIT\r\n');
      const said = await socket.toArray();
      expect(said.join('')).toBe('+PONG\r\n+OK\r\n$1\r\nc\r\n+OK\r\n');
    });

    it('put a load on it, and none of it fails', async () => {
      const tests = isAtomic(mode) ? ['SET', 'GET', 'INCR', 'MSET (10 keys)'] : ['SET', 'GET'];
      const names = tests.map((name) => name.split(' ')[0]?.toLowerCase()).join(',');
      const load = ['-t', names, '-c', '32', '-n', '320', '-P', '4', '-r', '100', '--csv'];
      const words = ['-p', `${sandbox.port()}`, ...load];
      const { status, stdout, stderr } = await runTool('redis-benchmark', words);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const [, ...lines] = stdout.trim().split('\n');
      expect(lines.map((line) => line.split(',')[0])).toEqual(tests.map((name) => `"${name}"`));
    });
  });
}
