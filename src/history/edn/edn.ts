/**
 * EDN (https://github.com/edn-format/edn), and what else Clojure prints: what Jepsen and Knossos write histories in.
 * Why not a library: docs/decisions/0010.
 */

import { LineProblem } from '../problem.js';
import { numberOf } from './number.js';
import {
  charClass,
  classOf,
  endOfCharacter,
  endOfForm,
  endOfString,
  endOfUnreadable,
  endOfWord,
  isDiscard,
  skipToForm,
} from './scan.js';

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

/** Vectors and lists are arrays; a map is a Map, a set is a Set; `nil` is null. Tags are left out: `#inst "…"` is its string. */
export type Edn =
  | null
  | boolean
  | number
  | string
  | Keyword
  | EdnSymbol
  | readonly Edn[]
  | ReadonlySet<Edn>
  | ReadonlyMap<Edn, Edn>;

const depthMax = 64;
const closerOf: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };

const escapes: Readonly<Record<string, string>> = {
  ...{ n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\', b: '\b', f: '\f' },
};
const characters: Readonly<Record<string, string>> = {
  ...{ newline: '\n', space: ' ', tab: '\t', return: '\r', backspace: '\b', formfeed: '\f' },
};

/**
 * Reads one form after the other. Throws an {@link EdnProblem} with the column (and the line, when that is not the first
 * of the text) where the text can't be meant.
 */
export class EdnReader {
  readonly #text: string;
  #at: number;

  /** `at`: where the first form begins, at the latest after blanks. */
  constructor(text: string, at = 0) {
    this.#text = text;
    this.#at = at;
  }

  /** `undefined` when there is nothing more. */
  next(): Edn | undefined {
    return this.#skipToForm() ? this.#form(0) : undefined;
  }

  #skipToForm(): boolean {
    this.#at = skipToForm(this.#text, this.#at);
    if (this.#at >= this.#text.length) return false;
    if (isDiscard(this.#text, this.#at)) throw this.#problem('this discards nothing');
    return true;
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
        return this.#map(depth, null);
      case '#':
        return this.#dispatched(depth);
      case '^':
        return this.#withMetadata(depth);
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

  /** `namespace`: of the keywords among its keys that have none. */
  #map(depth: number, namespace: string | null): ReadonlyMap<Edn, Edn> {
    const opened = this.#at;
    const items = this.#sequence('}', depth);
    if (items.length % 2 !== 0) throw this.#problem('a key of this map has no value', opened);
    const map = new Map<Edn, Edn>();
    // A keyword is a key by its name: two that are alike are two objects.
    for (let at = 0; at < items.length; at += 2) {
      map.set(keyOf(items[at], namespace), items[at + 1] as Edn);
    }
    return map;
  }

  /** A set, a number that is none, a pattern, or a tag, which says what class of Clojure the next form is. */
  #dispatched(depth: number): Edn {
    const text = this.#text;
    const began = this.#at++;
    switch (text[this.#at]) {
      case '{':
        return new Set(this.#sequence('}', depth));
      case '"':
        return this.#pattern();
      case '#':
        return this.#notFinite(began);
      case '<':
        this.#at = endOfUnreadable(text, began);
        return new EdnSymbol(text.slice(began, this.#at));
      case '^':
        return this.#withMetadata(depth);
      case "'":
        this.#at++;
        return this.#tagged(began, depth);
      default:
    }
    const word = this.#word();
    if (word.startsWith(':') && text[this.#at] === '{') {
      return this.#map(depth, word.replace(/^:+/, ''));
    }
    if (!/^[A-Za-z]/.test(word)) throw this.#problem('this is not EDN', began);
    return this.#tagged(began, depth);
  }

  #tagged(began: number, depth: number): Edn {
    const isClosed = () => classOf(this.#text.charCodeAt(this.#at)) === charClass.closes;
    if (!this.#skipToForm() || isClosed()) {
      throw this.#problem('this tag is followed by nothing', began);
    }
    return this.#form(depth + 1);
  }

  /** What is said about a form is no part of it. */
  #withMetadata(depth: number): Edn {
    const began = this.#at++;
    const end = endOfForm(this.#text, this.#at);
    if (end < 0) throw this.#problem('this is said of nothing', began);
    this.#at = end;
    return this.#tagged(began, depth);
  }

  /** `##NaN`, `##Inf`, `##-Inf`. */
  #notFinite(began: number): Edn {
    this.#at++;
    const word = this.#word();
    if (!/^(NaN|-?Inf)$/.test(word)) throw this.#problem('this is not EDN', began);
    return new EdnSymbol(word);
  }

  #string(): string {
    const began = this.#at + 1;
    const plain = this.#pattern();
    return plain.includes('\\') ? this.#unescaped(plain, began) : plain;
  }

  #unescaped(raw: string, began: number): string {
    return raw.replace(
      /\\(?:u([\da-fA-F]{4})|([0-3]?[0-7]{1,2})|([\s\S]?))/g,
      (_, hex?: string, octal?: string, letter = '', at = 0) => {
        if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
        if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
        const meant = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
        if (meant === undefined)
          throw this.#problem('this escapes nothing', began + (at as number));
        return meant;
      },
    );
  }

  /** A string as it stands there. */
  #pattern(): string {
    const opened = this.#at;
    const end = endOfString(this.#text, opened);
    if (end < 0) throw this.#problem('this is never closed', opened);
    this.#at = end;
    return this.#text.slice(opened + 1, end - 1);
  }

  #character(): string {
    const began = this.#at;
    this.#at = endOfCharacter(this.#text, began);
    const name = this.#text.slice(began + 1, this.#at);
    if (Object.hasOwn(characters, name)) return characters[name] as string;
    const hex = /^u([\da-fA-F]{4})$/.exec(name)?.[1];
    return hex === undefined ? name : String.fromCharCode(Number.parseInt(hex, 16));
  }

  #atom(): Edn {
    const began = this.#at;
    const word = this.#word();
    if (word === '') throw this.#problem('this closes nothing', began);
    if (word === 'nil') return null;
    if (word === 'true' || word === 'false') return word === 'true';
    if (word.startsWith(':') && word.length > 1) return new Keyword(word.slice(1));
    if (!/^[+-]?\d/.test(word)) return new EdnSymbol(word);
    const number = numberOf(word);
    if (number === null) throw this.#problem('this is no number', began);
    return typeof number === 'number' ? number : new EdnSymbol(number.text);
  }

  #word(): string {
    const began = this.#at;
    this.#at = endOfWord(this.#text, began);
    return this.#text.slice(began, this.#at);
  }

  #problem(message: string, at = this.#at): LineProblem {
    return ednProblem(this.#text, at, message);
  }
}

/** `linesAfter`: how many lines below the first of the text. */
export class EdnProblem extends LineProblem {
  readonly linesAfter: number;

  constructor(message: string, column: number | undefined, linesAfter: number) {
    super(message, column);
    this.linesAfter = linesAfter;
  }
}

export function ednProblem(text: string, at: number, message: string): EdnProblem {
  const lineStart = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
  let linesAfter = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < at; end = text.indexOf('\n', end + 1)) {
    linesAfter++;
  }
  return new EdnProblem(message, at - lineStart + 1, linesAfter);
}

function keyOf(key: Edn | undefined, namespace: string | null): Edn {
  if (!(key instanceof Keyword)) return key ?? null;
  const { name } = key;
  if (namespace === null || name.includes('/')) return `:${name}`;
  return `:${namespace}/${name}`;
}
