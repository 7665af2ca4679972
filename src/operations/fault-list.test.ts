/** What `fault list` and `status` say of faults. */
import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../config/resolve.js';
import { nodeNames } from '../config/spec.js';
import type { ActiveFault, FaultEffect } from '../faults/active.js';
import { linkRulesOf } from '../faults/active.js';
import { between, noRules, pairs } from '../faults/link-rules.js';
import { faultList, faultSum, ownFaultsOf } from './fault-list.js';
import { printed } from './testing/printed.js';

const nodes = nodeNames(9);
const minute = 60_000;
const effects: readonly (readonly [words: string, by: string, effect: FaultEffect])[] = [
  [
    'fault partition n1,n2,n3,n4/n5,n6,n7,n8,n9',
    'nemesis everything',
    { type: 'links', rules: { cuts: between(nodes.slice(0, 4), nodes) } },
  ],
  [
    'fault drop n5>n6 2.5% --type accept',
    'user',
    {
      type: 'links',
      rules: { losses: [{ from: 'n5', to: 'n6', type: 'accept', chance: 0.025 }] },
    },
  ],
  [
    'fault delay n1-n2 20ms --jitter 10ms',
    'script links.kvx',
    {
      type: 'links',
      rules: {
        delays: pairs(['n1', 'n2'], ['n1', 'n2']).map((pair) => ({
          ...pair,
          meanMs: 20,
          spread: 10,
        })),
      },
    },
  ],
  ['fault slow n3 20ms', 'user', { type: 'node', node: 'n3', faults: { turnDelayMs: 20 } }],
  [
    'fault clock n3 -1.5s --drift=1%',
    'user',
    { type: 'node', node: 'n3', faults: { clock: { skewMs: -1500, drift: 0.01, sinceMs: 0 } } },
  ],
  [
    'fault disk n3 full',
    'user',
    { type: 'node', node: 'n3', faults: { disk: { roomBytes: 0, failsSyncs: true } } },
  ],
  ['node pause n4', 'nemesis pauses', { type: 'stopped', node: 'n4', how: 'paused' }],
];
const faults = effects.map(([words, by, effect], at): ActiveFault => {
  return { id: at + 3, words, by, effect, since: at * minute };
});
const now = 6 * minute + 500;
const spec = { ...resolveSpec([]), nodes };
const broken = { spec, rules: linkRulesOf(noRules, faults), faults, now, failRates: [] };

describe('faults', () => {
  it('are listed below the links, each with its number, since when, by whom and what it is', () => {
    const { out } = printed(faultList.outcomeOf(broken), 72);
    expect(out.split('\n').slice(0, 3)).toEqual([
      'FROM\\TO n1 n2 n3 n4 n5 n6 n7 n8 n9',
      'n1      -  a  .  .  x  x  x  x  x',
      'n2      a  -  .  .  x  x  x  x  x',
    ]);
    expect(out).toContain('\n. ok   x cut   a 20±10ms   b accept loses 2.5%\n');
    expect(out.slice(out.indexOf('FAULT')).split('\n')).toEqual([
      'FAULT  SINCE   BY                  WHAT',
      '    3  6m ago  nemesis everything  fault partition',
      '                                   n1,n2,n3,n4/n5,n6,n7,n8,n9',
      '    4  5m ago  user                fault drop n5>n6 2.5% --type accept',
      '    5  4m ago  script links.kvx    fault delay n1-n2 20ms --jitter 10ms',
      '    6  3m ago  user                fault slow n3 20ms',
      '    7  2m ago  user                fault clock n3 -1.5s --drift=1%',
      '    8  1m ago  user                fault disk n3 full',
      '    9  now     nemesis pauses      node pause n4',
      '',
    ]);
    expect(faultList.outcomeOf(broken).json()).toMatchObject({ nodes, faults, failRates: [] });
  });

  it.each([60, 80])('of nine nodes fit into %d columns', (columns) => {
    const { out } = printed(faultList.outcomeOf(broken), columns);
    const long = out.split('\n').filter((line) => line.length > columns);
    // But for a word that is longer than its column.
    expect(long.filter((line) => !line.endsWith('n1,n2,n3,n4/n5,n6,n7,n8,n9'))).toEqual([]);
  });

  it('are told of each node, and summed up', () => {
    expect(ownFaultsOf('n3', faults)).toEqual([
      ...['turns 20 ms late', 'wall clock 1.5 s behind, gains 10 ms a second'],
      ...['syncs fail', 'disk full'],
    ]);
    expect(ownFaultsOf('n4', faults)).toEqual(['paused by nemesis pauses']);
    const authors = 'nemesis, user, script links.kvx';
    expect(faultSum(faults, now)).toBe(`7 faults are on (${authors}; the oldest 6m ago)`);
    expect(faultSum(faults.slice(6), now)).toBe('1 fault is on (nemesis, now)');
    expect(faultSum([], now)).toBeNull();
  });
});
