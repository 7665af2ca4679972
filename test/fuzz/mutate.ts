/** Inputs for parsers: what a grammar makes, or good ones taken apart and put together, and most of them then damaged a little. */
import { SeededRandom } from '../../src/core/random.js';

/**
 * By name, the forms that a part may have; `<name>` in a form stands for another part. `input` is the whole. Where parts
 * contain themselves, the first form of each must come to an end.
 */
export type Grammar = Readonly<Record<string, readonly string[]>>;

export interface Sources {
  readonly grammar: Grammar;
  /** Good inputs. */
  readonly corpus: readonly string[];
}

/** Forms of which the good ones are met more often. */
export const mostly = (good: readonly string[], odd: readonly string[]): string[] => [
  ...[...good, ...good, ...good, ...good],
  ...odd,
];

type Form = readonly (string | readonly Form[])[];

/** Deeper, and past so many characters, the first form of each part is taken. */
const depthMax = 12;
const charactersMax = 1500;

/** What is odd in any language; the words of one are taken from its grammar and its corpus. */
const oddities = [
  ...['', ' ', '\t', '\n', '\r\n', '\r', '\0', '\v', '\x1b[31m', '\ufeff', '\u2028', '\u00a0'],
  ...['"', "'", '`', '\\', '\\x', '\\xzz', '\\u00', '\\u{41}', '#', '//', ';', '…', 'é', '😀'],
  ...['\ud800', '{', '}', '[', ']', '(', ')', '<', '>', ':', ',', '=', '==', '!', '%', '&', '|'],
  ...['-', '--', '-1', '0', '00', '1e999', '-0', '.5', '5.', '0x10', '9'.repeat(25), '1_000'],
  ...['NaN', 'Infinity', 'null', 'nil', 'true', '~', '__proto__', 'constructor', 'toString'],
];

export class Mutator {
  readonly #random: SeededRandom;
  readonly #corpus: readonly string[];
  readonly #lines: readonly string[];
  readonly #words: readonly string[];
  readonly #input: readonly Form[];

  constructor(seed: number, { grammar, corpus }: Sources) {
    this.#random = new SeededRandom(seed);
    this.#corpus = corpus;
    this.#lines = [...new Set(corpus.flatMap((text) => text.split('\n')))];
    const forms = Object.values(grammar).flat();
    const words = [...forms.map((form) => form.replace(/<\w+>/g, '')), ...this.#lines];
    this.#words = [...new Set([...oddities, ...words.flatMap(partsOf)])];
    this.#input = compile(grammar);
  }

  next(): string {
    const random = this.#random;
    const kind = random.below(10);
    if (kind < 6) return this.#damaged(this.#expand(this.#input, 0, charactersMax));
    if (kind < 8 || this.#lines.length < 2) return this.#damaged(random.pick(this.#corpus));
    let text = random.pick(this.#lines);
    for (let more = random.below(6); more > 0; more--) text += `\n${random.pick(this.#lines)}`;
    return this.#damaged(text);
  }

  #expand(forms: readonly Form[], depth: number, room: number): string {
    const isLast = depth > depthMax || room <= 0;
    const form = isLast ? (forms[0] as Form) : this.#random.pick(forms);
    let text = '';
    for (const part of form) {
      text += typeof part === 'string' ? part : this.#expand(part, depth + 1, room - text.length);
    }
    return text;
  }

  /** Half of them are not: parsers must get far, too. */
  #damaged(text: string): string {
    let damaged = text.slice(0, charactersMax);
    for (let steps = this.#random.below(6) - 2; steps > 0; steps--)
      damaged = this.#changed(damaged);
    return damaged;
  }

  #changed(text: string): string {
    const random = this.#random;
    const at = random.below(text.length + 1);
    const end = Math.min(text.length, at + random.below(random.chance(0.1) ? 100 : 6));
    const before = text.slice(0, at);
    switch (random.below(9)) {
      case 0:
        return before + text.slice(end);
      case 1:
        return before + random.pick(this.#words) + text.slice(at);
      case 2:
        return before + random.pick(this.#words) + text.slice(end);
      case 3: {
        const code = random.below(random.chance(0.9) ? 128 : 65_536);
        return before + String.fromCharCode(code) + text.slice(end);
      }
      case 4: {
        const times = random.below(random.chance(0.02) ? 200 : 4);
        return before + text.slice(at, end).repeat(times) + text.slice(end);
      }
      case 5: {
        const other = random.pick(this.#corpus);
        const from = random.below(other.length + 1);
        return before + other.slice(from, from + random.below(60)) + text.slice(end);
      }
      case 6:
        return before + text.slice(random.below(text.length + 1));
      case 7:
        return before + this.#expand(this.#input, 4, 200) + text.slice(end);
      default:
        return this.#wordChanged(text, at);
    }
  }

  /** The word at `at` for another one of the language, or gone, or twice. */
  #wordChanged(text: string, at: number): string {
    let from = at;
    let to = at;
    while (from > 0 && isOfWord(text.charCodeAt(from - 1))) from--;
    while (to < text.length && isOfWord(text.charCodeAt(to))) to++;
    const word = text.slice(from, to);
    const instead = [this.#random.pick(this.#words), '', `${word} ${word}`, `"${word}"`];
    return text.slice(0, from) + this.#random.pick(instead) + text.slice(to);
  }
}

const isOfWord = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39);

const partsOf = (text: string): string[] => text.match(/[\w.-]+|[^\s\w]+/g) ?? [];

function compile(grammar: Grammar): readonly Form[] {
  const compiled = new Map<string, Form[]>(Object.keys(grammar).map((name) => [name, []]));
  for (const [name, forms] of Object.entries(grammar)) {
    for (const form of forms) {
      const parts = form.split(/<(\w+)>/).map((part, at) => {
        if (at % 2 === 0) return part;
        const named = compiled.get(part);
        if (named === undefined) throw new Error(`the grammar has no <${part}>, of ${name}`);
        return named;
      });
      compiled.get(name)?.push(parts.filter((part) => part !== ''));
    }
  }
  return compiled.get('input') as Form[];
}
