import { describe, expect, it } from 'vitest';
import {
  type ActiveFault,
  linkRulesOf,
  nodeFaultsOf,
  withoutNode,
  withoutParts,
  withRules,
} from './active.js';
import { noRules, type RuleScope, scopeName } from './link-rules.js';
import { breaking, changed } from './testing/change.js';

const direction = { from: 'n1', to: 'n2' };
const delay = (meanMs: number, words = `delay ${meanMs}`) =>
  breaking((kept) => {
    return { kept, effect: { type: 'links', rules: { delays: [{ ...direction, meanMs }] } } };
  }, words);
const ofNode = (id: number, faults: Extract<ActiveFault['effect'], { type: 'node' }>['faults']) => {
  return {
    id,
    words: `w${id}`,
    by: 'user',
    since: 0,
    effect: { type: 'node', node: 'n1', faults },
  };
};

describe('the list of faults', () => {
  it('counts on, also when what was there is gone', () => {
    const faults = changed([], delay(1), delay(2), delay(1));
    expect(faults.map(({ id, words }) => [id, words])).toEqual([
      [2, 'delay 2'],
      [3, 'delay 1'],
    ]);
  });

  it('comes before what the cluster was started with, and leaves it alone otherwise', () => {
    const base = { ...noRules, delays: [{ ...direction, meanMs: 9 }], cuts: [direction] };
    expect(linkRulesOf(base, [])).toBe(base);
    expect(linkRulesOf(base, changed([], delay(1), delay(2)))).toEqual({
      ...base,
      delays: [{ ...direction, meanMs: 2 }],
    });
  });

  it('adds up what is wrong with a node, the later before the earlier', () => {
    const faults = [
      ofNode(1, { turnDelayMs: 5, disk: { syncDelayMs: 3, failsSyncs: true } }),
      ofNode(2, { disk: { syncDelayMs: 7 } }),
    ] as ActiveFault[];
    const disk = { syncDelayMs: 7, failsSyncs: true };
    expect(nodeFaultsOf('n1', faults)).toEqual({ turnDelayMs: 5, disk });
    expect(nodeFaultsOf('n2', faults)).toEqual({});
  });

  it('says no more of parts of a node that are said anew or mended', () => {
    const faults = [
      ofNode(1, { turnDelayMs: 5 }),
      ofNode(2, { disk: { syncDelayMs: 3 } }),
      ofNode(3, { disk: { roomBytes: 3 } }),
    ] as ActiveFault[];
    const without = (node: string, start: string) =>
      withoutParts(faults, node, (part) => part.startsWith(start)).map(({ id }) => id);
    expect(without('n1', 'turnDelayMs')).toEqual([2, 3]);
    expect(without('n1', 'disk.roomBytes')).toEqual([1, 2]);
    expect(without('n1', 'disk.')).toEqual([1]);
    expect(without('n2', '')).toEqual([1, 2, 3]);
  });

  it('says no more of a node that is gone', () => {
    const faults = [...changed([], delay(1)), ofNode(7, { turnDelayMs: 5 })] as ActiveFault[];
    expect(withoutNode(faults, 'n2').map(({ id }) => id)).toEqual([7]);
    expect(withoutNode(faults, 'n1')).toEqual([]);
  });
});

describe('rules of links', () => {
  const drop = (chance: number, scopes: readonly RuleScope[], base = noRules) => {
    const rules = scopes.map((scope) => ({ ...scope, chance }));
    const words = `drop ${chance} ${scopes.map(scopeName)}`;
    return breaking((faults) => withRules({ faults, base }, 'losses', rules, chance === 0), words);
  };
  const back = { from: 'n2', to: 'n1' };
  const lossesOf = (faults: readonly ActiveFault[]) =>
    linkRulesOf(noRules, faults).losses.map((rule) => `${scopeName(rule)} ${rule.chance}`);

  it('take the place of earlier ones about the same, and of no others', () => {
    const faults = changed(
      [],
      drop(0.1, [direction, back]),
      drop(0.2, [direction]),
      drop(0.3, [{ ...direction, type: 'accept' }]),
    );
    expect(lossesOf(faults)).toEqual(['n2>n1 0.1', 'n1>n2 0.2', 'n1>n2 accept 0.3']);
    expect(lossesOf(changed(faults, drop(0.4, [direction, back])))).toEqual([
      'n1>n2 accept 0.3',
      'n1>n2 0.4',
      'n2>n1 0.4',
    ]);
  });

  it('that do nothing end those before, and stand only where others would do something', () => {
    const faults = changed([], drop(0.1, [direction]));
    expect(changed(faults, drop(0, [direction]))).toEqual([]);
    expect(lossesOf(changed(faults, drop(0, [{ ...direction, type: 'accept' }])))).toEqual([
      'n1>n2 0.1',
      'n1>n2 accept 0',
    ]);
    const base = { ...noRules, losses: [{ ...direction, chance: 0.5 }] };
    const ended = changed([], drop(0, [direction], base));
    expect(linkRulesOf(base, ended).losses).toEqual([{ ...direction, chance: 0 }]);
  });
});
