/** Whatever the rules can print is right, however far gossip gets; what they can't is not. */
import { describe, expect, test } from 'vitest';
import { corpusOf } from '../../../test/coursework/corpus.js';
import { randomScript } from '../../../test/coursework/random-script.js';
import { printedBy } from '../../../test/coursework/rules.js';
import { SeededRandom } from '../../core/random.js';
import { judgeOutput } from './judge-output.js';

const scripts = corpusOf('cs380d');
const gossips = [0, 0.05, 0.3, 1];
const carried = ['nothing', 'key', 'all'] as const;

test.each(scripts)(
  '$name: what it must print is right, and nothing else is',
  ({ text, expected }) => {
    expect(judgeOutput(text, expected)).toEqual({ verdict: 'right' });
    const lines = expected.split('\n').filter((line) => line !== '');
    // Of long ones it may stay undecided.
    const tried = text.length < 1500 ? lines.slice(0, 8) : [];
    for (const [nth, line] of tried.entries()) {
      const other = line.endsWith('ERR_DEP') ? 'ERR_KEY' : 'ERR_DEP';
      const wrong = lines.with(nth, `${line.split(':')[0]}:${other}`);
      expect(judgeOutput(text, wrong.join('\n')).verdict, `${line} for ${wrong[nth]}`).toBe(
        'wrong',
      );
    }
  },
);

test('random scripts: no output of the rules is called wrong', () => {
  const wrong: unknown[] = [];
  let undecided = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const random = new SeededRandom(seed);
    const text = randomScript(random, 40);
    const freedom = {
      gossip: gossips[seed % 4] as number,
      tickOnReceive: seed % 2 === 0,
      clientCarries: carried[seed % 3] as 'key',
    };
    const { out } = printedBy(text, freedom, () => random.next());
    const verdict = judgeOutput(text, out);
    if (verdict.verdict === 'undecided') undecided += 1;
    if (verdict.verdict === 'wrong') wrong.push({ seed, freedom, text, out, verdict });
  }
  expect(wrong).toEqual([]);
  expect(undecided).toBeLessThan(5);
});

describe('what is wrong is told', () => {
  const start = 'joinServer 0\njoinServer 1\njoinClient 2 0\nput 2 k old\nput 2 k new\n';

  test('with what could have been printed, and why', () => {
    expect(judgeOutput(`${start}get 2 k\n`, 'k:old\n')).toEqual({
      verdict: 'wrong',
      line: 6,
      command: 'get 2 k',
      printed: 'k:old',
      legal: ['k:new'],
      why: 'of "k" client 2 has seen new (put in line 5); server 0 holds new (put in line 5)',
    });
  });

  test('a value that gossip may have brought is right, and so is that it has not; not both in that order', () => {
    const script = `${start}printStore 1\n`;
    expect(judgeOutput(script, '').verdict).toBe('right');
    expect(judgeOutput(script, 'k:old\n').verdict).toBe('right');
    expect(judgeOutput(script, 'k:new\n').verdict).toBe('right');
    expect(judgeOutput(`${script}printStore 1\n`, 'k:new\nk:old\n').verdict).toBe('wrong');
    expect(judgeOutput(`${start}stabilize\nprintStore 1\n`, 'k:old\n').verdict).toBe('wrong');
  });

  test('lines that are missing, and lines too many', () => {
    expect(judgeOutput(`${start}get 2 k\n`, '')).toMatchObject({ printed: null, line: 6 });
    expect(judgeOutput(`${start}get 2 k\n`, 'k:new\nk:new\n')).toMatchObject({
      verdict: 'wrong',
      line: null,
      printed: 'k:new',
      why: '1 line more than the script asks for',
    });
  });
});
