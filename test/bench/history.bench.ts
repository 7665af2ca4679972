/**
 * How long a million operations of 32 processes on 100 keys take to be read, and one operation to be recorded. Not part
 * of the tests:
 *
 *     npx vitest bench --run test/bench/history.bench.ts
 */
import { bench, describe } from 'vitest';
import { keyFromText } from '../../src/core/key.js';
import { SeededRandom } from '../../src/core/random.js';
import { readHistory } from '../../src/history/files/read-file.js';
import { JsonLines } from '../../src/history/recorder/json-lines.js';
import { Recorder } from '../../src/history/recorder/recorder.js';

/** Puts of unique values and gets, each process one after the other, in pieces as a file is read. */
function millionOperations(): Buffer[] {
  const random = new SeededRandom(1);
  const open: (string | null)[] = Array(32).fill(null);
  const last = new Map<string, string>();
  const pieces: Buffer[] = [];
  let text = '';
  let time = 0;
  for (let begun = 0, at = 0; begun < 1_000_000 || open.some((call) => call !== null); at++) {
    const process = at % open.length;
    time += random.below(2000);
    const call = open[process] as string | null;
    if (call === null) {
      if (begun === 1_000_000) continue;
      const key = `k${random.below(100)}`;
      const isPut = random.chance(0.5);
      const value = isPut ? `"v${begun}"` : 'null';
      if (isPut) last.set(key, value);
      open[process] =
        `"f":"${isPut ? 'put' : 'get'}","key":"${key}","value":${isPut ? value : (last.get(key) ?? 'null')}`;
      text += `{"process":${process},"type":"invoke","f":"${isPut ? 'put' : 'get'}","key":"${key}","value":${value},"time":${time}}\n`;
      begun++;
    } else {
      open[process] = null;
      text += `{"process":${process},"type":"ok",${call},"time":${time}}\n`;
    }
    if (text.length > 4 * 1024 * 1024) {
      pieces.push(Buffer.from(text));
      text = '';
    }
  }
  return [...pieces, Buffer.from(text)];
}

describe('a million operations', () => {
  const pieces = millionOperations();
  bench(
    'read',
    async () => {
      await readHistory(pieces);
    },
    { iterations: 3, time: 0, warmupIterations: 1, warmupTime: 0 },
  );
});

describe('a put and a get of 100 bytes', () => {
  const sink = { write() {}, close() {} };
  const recorder = new Recorder({ sink: new JsonLines(sink), now: () => performance.now() });
  const client = recorder.client();
  const key = keyFromText('key-123');
  const value = new Uint8Array(100).fill(46);
  const version = { stamp: 123_456_789_012_345, node: 'n1' };
  bench('recorded', () => {
    client.invoke({ type: 'put', key, value })?.end({ type: 'done', version, existed: null }, 'n1');
    client.invoke({ type: 'get', key })?.end({ type: 'value', value, version }, 'n1');
  });
});
