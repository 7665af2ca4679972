import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noRules } from './link-rules.js';
import { breakLink, connectLink, heal, isolate, parseGroups, partition } from './partition.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];
const cutsOf = (rules: { cuts: readonly { from: string; to: string }[] }): string[] =>
  rules.cuts.map(({ from, to }) => `${from}>${to}`).sort();

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
        const rules = partition(noRules, groups);
        for (const [a, from] of nodes.entries()) {
          for (const [b, to] of nodes.entries()) {
            expect(cutsOf(rules).includes(`${from}>${to}`)).toBe(sides[a] !== sides[b]);
          }
        }
      }),
    );
  });

  it('replaces the one before it, and keeps delays', () => {
    const delays = [{ from: 'n1', to: 'n2', meanMs: 5 }];
    const first = partition({ ...noRules, cuts: [], delays }, parseGroups('n1', nodes));
    const second = partition(first, parseGroups('n1,n2/n3,n4', nodes));
    expect(cutsOf(second)).not.toContain('n1>n2');
    expect(heal(second)).toEqual({ ...noRules, cuts: [], delays });
  });
});

describe('where the topology has no link', () => {
  const unlinked = [
    { from: 'n1', to: 'n3' },
    { from: 'n3', to: 'n1' },
  ];
  const asConfigured = { ...noRules, cuts: unlinked, delays: [] };

  it('connecting makes one, until all is healed', () => {
    const linked = connectLink(asConfigured, 'n3', 'n1', nodes);
    expect(linked).toEqual(noRules);
    expect(heal(linked, unlinked)).toEqual(asConfigured);
  });

  it('a partition comes on top', () => {
    const rules = partition(asConfigured, parseGroups('n1,n3', nodes), unlinked);
    expect(cutsOf(rules)).toHaveLength(8 + 2);
    expect(cutsOf(partition(noRules, parseGroups('n1', nodes), unlinked))).toHaveLength(6);
  });
});

describe('single links', () => {
  it('break and connect both ways, once', () => {
    const broken = breakLink(breakLink(noRules, 'n1', 'n2', nodes), 'n2', 'n1', nodes);
    expect(cutsOf(broken)).toEqual(['n1>n2', 'n2>n1']);
    expect(connectLink(broken, 'n2', 'n1', nodes)).toEqual(noRules);
  });

  it('isolating a node leaves other cuts as they are', () => {
    const rules = isolate(breakLink(noRules, 'n1', 'n2', nodes), 'n4', nodes);
    expect(cutsOf(rules)).toHaveLength(2 + 6);
    expect(cutsOf(rules).filter((cut) => cut.includes('n4'))).toHaveLength(6);
  });

  it('may join a client with a node, when there is such a client', () => {
    const isClient = (name: string) => ['ann', 'bob'].includes(name);
    const broken = breakLink(noRules, 'ann', 'n1', nodes, isClient);
    expect(cutsOf(broken)).toEqual(['ann>n1', 'n1>ann']);
    expect(connectLink(broken, 'n1', 'ann', nodes, isClient)).toEqual(noRules);
    expect(cutsOf(partition(broken, parseGroups('n1', nodes)))).toContain('ann>n1');
    expect(heal(broken)).toEqual(noRules);
    expect(() => breakLink(noRules, 'ann', 'bob', nodes, isClient)).toThrow('both clients');
    expect(() => breakLink(noRules, 'eve', 'n1', nodes, isClient)).toThrow('no node eve');
  });

  it('need two nodes that exist', () => {
    expect(() => breakLink(noRules, 'n1', 'n1', nodes)).toThrow('two ends');
    expect(() => connectLink(noRules, 'n1', 'x', nodes)).toThrow('no node x');
    expect(() => isolate(noRules, 'x', nodes)).toThrow('no node x');
  });
});
