import { describe, expect, it } from 'vitest';
import { parseConfig } from './file.js';
import { unlinkedBy } from './links.js';
import { ConfigError, flagSetting, formatPlace, type Problem, type Setting } from './problem.js';
import { resolveSpec } from './resolve.js';

const nodes = ['n1', 'n2', 'n-3'];
const both = (a: string, b: string) => [
  { from: a, to: b },
  { from: b, to: a },
];
const sorted = (directions: readonly { from: string; to: string }[]) =>
  directions.map(({ from, to }) => `${from}>${to}`).sort();

function read(setting: Setting): string[] {
  const problems: Problem[] = [];
  const missing = unlinkedBy(setting, nodes, (problem) => problems.push(problem));
  if (problems.length === 0) return sorted(missing);
  return problems.map((problem) => `${formatPlace(problem)}: ${problem.message}`);
}

const readFile = (yaml: string) => read(parseConfig(yaml, 'a.yaml')[0] as Setting);
const readFlag = (text: string) => read(flagSetting('topology', text, '--topology'));

describe('a topology', () => {
  const line = sorted(both('n1', 'n-3'));

  it('is a shape, or a list of links in any spelling', () => {
    expect(readFlag('line')).toEqual(line);
    expect(readFlag('full')).toEqual([]);
    expect(readFlag('n1-n2, n2-n-3')).toEqual(line);
    expect(readFile('topology: [n1-n2, n-3-n2]')).toEqual(line);
    expect(readFile('topology: [[n1, n2], [n-3, n2]]')).toEqual(line);
    expect(readFile('topology: []')).toHaveLength(6);
  });

  it.each([
    ['topology: lin', 'a.yaml:1:11: there is no topology "lin", did you mean line? There are full'],
    ['topology: 3', 'a.yaml:1:11: a topology is full, line'],
    ['topology:\n  - [n1, n2]\n  - [n1, x9]', 'a.yaml:3:5: there is no node "x9"'],
    ['topology:\n  - n1-n2\n  - n2-n2', 'a.yaml:3:5: a link has two ends, not n2 twice'],
    [
      'topology:\n  - n1-n2\n  - [n1]',
      'a.yaml:3:5: expected a link such as n1-n2 or [n1, n2], not a list of 1',
    ],
    ['topology: [n1>n2]', 'a.yaml:1:12: expected a link such as n1-n2'],
  ])('is refused where it is wrong: %j', (yaml, problem) => {
    expect(readFile(yaml)).toEqual([expect.stringContaining(problem)]);
  });

  it('is refused by a mode whose nodes pass nothing on', () => {
    const settings = parseConfig('mode: quorum\ntopology: line', 'a.yaml');
    expect(() => resolveSpec(settings)).toThrow(ConfigError);
    expect(() => resolveSpec(settings)).toThrow(
      'a.yaml:2:1: mode quorum has no topology: its nodes pass nothing on, so each is linked to all; modes that have one: gossip',
    );
  });
});
