import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ActiveFault, linkRulesOf } from './active.js';
import { type Direction, type LinkRules, noRules } from './link-rules.js';
import {
  breakLink,
  bridge,
  connectLink,
  isolate,
  majorityRing,
  parseGroups,
  partition,
} from './partition.js';
import { breaking, changed, healing } from './testing/change.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];
const isClient = (name: string): boolean => ['ann', 'bob'].includes(name);

const cutsOf = (base: LinkRules, faults: readonly ActiveFault[]): string[] =>
  linkRulesOf(base, faults)
    .cuts.map(({ from, to }) => `${from}>${to}`)
    .sort();
const cut = (a: string, b: string) =>
  breaking((faults) => breakLink(faults, [a, b], nodes, isClient), `cut ${a} ${b}`);
const connect = (a: string, b: string, unlinked: readonly Direction[] = []) =>
  breaking((faults) => connectLink(faults, [a, b], { nodes, unlinked, isClient }));
const partitionOf = (text: string) =>
  breaking((faults) => partition(faults, parseGroups(text, nodes)), text);
const partitioned = (groups: readonly (readonly string[])[]) =>
  changed(
    [],
    breaking((faults) => partition(faults, groups)),
  );

describe('groups', () => {
  it('are separated by slashes, their nodes by commas', () => {
    expect(parseGroups('n1,n2/n3, n4', nodes)).toEqual([
      ['n1', 'n2'],
      ['n3', 'n4'],
    ]);
  });

  it('that are named alone are cut from the rest', () => {
    expect(parseGroups('n2', nodes)).toEqual([['n2'], ['n1', 'n3', 'n4']]);
    expect(parseGroups('n1/n2', nodes)).toEqual([['n1'], ['n2'], ['n3', 'n4']]);
  });

  it.each([
    ['n1,n9', 'there is no node n9, did you mean n1?'],
    ['n1,n2/n2', 'n2 stands in the partition twice'],
    ['n1,,n2', 'a group names nobody'],
    ['', 'a group names nobody'],
    ['n1,n2,n3,n4', 'a partition needs nodes on both sides'],
  ])('refuse %j: %s', (text, message) => {
    expect(() => parseGroups(text, nodes)).toThrow(
      expect.objectContaining({
        message,
        code: 'bad-request',
        definite: true,
        hint: expect.stringContaining('n1, n2, n3, n4'),
      }),
    );
  });
});

describe('a partition', () => {
  it('cuts exactly what crosses from one group to another, both ways', () => {
    const side = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(side, (sides) => {
        const groups = [0, 1, 2].map((group) => nodes.filter((_, at) => sides[at] === group));
        const cuts = cutsOf(noRules, partitioned(groups));
        for (const [a, from] of nodes.entries()) {
          for (const [b, to] of nodes.entries()) {
            expect(cuts.includes(`${from}>${to}`)).toBe(sides[a] !== sides[b]);
          }
        }
      }),
    );
  });

  it('replaces the one before it, and keeps delays', () => {
    const delays = [{ from: 'n1', to: 'n2', meanMs: 5 }];
    const delayed = breaking(
      (kept) => ({ kept, effect: { type: 'links', rules: { delays } } }),
      'd',
    );
    const faults = changed([], delayed, partitionOf('n1'), partitionOf('n1,n2/n3,n4'));
    expect(faults.map(({ words }) => words)).toEqual(['d', 'n1,n2/n3,n4']);
    expect(linkRulesOf(noRules, faults)).toMatchObject({ delays });
    expect(cutsOf(noRules, faults)).not.toContain('n1>n2');
  });
});

describe('where the topology has no link', () => {
  const unlinked = [
    { from: 'n1', to: 'n3' },
    { from: 'n3', to: 'n1' },
  ];
  const asConfigured = { ...noRules, cuts: unlinked };
  const linked = changed([], connect('n3', 'n1', unlinked));

  it('connecting makes one, until all is healed or it is broken again', () => {
    expect(linkRulesOf(asConfigured, linked)).toEqual(noRules);
    expect(linkRulesOf(asConfigured, changed(linked, healing))).toEqual(asConfigured);
    expect(cutsOf(asConfigured, changed(linked, cut('n1', 'n3')))).toEqual(['n1>n3', 'n3>n1']);
  });

  it('a partition comes on top', () => {
    const faults = changed(linked, partitionOf('n1,n3'));
    expect(cutsOf(asConfigured, faults)).toHaveLength(8 + 2);
    expect(cutsOf(asConfigured, changed(linked, partitionOf('n1')))).toHaveLength(6);
  });
});

describe('single links', () => {
  it('break and connect both ways, once', () => {
    const broken = changed([], cut('n1', 'n2'), cut('n2', 'n1'));
    expect(cutsOf(noRules, broken)).toEqual(['n1>n2', 'n2>n1']);
    expect(changed(broken, connect('n2', 'n1'))).toEqual([]);
  });

  it('isolating a node leaves other cuts as they are', () => {
    const faults = changed(
      [],
      cut('n1', 'n2'),
      breaking((before) => isolate(before, 'n4', nodes)),
    );
    const cuts = cutsOf(noRules, faults);
    expect(cuts).toHaveLength(2 + 6);
    expect(cuts.filter((direction) => direction.includes('n4'))).toHaveLength(6);
  });

  it('may join a client with a node, when there is such a client', () => {
    const broken = changed([], cut('ann', 'n1'));
    expect(cutsOf(noRules, broken)).toEqual(['ann>n1', 'n1>ann']);
    expect(changed(broken, connect('n1', 'ann'))).toEqual([]);
    expect(cutsOf(noRules, changed(broken, partitionOf('n1')))).toContain('ann>n1');
    expect(() => changed([], cut('ann', 'bob'))).toThrow('both clients');
    expect(() => changed([], cut('eve', 'n1'))).toThrow('no node eve');
  });

  it('need two nodes that exist', () => {
    expect(() => changed([], cut('n1', 'n1'))).toThrow('two ends');
    expect(() => changed([], connect('n1', 'x'))).toThrow('no node x');
    expect(() => isolate([], 'x', nodes)).toThrow('no node x');
  });
});

describe('a bridge', () => {
  it('sees two halves that do not see each other', () => {
    const cuts = cutsOf(
      noRules,
      changed(
        [],
        partitionOf('n1'),
        breaking((on) => bridge(on, 'n2', nodes)),
      ),
    );
    expect(cuts).toEqual(['n1>n4', 'n3>n4', 'n4>n1', 'n4>n3']);
    expect(() => bridge([], 'n1', ['n1', 'n2'])).toThrow('a bridge needs 3 nodes');
  });
});

describe('a ring of majorities', () => {
  it.each([4, 5, 6, 7, 8, 9, 10, 11])('lets each of %i nodes see another one', (count) => {
    const all = Array.from({ length: count }, (_, at) => `n${at}`);
    const cuts = cutsOf(
      noRules,
      changed(
        [],
        breaking((on) => majorityRing(on, all)),
      ),
    );
    const seen = all.map((node) => all.filter((other) => !cuts.includes(`${node}>${other}`)));
    for (const majority of seen) {
      expect(majority.length).toBeGreaterThan(count / 2);
      expect(majority.length).toBeLessThan(count);
    }
    expect(new Set(seen.map(String)).size).toBe(count);
    expect(cuts.every((cut) => cuts.includes(cut.split('>').reverse().join('>')))).toBe(true);
    if (count % 2 === 0) expect(seen[0]).toHaveLength(count / 2 + 1);
  });

  it('needs four nodes', () => {
    expect(() => majorityRing([], ['n1', 'n2', 'n3'])).toThrow('needs 4 nodes');
  });
});
