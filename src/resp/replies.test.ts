import { describe, expect, it } from 'vitest';
import {
  array,
  bulk,
  errorReply,
  integer,
  nothing,
  ok,
  ReplyWriter,
  type RespReply,
  type RespVersion,
  spareBytes,
  textReply,
} from './replies.js';

const textOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

function written(reply: RespReply, version: RespVersion): string {
  const writer = new ReplyWriter();
  writer.version = version;
  writer.write(reply);
  return textOf(writer.take());
}

const double = (value: number): RespReply => ({ type: 'double', value });

describe('replies in both versions', () => {
  it.each<[RespReply, string, string?]>([
    [ok, '+OK\r\n'],
    [errorReply('ERR one\r\ntwo'), '-ERR one  two\r\n'],
    [errorReply('ERR é'), '-ERR \xc3\xa9\r\n'],
    [integer(0), ':0\r\n'],
    [integer(1234567890), ':1234567890\r\n'],
    [integer(-7), ':-7\r\n'],
    [integer(2 ** 31), ':2147483648\r\n'],
    [integer(2n ** 63n - 1n), ':9223372036854775807\r\n'],
    [integer(-(2n ** 63n)), ':-9223372036854775808\r\n'],
    [integer(2n ** 63n), '$19\r\n9223372036854775808\r\n', '(9223372036854775808\r\n'],
    [nothing, '$-1\r\n', '_\r\n'],
    [{ type: 'no array' }, '*-1\r\n', '_\r\n'],
    [bulk(new Uint8Array([0, 13, 10, 255])), '$4\r\n\x00\r\n\xff\r\n'],
    [bulk(new Uint8Array(0)), '$0\r\n\r\n'],
    [textReply('é'), '$2\r\n\xc3\xa9\r\n'],
    [{ type: 'verbatim', text: 'ab' }, '$2\r\nab\r\n', '=6\r\ntxt:ab\r\n'],
    [array([]), '*0\r\n'],
    [array([integer(1), array([nothing])]), '*2\r\n:1\r\n*1\r\n$-1\r\n', '*2\r\n:1\r\n*1\r\n_\r\n'],
    [
      { type: 'map', entries: [[textReply('a'), { type: 'map', entries: [[ok, integer(10)]] }]] },
      '*2\r\n$1\r\na\r\n*2\r\n+OK\r\n:10\r\n',
      '%1\r\n$1\r\na\r\n%1\r\n+OK\r\n:10\r\n',
    ],
    [{ type: 'set', items: [ok] }, '*1\r\n+OK\r\n', '~1\r\n+OK\r\n'],
    [double(1.5), '$3\r\n1.5\r\n', ',1.5\r\n'],
    [double(10), '$2\r\n10\r\n', ',10\r\n'],
    [double(Number.POSITIVE_INFINITY), '$3\r\ninf\r\n', ',inf\r\n'],
    [double(Number.NEGATIVE_INFINITY), '$4\r\n-inf\r\n', ',-inf\r\n'],
    [double(Number.NaN), '$3\r\nnan\r\n', ',nan\r\n'],
  ])('%#', (reply, inVersion2, inVersion3 = inVersion2) => {
    expect(written(reply, 2)).toBe(inVersion2);
    expect(written(reply, 3)).toBe(inVersion3);
  });
});

it('many replies are one piece, however large', () => {
  const writer = new ReplyWriter();
  const other = new ReplyWriter();
  let expected = '';
  for (let length = 0; length < 3 * spareBytes; length = 2 * length + 1) {
    writer.write(bulk(new Uint8Array(length).fill(0x61)));
    expected += `$${length}\r\n${'a'.repeat(length)}\r\n`;
    other.write(integer(length));
  }
  expect(writer.length).toBe(expected.length);
  const taken = writer.take();
  other.write(ok);
  // More than a spare buffer holds is nobody else's.
  expect(textOf(taken)).toBe(expected);
  expect(writer.length).toBe(0);
  writer.write(ok);
  expect(textOf(writer.take())).toBe('+OK\r\n');
});

it('what was taken last is not what is taken next, though it be as long', () => {
  const writer = new ReplyWriter();
  const said = [3, 4, 10, 11, 5].map((value) => {
    writer.write(integer(value));
    return textOf(writer.take());
  });
  expect(said).toEqual([':3\r\n', ':4\r\n', ':10\r\n', ':11\r\n', ':5\r\n']);
});
