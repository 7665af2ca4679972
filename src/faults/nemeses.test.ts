import { describe, expect, it } from 'vitest';
import { nodeNames } from '../config/spec.js';
import { SeededRandom } from '../core/random.js';
import {
  checkNemesis,
  drawStep,
  everything,
  type NemesisName,
  type NemesisStep,
  type NemesisView,
  nemeses,
  nemesisNames,
} from './nemeses.js';
import { parseGroups } from './partition.js';

const viewOf = (count: number, more: Partial<NemesisView> = {}): NemesisView => {
  const nodes = nodeNames(count);
  return { nodes, running: nodes, leader: 'n1', newNode: `n${count + 1}`, ...more };
};

/** Many of them, of one seed. */
function drawn(
  names: readonly NemesisName[],
  view: NemesisView,
  on: readonly NemesisName[] = [],
  seed = 1,
): (NemesisStep | null)[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: 200 }, () => drawStep(random, names, view, { on, everyMs: 1000 }));
}

const begun = (steps: readonly (NemesisStep | null)[]): Set<string | undefined> =>
  new Set(steps.flatMap((step) => step?.begin));

describe('what a nemesis draws', () => {
  it('is the same under the same seed, and other things under another', () => {
    expect(drawn(nemesisNames, viewOf(5))).toEqual(drawn(nemesisNames, viewOf(5)));
    expect(drawn(nemesisNames, viewOf(5), [], 2)).not.toEqual(drawn(nemesisNames, viewOf(5)));
  });

  it.each([2, 4, 5, 9])('halves %i nodes in every way that there is', (count) => {
    const { nodes } = viewOf(count);
    const groups = [...begun(drawn(['halves'], viewOf(count)))].map((words) =>
      parseGroups(words?.replace('fault partition ', '') ?? '', nodes),
    );
    for (const [a = [], b = [], ...others] of groups) {
      expect(others).toEqual([]);
      expect([...a, ...b].sort()).toEqual([...nodes]);
      expect(Math.abs(a.length - b.length)).toBe(count % 2);
    }
    for (const node of nodes) expect(groups.some(([a]) => a?.includes(node))).toBe(true);
  });

  it('stops and disturbs only nodes that run, each of them in time', () => {
    const view = viewOf(4, { running: ['n2', 'n4'] });
    expect(begun(drawn(['kills'], view))).toEqual(new Set(['node kill n2', 'node kill n4']));
    expect(begun(drawn(['pauses'], view))).toEqual(new Set(['node pause n2', 'node pause n4']));
    expect(drawn(['kills', 'pauses', 'clock', 'slow-disk'], viewOf(3, { running: [] }))).toContain(
      null,
    );
  });

  it('aims at whoever leads, and at nobody while nobody does', () => {
    expect(begun(drawn(['leader'], viewOf(3, { leader: 'n3' }))).size).toBe(1);
    expect(drawn(['leader'], viewOf(3, { leader: null }))[0]).toBeNull();
  });

  it('is never of a kind that is on', () => {
    for (const on of nemesisNames) {
      const steps = drawn(nemesisNames, viewOf(5), [on]);
      const kinds = new Set(steps.flatMap((step) => (step ? [nemeses[step.nemesis].kind] : [])));
      expect(kinds.has(nemeses[on].kind)).toBe(false);
    }
    const one = drawn(['halves', 'ring'], viewOf(5), ['bridge']);
    expect(one.every((step) => step === null)).toBe(true);
  });

  it('has every nemesis that was named, lasts for a while, and of a single one ends before the next', () => {
    const steps = drawn(nemesisNames, viewOf(5));
    expect(new Set(steps.map((step) => step?.nemesis))).toEqual(new Set(nemesisNames));
    for (const name of nemesisNames) {
      for (const step of drawn([name], viewOf(5))) {
        expect(step?.forMs).toBeGreaterThanOrEqual(300);
        expect(step?.forMs).toBeLessThanOrEqual(800);
      }
    }
    expect(steps.some((step) => step !== null && step.forMs > 1000)).toBe(true);
  });

  it('says which names there are to whoever knows none', () => {
    expect(() => checkNemesis('halvs')).toThrow(
      'there is no nemesis "halvs", did you mean halves?',
    );
    checkNemesis(everything);
  });
});
