/** Transactions as people write them: one step a line. */

import { ConfigError, type Problem } from '../config/problem.js';
import { joinBytes, textOfBytes } from '../core/bytes.js';
import { keyFromBytes } from '../core/key.js';
import { keyBytesMax, valueBytesMax } from '../core/limits.js';
import type { TransactionStep } from '../core/operation.js';
import { show } from '../core/show.js';
import { nearestWord } from '../core/suggest.js';
import { decodeUtf8, encodeUtf8 } from '../core/utf8.js';

const problemsMax = 20;

/** How many words follow each, and what they are. */
const forms = {
  put: ['KEY', 'VALUE'],
  get: ['KEY'],
  delete: ['KEY'],
  check: ['KEY', 'VALUE'],
} as const;
type StepType = keyof typeof forms;

const formOf = (type: StepType): string => [type, ...forms[type]].join(' ');

/**
 * The steps that a text says: `put KEY VALUE`, `get KEY`, `delete KEY`, `check KEY VALUE` or `check KEY absent`, words
 * as {@link splitWords} has them. Throws a {@link ConfigError} with all that is wrong.
 */
export function parseTransaction(text: Uint8Array, source: string): readonly TransactionStep[] {
  const steps: TransactionStep[] = [];
  const problems: Problem[] = [];
  for (const [at, line] of linesOf(text, source).entries()) {
    // No person reads more of them.
    if (problems.length >= problemsMax) break;
    const step = stepIn(line);
    if (step === null) continue;
    if ('message' in step) problems.push({ source, line: at + 1, ...step });
    else steps.push(step);
  }
  if (problems.length === 0 && steps.length === 0) {
    problems.push({ source, message: 'the transaction has no steps' });
  }
  if (problems.length > 0) throw new ConfigError(problems, 'the transaction');
  return steps;
}

function linesOf(text: Uint8Array, source: string): readonly string[] {
  const decoded = decodeUtf8(text);
  if (decoded !== null) return decoded.replace(/^\ufeff/, '').split(/\r?\n/);
  const message = 'it is not UTF-8 text; any byte can be written as \\x00 to \\xff';
  throw new ConfigError([{ source, message }], 'the transaction');
}

/** `null` of a line that says nothing. */
export function stepIn(line: string): TransactionStep | Complaint | null {
  const words = splitWords(line);
  if ('message' in words) return words;
  const [verb, key, value] = words;
  if (verb === undefined) return null;
  const type = typeOf(verb);
  if (typeof type !== 'string') return type;
  const wanted = 1 + forms[type].length;
  const surplus = words[wanted];
  if (surplus !== undefined) {
    const message = `too many words for ${formOf(type)}; what holds blanks needs double quotes`;
    return { column: surplus.column, message };
  }
  if (key === undefined || words.length < wanted) {
    return { column: line.trimEnd().length + 1, message: `expected ${formOf(type)}` };
  }
  return sizeComplaint(key, value) ?? makeStep(type, key, value);
}

function typeOf(typed: Word): StepType | Complaint {
  const { column } = typed;
  const word = wordText(typed);
  const types = Object.keys(forms);
  if (types.includes(word)) return word as StepType;
  const meant = nearestWord(word, types);
  const question = meant === null ? '' : `, did you mean ${show(meant)}?`;
  const message = `there is no step ${show(word)}${question}; the steps are ${types.join(', ')}`;
  return { column, message };
}

function sizeComplaint(key: Word, value: Word | undefined): Complaint | null {
  const { column } = key;
  if (key.bytes.length === 0) return { column, message: 'a key may not be empty' };
  if (key.bytes.length > keyBytesMax) {
    return { column, message: `the key is ${key.bytes.length} bytes, at most ${keyBytesMax}` };
  }
  if (value === undefined || value.bytes.length <= valueBytesMax) return null;
  const message = `the value is ${value.bytes.length} bytes, at most ${valueBytesMax}`;
  return { column: value.column, message };
}

const nothing = new Uint8Array();

function makeStep(type: StepType, keyWord: Word, valueWord: Word | undefined): TransactionStep {
  const key = keyFromBytes(keyWord.bytes);
  const value = valueWord?.bytes ?? nothing;
  if (type === 'put') return { type, key, value };
  if (type !== 'check') return { type, key };
  return { type, key, expected: isWord(valueWord, 'absent') ? null : value };
}

/** What is wrong, and where: counted from 1. */
export interface Complaint {
  readonly column: number;
  readonly message: string;
}

export interface Word {
  readonly bytes: Uint8Array;
  /** A word in quotes is never a keyword. */
  readonly quoted: boolean;
  readonly column: number;
}

export const wordText = ({ bytes }: Pick<Word, 'bytes'>): string => textOfBytes(bytes);

/** A word of the language: in quotes, the same word is only text. */
export const isWord = (word: Word | undefined, text: string): boolean =>
  word !== undefined && !word.quoted && wordText(word) === text;

/** A text as the word that stands for it, in quotes where it must be. */
export const textWord = (text: string): string =>
  /[\s"\\]|^#|^$/.test(text) ? JSON.stringify(text) : text;

const blank = /[ \t]/;
const named: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  '"': '"',
};

/**
 * Words stand between blanks; one that holds blanks, or is empty, stands in double quotes. In both, `\n`, `\r`, `\t`,
 * `\\`, `\"`, `\x00` to `\xff` (a byte) and `\u0000` to `\uffff` (a character) are as in C. From a word that begins
 * with `#` on it is a comment.
 */
export function splitWords(line: string): readonly Word[] | Complaint {
  const words: Word[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && blank.test(line[at] as string)) at++;
    if (at >= line.length || line[at] === '#') return words;
    const read = readWord(line, at);
    if ('message' in read) return read;
    words.push(read.word);
    at = read.end;
  }
}

/** Where the comment of a line begins; `null` when it has none. */
export function commentOf(line: string): number | null {
  let inQuotes = false;
  let isBegin = true;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] as string;
    if (isBegin && !inQuotes && character === '#') return at;
    if (character === '\\') at++;
    else if (character === '"' && (inQuotes || isBegin)) inQuotes = !inQuotes;
    isBegin = !inQuotes && blank.test(character);
  }
  return null;
}

function readWord(line: string, start: number): { word: Word; end: number } | Complaint {
  const column = start + 1;
  const quoted = line[start] === '"';
  const pieces: Uint8Array[] = [];
  let at = quoted ? start + 1 : start;
  for (;;) {
    const character = line[at];
    if (quoted ? character === '"' : character === undefined || blank.test(character)) break;
    if (character === undefined) return { column, message: 'this quote is never closed' };
    const [piece, next] = character === '\\' ? readEscape(line, at) : readPlain(line, at, quoted);
    if (piece === null) {
      const message = `${JSON.stringify(line.slice(at, at + 2))} begins no escape; a backslash is \\\\`;
      return { column: at + 1, message };
    }
    pieces.push(piece);
    at = next;
  }
  const end = quoted ? at + 1 : at;
  if (quoted && end < line.length && !blank.test(line[end] as string)) {
    return { column: end + 1, message: 'a blank is missing after the quote' };
  }
  return { word: { bytes: joinBytes(pieces), quoted, column }, end };
}

/** As much as means itself. */
function readPlain(line: string, at: number, quoted: boolean): [Uint8Array, number] {
  const stop = quoted ? /["\\]/ : /[ \t\\]/;
  const length = line.slice(at).search(stop);
  const end = length === -1 ? line.length : at + length;
  return [encodeUtf8(line.slice(at, end)), end];
}

function readEscape(line: string, at: number): [Uint8Array | null, number] {
  const rest = line.slice(at + 1);
  const plain = named[rest[0] ?? ''];
  if (plain !== undefined) return [encodeUtf8(plain), at + 2];
  const byte = /^x([0-9a-fA-F]{2})/.exec(rest)?.[1];
  if (byte !== undefined) return [Uint8Array.of(Number.parseInt(byte, 16)), at + 4];
  const code = /^u([0-9a-fA-F]{4})/.exec(rest)?.[1];
  if (code === undefined) return [null, at];
  return [encodeUtf8(String.fromCharCode(Number.parseInt(code, 16))), at + 6];
}
