/** Requests of Redis clients: whole, split, merged, truncated, oversized and hostile. */
import { definiteError } from '../../src/core/errors.js';
import { respLimits } from '../../src/resp/limits.js';
import { ProtocolError, RequestParser, type Words } from '../../src/resp/parser.js';
import { parsedNaively } from '../../src/resp/testing/naive-parser.js';
import type { ParserUnderTest } from './campaign.js';
import { type Grammar, mostly } from './mutate.js';

const grammar: Grammar = {
  input: ['<request>', '<request><input>', '<request><request><request>', '<head><input>'],
  request: mostly(
    ['*1\r\n<ping>', '*2\r\n<get><word>', '*3\r\n<set><word><word>', '<line>\r\n'],
    ['*<count>\r\n<word><word>', '<head>', '*0\r\n', '*-1\r\n', '\r\n', '<line>\n', '<word>'],
  ),
  head: ['*2\r\n', '*<count>\r\n', '$<count>\r\n', '*<count>', '*1\r\n$<count>\r\n', '*3\n'],
  ping: ['$4\r\nPING\r\n'],
  get: ['$3\r\nGET\r\n'],
  set: ['$3\r\nSET\r\n'],
  word: mostly(
    ['$1\r\na\r\n', '$0\r\n\r\n', '$10\r\n0123456789\r\n', '$2\r\n\r\n\r\n'],
    ['$<count>\r\nabc\r\n', '$3\r\nab', '$-1\r\n', '3\r\nabc\r\n', '$1\r\nabc', '+OK\r\n'],
  ),
  line: mostly(
    ['PING', 'GET a', 'SET a "b c"', "SET 'a' b", 'SET a "\\x41\\n\\""', ' \t GET\ta  '],
    ['SET a "b', "SET 'a'b c", 'GET "\\x4', 'a\vb', '"a"\vb', "'\\'", '\\', 'GET \0'],
  ),
  count: mostly(
    ['1', '2', '3', '4'],
    [
      ...['0', '-1', '01', '+1', '', ' 1', '1 ', '1e1', '0x1', '11', '16385', '65536', '65537'],
      ...[`${respLimits.argumentBytesMax}`, `${respLimits.argumentBytesMax + 1}`, '4194305'],
      ...[
        '2147483647',
        '2147483648',
        '9223372036854775807',
        '99999999999999999999',
        '1'.repeat(70),
      ],
    ],
  ),
};

const corpus = [
  '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n',
  'PING\r\nSET a "b c"\r\nGET a\r\n',
  `*2\r\n$4\r\nECHO\r\n$300\r\n${'x'.repeat(300)}\r\n`,
];

export const requestSources = { grammar, corpus };

export const requestBytes = (text: string): Uint8Array =>
  Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff);

const latin1 = (bytes: Uint8Array): string => String.fromCharCode.apply(null, bytes as never);

/** Another client, whose requests come in small pieces between those of all the others. */
class Neighbour {
  readonly #parser = new RequestParser();
  readonly #request = requestBytes('*2\r\n$4\r\nECHO\r\n$5\r\nhello\r\n');
  #at = 0;
  #toCome = 0;

  goOn(): void {
    const end = Math.min(this.#request.length, this.#at + 3);
    this.#toCome = end === this.#request.length ? 1 : 0;
    this.#parser.push(this.#request.subarray(this.#at, end), (words) => this.#take(words));
    if (this.#toCome !== 0) throw new Error('a neighbour was not heard');
    this.#at = end % this.#request.length;
  }

  #take(words: Words): void {
    if (words.map(latin1).join(' ') !== 'ECHO hello') throw new Error('a neighbour was misheard');
    this.#toCome--;
  }
}

const neighbour = new Neighbour();

/** Takes what a naive parser takes, says what that says, and holds no more than has come. */
function parse(text: string): void {
  const input = requestBytes(text);
  // Anything that depends on the input alone.
  const step = 1 + (input.length % 7) * (1 + ((input[input.length >> 1] ?? 0) % 31));
  const isTrusted = input.length % 3 > 0;
  const { commands, problem } = inPieces(input, step, isTrusted);
  neighbour.goOn();
  const naive = parsedNaively(latin1(input), isTrusted);
  if (JSON.stringify([commands, problem]) !== JSON.stringify([naive.commands, naive.problem])) {
    throw new Error(`took ${JSON.stringify(commands)} and said ${problem}, not ${naive.problem}`);
  }
  if (problem !== null) throw definiteError('bad-request', problem.replace(/[\r\n]/g, ' '));
}

function inPieces(
  input: Uint8Array,
  step: number,
  isTrusted: boolean,
): { commands: string[][]; problem: string | null } {
  const parser = new RequestParser();
  parser.isTrusted = isTrusted;
  const commands: string[][] = [];
  try {
    for (let at = 0; at < input.length; at += step) {
      parser.push(input.subarray(at, at + step), (words) => {
        commands.push(words.map(latin1));
      });
      if (parser.bytesGathered > at + step) throw new Error('holds more than has come');
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { commands, problem: error.message };
  }
  return { commands, problem: null };
}

export const requestsOfRedisClients: ParserUnderTest = {
  name: 'requests of Redis clients',
  share: 0,
  ...requestSources,
  parse,
};
