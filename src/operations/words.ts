/** One line of a script, cut into words; each is any bytes. */
import { joinBytes, textOfBytes } from '../core/bytes.js';
import { encodeUtf8 } from '../core/utf8.js';

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
