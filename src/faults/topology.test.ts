import { describe, expect, it } from 'vitest';
import { noRules } from './link-rules.js';
import {
  componentsOf,
  cutsBeside,
  isConnected,
  linksForVerify,
  linksOf,
  missingBeside,
  missingNow,
  shapeOf,
  type TopologyName,
  topologyNames,
} from './topology.js';

const nodesOf = (count: number) => Array.from({ length: count }, (_, at) => `n${at + 1}`);
const shown = (name: TopologyName, count: number) =>
  linksOf(name, nodesOf(count)).map((link) => link.map((node) => node.slice(1)).join('-'));
const both = (a: string, b: string) => [
  { from: a, to: b },
  { from: b, to: a },
];

describe('a shape', () => {
  it.each<[TopologyName, number, string[]]>([
    ['full', 3, ['1-2', '1-3', '2-3']],
    ['line', 4, ['1-2', '2-3', '3-4']],
    ['ring', 4, ['1-2', '2-3', '3-4', '1-4']],
    ['ring', 2, ['1-2']],
    ['star', 4, ['1-2', '1-3', '1-4']],
    ['grid', 4, ['1-2', '3-4', '1-3', '2-4']],
    ['grid', 7, ['1-2', '2-3', '4-5', '5-6', '1-4', '2-5', '3-6', '4-7']],
    ['line', 1, []],
  ])('%s of %d', (name, count, links) => {
    expect(shown(name, count)).toEqual(links);
  });

  it('is connected, whatever the number of nodes, and known again by what is missing', () => {
    for (const name of topologyNames) {
      for (let count = 1; count <= 17; count++) {
        const nodes = nodesOf(count);
        const missing = missingBeside(linksOf(name, nodes), nodes);
        expect(isConnected(nodes, missing)).toBe(true);
        const shape = shapeOf(missing, nodes);
        // Of few nodes several shapes are the same.
        expect(missingBeside(linksOf(shape as TopologyName, nodes), nodes)).toEqual(missing);
      }
    }
  });

  it('of no name is known by its links', () => {
    const nodes = nodesOf(4);
    const links = [['n1', 'n2'] as const, ['n1', 'n3'] as const];
    expect(shapeOf(missingBeside(links, nodes), nodes)).toEqual(links);
  });
});

describe('what is missing', () => {
  const nodes = nodesOf(3);
  const missing = missingBeside(linksOf('line', nodes), nodes);

  it('is every direction without a link', () => {
    expect(missing).toEqual(both('n1', 'n3'));
    expect(missingBeside([], ['n1', 'n2'])).toEqual(both('n1', 'n2'));
  });

  it('is no cut, unless the link was made and cut since', () => {
    const rules = { ...noRules, cuts: [...missing, ...both('n1', 'n2')] };
    expect(cutsBeside(missing, rules)).toEqual(both('n1', 'n2'));
    expect(missingNow(missing, rules)).toEqual(missing);
    expect(missingNow(missing, noRules)).toEqual([]);
  });
});

describe('connected', () => {
  const nodes = nodesOf(4);

  it('means over chains, and over links that carry both ways', () => {
    expect(isConnected(nodes, both('n1', 'n2'))).toBe(true);
    expect(
      isConnected(
        nodes,
        nodes.slice(1).flatMap((node) => both('n1', node)),
      ),
    ).toBe(false);
    const deaf = nodes.slice(1).map((node) => ({ from: node, to: 'n1' }));
    expect(isConnected(nodes, deaf)).toBe(false);
  });

  it('is enough for replicas to converge where nodes relay, and only there', () => {
    const rules = { ...noRules, cuts: both('n1', 'n2') };
    expect(linksForVerify(nodes, rules, true)).toMatchObject({ linksCut: false, cuts: rules.cuts });
    expect(linksForVerify(nodes, rules, false)).toMatchObject({ linksCut: true });
  });

  it('is not about clients', () => {
    const rules = { ...noRules, cuts: both('ann', 'n2') };
    expect(linksForVerify(nodes, rules, false)).toEqual({ linksCut: false, cuts: [] });
  });
});

describe('connected parts', () => {
  const cut = (from: string, to: string) => ({ from, to });

  it('are one when nothing is broken', () => {
    expect(componentsOf(['a', 'b', 'c'], [])).toEqual([['a', 'b', 'c']]);
  });

  it('reach over chains', () => {
    // a - c - b, d alone
    const broken = [cut('a', 'b'), cut('a', 'd'), cut('b', 'd'), cut('c', 'd')];
    expect(componentsOf(['a', 'b', 'c', 'd'], broken)).toEqual([['a', 'c', 'b'], ['d']]);
  });

  it('do not hang on a link that is broken one way', () => {
    expect(componentsOf(['a', 'b'], [cut('b', 'a')])).toEqual([['a'], ['b']]);
  });
});
