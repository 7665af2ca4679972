/** What redis-cli and redis-benchmark of the distribution do with a node. */
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type RedisSandbox, reasonToSkip, runTool } from './redis-sandbox.js';

const reason = reasonToSkip('redis-cli');

export function redisToolsCases(sandbox: RedisSandbox): void {
  describe.skipIf(reason !== null)(reason ?? 'redis-cli and redis-benchmark', () => {
    const cli = async (args: readonly string[], input: string | Uint8Array = '') => {
      const { status, stdout, stderr } = await runTool(
        'redis-cli',
        ['-p', `${sandbox.port()}`, ...args],
        input,
      );
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
      const input = ['set a 1', 'get a', 'get nothing', 'ping', 'nonsense b'].join('\n');
      const said = await cli(['--no-raw'], `${input}\n`);
      expect(said.split('\n').slice(0, 4)).toEqual(['OK', '"1"', '(nil)', 'PONG']);
      expect(said).toContain(
        "(error) ERR unknown command 'nonsense', with args beginning with: 'b'",
      );
    });

    it('store any bytes, and values of a megabyte', async () => {
      const bytes = Uint8Array.from({ length: 1024 * 1024 }, (_, at) => at % 256);
      expect(await cli(['-x', 'set', 'bytes'], bytes)).toBe('OK\n');
      const { stdout } = sandbox.runBytes(['get', 'bytes', '--node', 'n1', '--raw']);
      expect(Buffer.compare(stdout, bytes)).toBe(0);
    });

    it('may be typed at a bare socket', async () => {
      const socket = connect(sandbox.port(), '127.0.0.1').setEncoding('utf8');
      socket.write('PING\r\nSET ab c\r\nGET ab\nQUIT\r\n');
      const said = await socket.toArray();
      expect(said.join('')).toBe('+PONG\r\n+OK\r\n$1\r\nc\r\n+OK\r\n');
    });

    it('put a load on it, and none of it fails', async () => {
      const load = ['-t', 'set,get', '-c', '32', '-n', '1000', '-r', '100', '--csv'];
      const { status, stdout, stderr } = await runTool('redis-benchmark', [
        ...['-p', `${sandbox.port()}`, ...load],
      ]);
      expect({ status, stderr }).toMatchObject({ status: 0 });
      const tests = stdout.trim().split('\n').slice(1);
      expect(tests.map((line) => line.split(',')[0])).toEqual(['"SET"', '"GET"']);
    });
  });
}
