/** What servers say, read as it comes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from './parser.js';
import { array, bulk, errorReply, integer, ReplyWriter, type RespReply } from './replies.js';
import { type ReadReply, ReplyReader } from './reply-reader.js';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function readAll(...chunks: readonly Uint8Array[]): ReadReply[] {
  const reader = new ReplyReader();
  const replies: ReadReply[] = [];
  for (const chunk of chunks) reader.push(chunk, (reply) => replies.push(reply));
  return replies;
}

const read = (text: string): ReadReply[] => readAll(bytesOf(text));
const text = (value: string): ReadReply => ({
  type: 'bulk',
  value: Uint8Array.from(Buffer.from(value)),
});

describe('one reply', () => {
  it.each<[string, ReadReply]>([
    ['+OK\r\n', { type: 'simple', text: 'OK' }],
    ['-ERR no\r\n', { type: 'error', text: 'ERR no' }],
    [':-12\r\n', { type: 'integer', value: -12n }],
    [':9223372036854775807\r\n', { type: 'integer', value: 9223372036854775807n }],
    ['$0\r\n\r\n', text('')],
    ['$4\r\n\r\n\r\n\r\n', text('\r\n\r\n')],
    ['$-1\r\n', { type: 'null' }],
    ['*-1\r\n', { type: 'null' }],
    ['_\r\n', { type: 'null' }],
    ['*0\r\n', { type: 'array', items: [] }],
    [
      '*2\r\n*1\r\n:1\r\n$1\r\na\r\n',
      {
        type: 'array',
        items: [{ type: 'array', items: [{ type: 'integer', value: 1n }] }, text('a')],
      },
    ],
    ['=7\r\ntxt:abc\r\n', text('abc')],
    ['~1\r\n$1\r\na\r\n', { type: 'array', items: [text('a')] }],
    ['%1\r\n+a\r\n:1\r\n', { type: 'other' }],
    [',1.5\r\n', { type: 'other' }],
    ['#t\r\n', { type: 'other' }],
  ])('%j', (sent, reply) => {
    expect(read(sent)).toEqual([reply]);
  });
});

describe('what nobody asked for', () => {
  it('is passed over: pushes and attributes, in front of a reply and within one', () => {
    const push = '>2\r\n+invalidate\r\n*1\r\n$1\r\na\r\n';
    const attribute = '|1\r\n+ttl\r\n:3600\r\n';
    expect(read(`${push}+OK\r\n${push}${attribute}:1\r\n`)).toEqual([
      { type: 'simple', text: 'OK' },
      { type: 'integer', value: 1n },
    ]);
    expect(read(`*2\r\n${attribute}:1\r\n:2\r\n`)).toEqual([
      { type: 'array', items: [1n, 2n].map((value) => ({ type: 'integer', value })) },
    ]);
  });
});

describe('bounds', () => {
  it('what is too large is read to its end, and not kept', () => {
    const large = new Uint8Array(5 * 1024 * 1024).fill(97);
    const head = bytesOf(`$${large.length}\r\n`);
    const replies = readAll(head, large, bytesOf('\r\n+OK\r\n'));
    expect(replies).toEqual([{ type: 'other' }, { type: 'simple', text: 'OK' }]);
    const many = `*70000\r\n${':1\r\n'.repeat(70_000)}:7\r\n`;
    expect(read(many)).toEqual([{ type: 'other' }, { type: 'integer', value: 7n }]);
  });

  it.each([
    ['no sign', 'hello\r\n'],
    ['no number', ':1x\r\n'],
    ['no length', '$-2\r\n'],
    ['a string that is longer', '$1\r\nab\r\n'],
    ['nested too deep', '*1\r\n'.repeat(65)],
    ['an endless line', `+${'a'.repeat(70_000)}`],
  ])('refuses %s', (_, sent) => {
    expect(() => read(sent)).toThrow(ProtocolError);
  });
});

const anyReply = fc.letrec<{ reply: RespReply }>((tie) => ({
  reply: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.uint8Array({ maxLength: 20 }).map(bulk),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(integer),
    fc.constantFrom<RespReply>({ type: 'simple', text: 'OK' }, errorReply('ERR x'), bulk(null)),
    fc.array(tie('reply'), { maxLength: 4 }).map(array),
  ),
})).reply;

it('wherever it is cut, what was written is read', () => {
  fc.assert(
    fc.property(
      fc.array(anyReply, { maxLength: 5 }),
      fc.constantFrom<2 | 3>(2, 3),
      fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      (replies, version, lengths) => {
        const writer = new ReplyWriter();
        writer.version = version;
        for (const reply of replies) writer.write(reply);
        const bytes = writer.take();
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; ) {
          const end = at + (lengths.next().value as number);
          pieces.push(bytes.subarray(at, end));
          at = end;
        }
        expect(readAll(...pieces)).toEqual(replies.map(asRead));
      },
    ),
  );
});

function asRead(reply: RespReply): unknown {
  if (reply.type === 'array') return { type: 'array', items: reply.items.map(asRead) };
  if (reply.type === 'integer') return { type: 'integer', value: BigInt(reply.value) };
  return reply.type === 'bulk' && reply.value === null ? { type: 'null' } : reply;
}
