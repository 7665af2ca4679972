/** Requests as one would read them who has all of the input as text: what the parser is compared with. */
import { respLimits } from '../limits.js';

interface NaivelyParsed {
  readonly commands: readonly string[][];
  readonly problem: string | null;
}

class Problem extends Error {}

export function parsedNaively(input: string, isTrusted: boolean): NaivelyParsed {
  const commands: string[][] = [];
  let rest = input;
  try {
    for (;;) {
      const next = rest.startsWith('*') ? array(rest, isTrusted) : inline(rest);
      if (next === null) return { commands, problem: null };
      if (next.words.length > 0) commands.push(next.words);
      rest = next.rest;
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { commands, problem: `Protocol error: ${error.message}` };
  }
}

interface Next {
  readonly words: string[];
  readonly rest: string;
}

const double = String.raw`"(?:\\[\s\S]|[^\\"])*"`;
const single = String.raw`'(?:\\'|[^'\\]|\\(?!'))*'`;
/** Quotes begin anywhere in a word, and end it. */
const quoted = `(?:${double}|${single})(?=[ \t-\r]|$)`;
const plain = `[^ \t\n\r"']+`;
const word = new RegExp(`^[ \t-\r]*(?![ \t-\r])(${plain}(?:${quoted})?(?!["'])|${quoted})`);

function inline(input: string): Next | null {
  const [line] = lineOf(input, '\n', 'too big inline request') ?? [];
  if (line === undefined) return null;
  const words: string[] = [];
  let text = line.replace(/\r$/, '');
  for (let found = word.exec(text); found !== null; found = word.exec(text)) {
    words.push(unquoted(found[1] as string));
    text = text.slice(found[0].length);
  }
  if (/[^ \t-\r]/.test(text)) throw new Problem('unbalanced quotes in request');
  return { words, rest: input.slice(line.length + 1) };
}

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

function unquoted(found: string): string {
  const at = found.search(/["']/);
  if (at < 0) return found;
  const within = found.slice(at + 1, -1);
  const meant =
    found[at] === '"'
      ? within.replace(/\\(x([\da-fA-F]{2})|[\s\S])/g, unescaped)
      : within.replaceAll("\\'", "'");
  return found.slice(0, at) + meant;
}

const unescaped = (_: string, char: string, hex?: string): string =>
  hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (escapes[char] ?? char);

function array(input: string, isTrusted: boolean): Next | null {
  const head = lineOf(input, '\r', 'too big mbulk count string');
  if (head === null || head[1] === '') return null;
  const count = numberOf(head[0].slice(1));
  if (count === null || count > respLimits.argumentsMax)
    throw new Problem('invalid multibulk length');
  if (count > 10 && !isTrusted) throw new Problem('unauthenticated multibulk length');
  let rest = head[1].slice(1);
  const words: string[] = [];
  for (let nth = 0; nth < count; nth++) {
    const line = lineOf(rest, '\r', 'too big bulk count string');
    if (line === null || line[1] === '') return null;
    if (rest[0] !== '$') throw new Problem(`expected '$', got '${rest[0]}'`);
    const length = numberOf(line[0].slice(1));
    if (length === null || length < 0 || length > respLimits.argumentBytesMax) {
      throw new Problem('invalid bulk length');
    }
    if (length > 16_384 && !isTrusted) throw new Problem('unauthenticated bulk length');
    const from = 1;
    if (line[1].length < from + length + 2) return null;
    words.push(line[1].slice(from, from + length));
    rest = line[1].slice(from + length + 2);
  }
  return { words, rest };
}

/** What stands before the mark, and what behind it; `null`: it has not come. */
function lineOf(input: string, mark: string, tooLong: string): [string, string] | null {
  const at = input.indexOf(mark);
  if (at > respLimits.lineBytesMax || (at < 0 && input.length > respLimits.lineBytesMax)) {
    throw new Problem(tooLong);
  }
  return at < 0 ? null : [input.slice(0, at), input.slice(at + 1)];
}

const numberOf = (text: string): number | null =>
  /^(?:0|-?[1-9]\d{0,17})$/.test(text) ? Number(text) : null;
