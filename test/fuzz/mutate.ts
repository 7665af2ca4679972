/** Inputs for parsers: good ones, changed a little or spliced together, and now and then something of another kind. */
import { SeededRandom } from '../../src/core/random.js';

const oddities = [
  ...[
    '\0',
    '\r',
    '\r\n',
    '\t',
    ' ',
    '"',
    "'",
    '\\',
    '\\x',
    '\\u00',
    '#',
    '{n}',
    '…',
    '\ufeff',
    '\u2028',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    ':',
    '? ',
    '- ',
    ',',
    '&a ',
    '*a',
    '<<: ',
    '!!set ',
    '|',
    '>',
    '%',
    '---\n',
    '...\n',
  ],
  ...[
    '-1',
    '0',
    '1e999',
    '999999999999999999999',
    '0x10',
    '.5',
    'NaN',
    'null',
    '~',
    'true',
    '__proto__',
  ],
  ...[
    'constructor',
    'toString',
    'é',
    '😀',
    '\ud800',
    'n1',
    'n1>n2',
    'n1-n2',
    'end',
    'txn',
    'repeat 2 ',
    'expect ',
  ],
];

export class Mutator {
  readonly #random: SeededRandom;
  readonly #corpus: readonly string[];

  constructor(seed: number, corpus: readonly string[]) {
    this.#random = new SeededRandom(seed);
    this.#corpus = corpus;
  }

  next(): string {
    const random = this.#random;
    let text = random.pick(this.#corpus);
    if (random.chance(0.3)) text = this.#lines(text);
    for (let steps = random.below(4); steps >= 0; steps--) text = this.#changed(text);
    return text;
  }

  #changed(text: string): string {
    const random = this.#random;
    const at = random.below(text.length + 1);
    const end = Math.min(text.length, at + random.below(random.chance(0.1) ? 200 : 8));
    const piece = text.slice(at, end);
    switch (random.below(7)) {
      case 0:
        return text.slice(0, at) + text.slice(end);
      case 1:
        return text.slice(0, at) + random.pick(oddities) + text.slice(at);
      case 2:
        return text.slice(0, at) + random.pick(oddities) + text.slice(end);
      case 3:
        return (
          text.slice(0, at) +
          String.fromCharCode(random.below(random.chance(0.9) ? 128 : 65_536)) +
          text.slice(end)
        );
      case 4:
        return (
          text.slice(0, at) +
          piece.repeat(random.below(random.chance(0.02) ? 300 : 4)) +
          text.slice(end)
        );
      case 5: {
        const other = random.pick(this.#corpus);
        const from = random.below(other.length + 1);
        return text.slice(0, at) + other.slice(from, from + random.below(60)) + text.slice(end);
      }
      default:
        return text.slice(0, at) + text.slice(random.below(text.length + 1));
    }
  }

  /** Some of its lines, in any order. */
  #lines(text: string): string {
    const lines = text.split('\n');
    const picked = Array.from({ length: 1 + this.#random.below(8) }, () =>
      this.#random.pick(lines),
    );
    return picked.join('\n');
  }
}
