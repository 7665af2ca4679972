/**
 * How values that came from outside are shown in errors and logs: in a bounded number of characters, all of them
 * printable, and never by code of the value's own. (`JSON.stringify` throws on a bigint, and a terminal obeys escapes.)
 */

const charsMax = 60;

/** What a value is, shortly: `"n1"`, `12`, `a list of 3`. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `"${printable(value.length > charsMax ? `${value.slice(0, charsMax)}…` : value)}"`;
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      return showObject(value);
    default:
      return `a ${typeof value}`;
  }
}

function showObject(value: object | null): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return value instanceof Uint8Array ? `${value.length} bytes` : 'an object';
}

/** Control characters, line ends, halves of surrogate pairs, and what reverses the direction of writing. */
const unprintable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not get through
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Surrogate}/gu;

/** The text with an escape such as `\u001b` for each character that a terminal would obey, or that nobody would see. */
export function printable(text: string): string {
  return text.replace(
    unprintable,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The same for a text of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** At most so many characters of a text, on one line. */
export function oneLine(text: string, lengthMax: number): string {
  const cut = text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
  return printable(cut);
}

/** As a shell takes it for one word. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** `1 key`, `2 keys`. */
export const quantity = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** `512 B`, `64 kB`, `1.5 MB`. */
export function formatSize(bytes: number): string {
  const unit = [...'TGMk'].find((_, at) => bytes >= 1000 ** (4 - at)) ?? '';
  const scaled = bytes / 1000 ** ' kMGT'.indexOf(unit || ' ');
  return `${Number(scaled.toPrecision(3))} ${unit}B`;
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
