import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { respLimits } from './limits.js';
import { ProtocolError, RequestParser } from './parser.js';
import { parsedNaively } from './testing/naive-parser.js';

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

interface Parsed {
  readonly commands: readonly string[][];
  /** `null`: none. */
  readonly problem: string | null;
}

/** As the parser takes it, cut before each of `cuts`. */
function parsed(input: Uint8Array, cuts: readonly number[] = [], isTrusted = true): Parsed {
  const parser = new RequestParser();
  parser.isTrusted = isTrusted;
  const commands: string[][] = [];
  const ends = [...cuts.map((cut) => cut % (input.length + 1)), input.length].sort((a, b) => a - b);
  let at = 0;
  try {
    for (const end of ends) {
      // What has been pushed is used again for something else.
      const chunk = input.slice(at, end);
      parser.push(chunk, (words) => commands.push(words.map(textOf)));
      chunk.fill(0x78);
      at = end;
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { commands, problem: error.message };
  }
  return { commands, problem: null };
}

const everywhere = (input: Uint8Array): number[] => Array.from(input, (_, at) => at);

describe('a request', () => {
  it.each([
    ['*2\r\n$3\r\nGET\r\n$1\r\na\r\n', [['GET', 'a']]],
    ['*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n', [['PING'], ['PING']]],
    ['*0\r\n*-1\r\n\r\n   \r\n*1\r\n$0\r\n\r\n', [['']]],
    // Redis looks at neither byte behind a word, nor at that behind CR.
    ['*1\r\n$1\r\naXX*1\rX$1\rXbYY', [['a'], ['b']]],
    ['*1\r\n$4\r\n\r\n*1\r\n', [['\r\n*1']]],
    ['PING\r\nset  a\tb \nGET a\r\n', [['PING'], ['set', 'a', 'b'], ['GET', 'a']]],
    ['set "a b" "\\x41\\n\\"\\q" \'c\\\'\\n\'\n', [['set', 'a b', 'A\n"q', "c'\\n"]]],
    ['set "" \'\'\r\n', [['set', '', '']]],
    ['a"b c" x\n', [['ab c', 'x']]],
    ['a\vb "x"\vy\n', [['a\vb', 'x', 'y']]],
    ['\xff\x00 \x80\n', [['\xff\x00', '\x80']]],
    ['"\\xg1\\x4"\n', [['xg1x4']]],
  ])('%j', (text, commands) => {
    const input = bytesOf(text);
    expect(parsed(input)).toEqual({ commands, problem: null });
    expect(parsed(input, everywhere(input))).toEqual({ commands, problem: null });
  });

  it.each([
    ['*x\r\n', 'invalid multibulk length'],
    ['*\r\n', 'invalid multibulk length'],
    ['*01\r\n', 'invalid multibulk length'],
    ['*+1\r\n', 'invalid multibulk length'],
    ['*-0\r\n', 'invalid multibulk length'],
    ['*3\n$3\r\n', 'invalid multibulk length'],
    ['*99999999999999999999\r\n', 'invalid multibulk length'],
    [`*${respLimits.argumentsMax + 1}\r\n`, 'invalid multibulk length'],
    ['*1\r\n3\r\n', "expected '$', got '3'"],
    ['*1\r\n\r\n', "expected '$', got '\r'"],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    ['*1\r\n$x\r\n', 'invalid bulk length'],
    [`*1\r\n$${respLimits.argumentBytesMax + 1}\r\n`, 'invalid bulk length'],
    ['set "a\r\n', 'unbalanced quotes in request'],
    ['set "a"b\r\n', 'unbalanced quotes in request'],
    ["set 'a\\'\r\n", 'unbalanced quotes in request'],
    ['x'.repeat(respLimits.lineBytesMax + 1), 'too big inline request'],
    [`*${'1'.repeat(respLimits.lineBytesMax)}`, 'too big mbulk count string'],
    [`*1\r\n$${'1'.repeat(respLimits.lineBytesMax)}`, 'too big bulk count string'],
  ])('a wrong request, %#: is refused', (text, problem) => {
    const input = bytesOf(`PING\r\n${text}`);
    const outcome = { commands: [['PING']], problem: `Protocol error: ${problem}` };
    expect(parsed(input)).toEqual(outcome);
    expect(parsed(input, everywhere(input))).toEqual(outcome);
  });

  it.each([
    ['*11\r\n', 'unauthenticated multibulk length'],
    ['*1\r\n$16385\r\n', 'unauthenticated bulk length'],
  ])('%j is refused before the password', (text, problem) => {
    const outcome = { commands: [], problem: `Protocol error: ${problem}` };
    expect(parsed(bytesOf(text), [], false)).toEqual(outcome);
    expect(parsed(bytesOf(text))).toEqual({ commands: [], problem: null });
  });

  it('may be as long as the longest word, and no longer than all words may be', () => {
    const { argumentBytesMax, commandBytesMax } = respLimits;
    const word = `$${argumentBytesMax}\r\n${'v'.repeat(argumentBytesMax)}\r\n`;
    const { commands, problem } = parsed(bytesOf(`*9\r\n${word.repeat(4)}`), [77, 100_000]);
    expect(commands).toEqual([]);
    expect(problem).toBe('Protocol error: invalid bulk length');
    const fits = Math.floor(commandBytesMax / argumentBytesMax);
    const taken = parsed(bytesOf(`*${fits}\r\n${word.repeat(fits)}`), [77, 100_000]);
    expect(taken.problem).toBe(null);
    expect(taken.commands.map((words) => words.map(({ length }) => length))).toEqual([
      Array(fits).fill(argumentBytesMax),
    ]);
  });
});

it('stops after a command when that is enough for now', () => {
  const parser = new RequestParser();
  const chunk = bytesOf('PING\r\n*1\r\n$4\r\nECHO\r\nQUIT\r\n');
  const taken: string[] = [];
  const one = (words: readonly Uint8Array[]): boolean => {
    taken.push(words.map(textOf).join(' '));
    return false;
  };
  let at = 0;
  for (let nth = 1; at < chunk.length; nth++) {
    at += parser.push(chunk.subarray(at), one);
    expect(taken.length).toBe(nth);
  }
  expect(taken).toEqual(['PING', 'ECHO', 'QUIT']);
});

it('knows what the command under way takes, and how much of it is here', () => {
  const parser = new RequestParser();
  parser.isTrusted = true;
  const push = (text: string): number => parser.push(bytesOf(text), () => {});
  expect(parser.bytesExpected).toBe(0);
  push('*3\r\n$3\r\nSET\r\n$100000\r\nabc');
  expect(parser.bytesExpected).toBeGreaterThanOrEqual(100_003);
  expect(parser.expectsMore).toBe(true);
  expect(parser.bytesGathered).toBe(6);
  push('x'.repeat(99_997));
  expect(parser.bytesGathered).toBe(100_003);
  push('\r\n$1\r\n');
  expect(parser.expectsMore).toBe(false);
  push('x\r\n');
  expect(parser.bytesExpected).toBe(0);
  expect(parser.bytesGathered).toBe(0);
});

it('keeps no more of a word than has come, twice', () => {
  const parser = new RequestParser();
  parser.isTrusted = true;
  const words: Uint8Array[] = [];
  const length = respLimits.argumentBytesMax;
  parser.push(bytesOf(`*1\r\n$${length}\r\n`), () => {});
  const piece = new Uint8Array(1000).fill(0x61);
  for (let left = length; left > 0; left -= piece.length)
    parser.push(piece.subarray(0, left), (taken) => words.push(...taken));
  parser.push(bytesOf('\r\n'), (taken) => words.push(...taken));
  expect(words.map((word) => [word.length, word.buffer.byteLength])).toEqual([[length, length]]);
});

/** Pieces of requests, whole ones and such as come close to them. */
const piece = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.string({ maxLength: 12 }), { maxLength: 4 }).map(request) },
  fc.constantFrom('*', '$', '\r', '\n', '\r\n', '*1\r\n', '$3\r\n', '*-1\r\n', '"', "'", '\\', ' '),
  fc.constantFrom('PING\r\n', 'get "a\\x41"\n', "set 'a' b\r\n", '*2\r\n$1\r\n', '$0\r\n\r\n'),
  fc.integer({ min: -3, max: 20 }).map(String),
  fc.uint8Array({ maxLength: 6 }).map(textOf),
);

function request(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

it('takes what a naive parser takes of the whole, wherever it is cut', () => {
  const inputs = fc.array(piece, { maxLength: 12 }).map((pieces) => bytesOf(pieces.join('')));
  const cuts = fc.array(fc.nat(), { maxLength: 8 });
  fc.assert(
    fc.property(inputs, cuts, fc.boolean(), (input, at, isTrusted) => {
      const naive = parsedNaively(textOf(input), isTrusted);
      expect(parsed(input, at, isTrusted)).toEqual(naive);
    }),
    { numRuns: 1000 },
  );
});
