/** Every expected output of the cs380d scripts follows from the rules alone, whatever gossip does. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import { corpusOf } from './corpus.js';
import { type Freedom, printedBy } from './rules.js';

const freedoms: readonly Freedom[] = [0, 0.05, 0.3, 1].flatMap((gossip) =>
  [false, true].flatMap((tickOnReceive) =>
    (['nothing', 'key', 'all'] as const).map((clientCarries) => ({
      gossip,
      tickOnReceive,
      clientCarries,
    })),
  ),
);

const scripts = corpusOf('cs380d');

describe('cs380d scripts and the rules', () => {
  test('there are enough of them', () => {
    expect(scripts.length).toBeGreaterThan(20);
  });

  test.each(scripts)('$name', ({ text, expected, failedLines }) => {
    const roundCount = text.length > 4000 ? 2 : 20;
    for (const freedom of freedoms) {
      for (let seed = 0; seed < roundCount; seed++) {
        const random = new SeededRandom(seed);
        const printed = printedBy(text, freedom, () => random.next());
        expect(printed, JSON.stringify({ ...freedom, seed })).toEqual({
          out: expected,
          failedLines,
        });
      }
    }
  });

  test('notices a script that depends on how far gossip got', () => {
    const script = 'joinServer 0\njoinServer 1\njoinClient 2 0\nput 2 k v\nprintStore 1\n';
    const outs = freedoms.map((freedom) => printedBy(script, freedom, () => 0.5).out);
    expect(new Set(outs)).toEqual(new Set(['', 'k:v\n']));
  });
});
