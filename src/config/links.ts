/** What is said of links between nodes: how long messages take on them, and which there are. */
import type { Millis, NodeId } from '../core/ids.js';
import { nodesMax } from '../core/limits.js';
import { show } from '../core/show.js';
import { didYouMean } from '../core/suggest.js';
import type { Direction, LinkRules } from '../faults/link-rules.js';
import { directionsOf, endsOf } from '../faults/link-words.js';
import {
  linksOf,
  missingBeside,
  type NodeLink,
  type TopologyName,
  topologyNames,
} from '../faults/topology.js';
import { parseDuration } from './duration.js';
import type { Problem, Setting } from './problem.js';

/** An hour: a longer delay is a slip of the pen. */
const delayMsMax = 3_600_000;
type Path = readonly (string | number)[];
type Report = (problem: Problem) => void;
type Fail = (path: Path, message: string) => void;

const failing =
  (setting: Setting, report: Report): Fail =>
  (path, message) =>
    report({ ...setting.placeOf(path), message });

/** A delay of one link, or of all where it is `null`; and where that was said. */
interface GivenDelay {
  readonly path: Path;
  readonly link: string | null;
  readonly amount: unknown;
}

/** Mean one-way delays by what `delay` and `delays` say; later settings override earlier ones, link by link. */
export function delaysBy(
  settings: readonly Setting[],
  nodes: readonly NodeId[],
  report: Report,
): LinkRules['delays'] {
  const all = nodes.flatMap((from) => nodes.map((to) => ({ from, to })));
  const meanMsOf = new Map<string, Millis>();
  for (const setting of settings) {
    const fail = failing(setting, report);
    for (const { path, link, amount } of delaysIn(setting, nodes, fail)) {
      const meanMs = millisOf(amount);
      if (meanMs === null) {
        fail(path, `expected a delay such as 20ms, at most 1h, not ${show(amount)}`);
      }
      const meant = link === null ? all : directionsOf(link, (end) => nodes.includes(end));
      if (meant.length === 0) {
        const what = `${show(link)} is not a link of this cluster`;
        fail(path, `${what}; say n1>n2 for one way, n1-n2 for both`);
      }
      if (meanMs !== null) for (const { from, to } of meant) meanMsOf.set(`${from}>${to}`, meanMs);
    }
  }
  return all
    .map(({ from, to }) => ({ from, to, meanMs: meanMsOf.get(`${from}>${to}`) ?? 0 }))
    .filter(({ from, to, meanMs }) => from !== to && meanMs > 0);
}

/**
 * `delay`: `20ms` for every link, `n1>n3=20ms` for one way, `n1-n3=20ms` for both; or a list of these. `delays`: a matrix (row:
 * from, column: to), or a map from links to delays.
 */
function* delaysIn(
  { name, value }: Setting,
  nodes: readonly NodeId[],
  fail: Fail,
): Generator<GivenDelay> {
  const isList = Array.isArray(value);
  if (name === 'delay') {
    const terms: readonly unknown[] = isList ? value : [value];
    if (terms.length > nodesMax ** 2) {
      fail(
        [],
        `there are ${terms.length} delays, more than links; a later one overrides an earlier`,
      );
      return;
    }
    for (const [at, term] of terms.entries()) {
      const [first = '', second] = typeof term === 'string' ? term.split('=') : [term];
      const [link, amount] = second === undefined ? [null, first] : [first as string, second];
      yield { path: isList ? [at] : [], link, amount };
    }
  } else if (isList) yield* matrixDelays(value, nodes, fail);
  else if (typeof value === 'object' && value !== null) {
    for (const [link, amount] of Object.entries(value)) yield { path: [link], link, amount };
  } else fail([], 'expected a matrix, or a map such as {n1>n3: 20ms}');
}

function* matrixDelays(
  rows: readonly unknown[],
  nodes: readonly NodeId[],
  fail: Fail,
): Generator<GivenDelay> {
  const size = `the matrix must be ${nodes.length} × ${nodes.length}`;
  if (rows.length !== nodes.length) {
    fail([], `the delays have ${rows.length} rows, but ${size}`);
    return;
  }
  for (const [row, cells] of rows.entries()) {
    if (!Array.isArray(cells) || cells.length !== nodes.length) {
      const length = Array.isArray(cells) ? `${cells.length} columns` : 'no columns';
      fail([row], `row ${row + 1} of the delays has ${length}, but ${size}`);
      continue;
    }
    for (const [column, amount] of cells.entries()) {
      const path = [row, column];
      if (row !== column) yield { path, link: `${nodes[row]}>${nodes[column]}`, amount };
      else if (millisOf(amount) !== 0) {
        fail(path, `a node has no delay to itself: expected 0, not ${show(amount)}`);
      }
    }
  }
}

function millisOf(amount: unknown): Millis | null {
  const ms = typeof amount === 'string' ? parseDuration(amount) : amount;
  return typeof ms === 'number' && ms >= 0 && ms <= delayMsMax ? ms : null;
}

/**
 * What is missing in the topology that a setting means: a shape's name; or links, each `n1-n2` or `[n1, n2]`, as a list or,
 * of the former, with commas between them.
 */
export function unlinkedBy(
  setting: Setting,
  nodes: readonly NodeId[],
  report: Report,
): readonly Direction[] {
  const { value } = setting;
  const fail = failing(setting, report);
  if (topologyNames.includes(value as TopologyName)) {
    return missingBeside(linksOf(value as TopologyName, nodes), nodes);
  }
  const isText = typeof value === 'string';
  const terms: unknown = isText ? value.split(',') : value;
  if (isText && !value.includes('-'))
    fail([], `${unknownShape(value)}, or links such as n1-n2,n2-n3`);
  else if (!Array.isArray(terms)) {
    fail([], `a topology is ${topologyNames.join(', ')}, or a list of links such as n1-n2`);
  } else if (terms.length > nodesMax ** 2) {
    fail([], `there are ${terms.length} links, more than pairs`);
  } else {
    const links: NodeLink[] = [];
    for (const [at, term] of terms.entries()) {
      const link = readLink(term, nodes);
      if (typeof link === 'string') fail(isText ? [] : [at], link);
      else links.push(link);
    }
    return missingBeside(links, nodes);
  }
  return [];
}

function unknownShape(value: string): string {
  const question = didYouMean(value, topologyNames) || '.';
  return `there is no topology ${show(value)}${question} There are ${topologyNames.join(', ')}`;
}

/** A link, or what is wrong with it. */
function readLink(term: unknown, nodes: readonly NodeId[]): NodeLink | string {
  const ends = typeof term === 'string' ? endsOf(term, (end) => nodes.includes(end)) : term;
  const isPair =
    Array.isArray(ends) && ends.length === 2 && ends.every((end) => typeof end === 'string');
  if (!isPair) return `expected a link such as n1-n2 or [n1, n2], not ${show(term)}`;
  const [a, b] = ends as [string, string];
  const unknown = [a, b].find((end) => !nodes.includes(end));
  if (unknown !== undefined)
    return `there is no node ${show(unknown)}${didYouMean(unknown, nodes)}`;
  return a === b ? `a link has two ends, not ${a} twice` : [a, b];
}
