/** EDN (https://github.com/edn-format/edn): what Jepsen and Knossos write histories in. */
import { LineProblem } from './problem.js';

/** A keyword such as `:invoke`; `name` is without its colon. */
export class Keyword {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A symbol, or a number that no JavaScript number is equal to. */
export class EdnSymbol {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Vectors, lists and sets are arrays; a map is a Map; `nil` is null. Tags are left out: `#inst "…"` is its string. */
export type Edn =
  | null
  | boolean
  | number
  | string
  | Keyword
  | EdnSymbol
  | readonly Edn[]
  | ReadonlyMap<Edn, Edn>;

const depthMax = 64;
const closerOf: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };
/** Between forms; a comma is one of them. */
const blank = /[\s,]/;
const ends = /[\s,;"()[\]{}]/;

const escapes: Readonly<Record<string, string>> = {
  ...{ n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\', b: '\b', f: '\f' },
};

/**
 * Reads one form after the other. Throws a {@link LineProblem} with the column (and the line, when that is not the first of
 * the text) where the text can't be meant.
 */
export class EdnReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** `undefined` when there is nothing more. */
  next(): Edn | undefined {
    return this.#skipToForm() ? this.#form(0) : undefined;
  }

  #form(depth: number): Edn {
    if (depth > depthMax) throw this.#problem(`this is nested more than ${depthMax} deep`);
    const character = this.#text[this.#at] as string;
    switch (character) {
      case '"':
        return this.#string();
      case '[':
      case '(':
        return this.#sequence(closerOf[character] as string, depth);
      case '{':
        return this.#map(depth);
      case '#':
        return this.#dispatched(depth);
      case '\\':
        return this.#character();
      default:
        return this.#atom();
    }
  }

  #sequence(closer: string, depth: number): Edn[] {
    const opened = this.#at++;
    const items: Edn[] = [];
    for (;;) {
      if (!this.#skipToForm()) throw this.#problem('this is never closed', opened);
      if (this.#text[this.#at] === closer) break;
      items.push(this.#form(depth + 1));
    }
    this.#at++;
    return items;
  }

  #map(depth: number): ReadonlyMap<Edn, Edn> {
    const opened = this.#at;
    const items = this.#sequence('}', depth);
    if (items.length % 2 !== 0) throw this.#problem('a key of this map has no value', opened);
    const map = new Map<Edn, Edn>();
    // A keyword is a key by its name: two that are alike are two objects.
    for (let at = 0; at < items.length; at += 2) map.set(keyOf(items[at]), items[at + 1] as Edn);
    return map;
  }

  /** A set, or a tag, which says what class of Clojure the next form is. */
  #dispatched(depth: number): Edn {
    this.#at++;
    if (this.#text[this.#at] === '{') return this.#sequence('}', depth);
    const tagged = this.#at;
    if (!/[A-Za-z]/.test(this.#text[this.#at] ?? ''))
      throw this.#problem('this is not EDN', tagged - 1);
    this.#word();
    if (!this.#skipToForm()) throw this.#problem('this tag is followed by nothing', tagged - 1);
    return this.#form(depth + 1);
  }

  #string(): string {
    const opened = this.#at++;
    let text = '';
    for (;;) {
      const character = this.#text[this.#at++];
      if (character === undefined) throw this.#problem('this is never closed', opened);
      if (character === '"') return text;
      text += character === '\\' ? this.#escape() : character;
    }
  }

  #escape(): string {
    const character = this.#text[this.#at++] ?? '';
    const hex = character === 'u' ? this.#text.slice(this.#at, this.#at + 4) : '';
    if (/^[0-9a-fA-F]{4}$/.test(hex)) {
      this.#at += 4;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const meant = Object.hasOwn(escapes, character) ? escapes[character] : undefined;
    if (meant === undefined) throw this.#problem('this escapes nothing', this.#at - 2);
    return meant;
  }

  #character(): string {
    this.#at++;
    const first = this.#text[this.#at++] ?? '';
    const name = first + this.#word();
    const named: Readonly<Record<string, string>> = {
      ...{ newline: '\n', space: ' ', tab: '\t', return: '\r' },
    };
    return Object.hasOwn(named, name) ? (named[name] as string) : name;
  }

  #atom(): Edn {
    const began = this.#at;
    const word = this.#word();
    if (word === '') throw this.#problem('this closes nothing', began);
    if (word === 'nil') return null;
    if (word === 'true' || word === 'false') return word === 'true';
    if (word.startsWith(':') && word.length > 1) return new Keyword(word.slice(1));
    if (/^[+-]?\d/.test(word)) return this.#number(word, began);
    return new EdnSymbol(word);
  }

  #number(word: string, began: number): Edn {
    if (/^[+-]?\d+N?$/.test(word)) {
      const number = Number(word.replace(/N$/, ''));
      if (Number.isSafeInteger(number)) return number === 0 ? 0 : number;
      return new EdnSymbol(BigInt(word.replace(/^\+|N$/g, '')).toString());
    }
    if (/^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?M?$/.test(word)) return Number.parseFloat(word);
    if (/^[+-]?\d+\/\d+$/.test(word)) return new EdnSymbol(word);
    throw this.#problem('this is no number', began);
  }

  #word(): string {
    const began = this.#at;
    while (this.#at < this.#text.length && !ends.test(this.#text[this.#at] as string)) this.#at++;
    return this.#text.slice(began, this.#at);
  }

  /** Past blanks and comments; false at the end. */
  #skipToForm(): boolean {
    const text = this.#text;
    for (;;) {
      const character = text[this.#at];
      if (character === undefined) return false;
      if (character === ';') {
        const end = text.indexOf('\n', this.#at);
        this.#at = end < 0 ? text.length : end;
      } else if (blank.test(character)) this.#at++;
      else return true;
    }
  }

  #problem(message: string, at = this.#at): LineProblem {
    const before = this.#text.slice(0, at).split('\n');
    const column = (before.at(-1) ?? '').length + 1;
    return new EdnProblem(message, column, before.length - 1);
  }
}

/** `linesAfter`: how many lines below the first of the text. */
export class EdnProblem extends LineProblem {
  readonly linesAfter: number;

  constructor(message: string, column: number, linesAfter: number) {
    super(message, column);
    this.linesAfter = linesAfter;
  }
}

const keyOf = (key: Edn | undefined): Edn =>
  key instanceof Keyword ? `:${key.name}` : (key ?? null);
