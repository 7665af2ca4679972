import type { NodeId } from '../core/ids.js';
import { formatSize } from '../core/show.js';
import {
  type ChanceRule,
  type DelayRule,
  type Direction,
  type LinkRules,
  linkRuleKinds,
  type RuleScope,
} from '../faults/link-rules.js';
import { cutsBeside } from '../faults/topology.js';
import { type Block, line, remark, table } from './page.js';

/**
 * What is done to the links of one node: `cut from n3 n4`, `can't hear n2`, `slow to n3`. A link that the topology does
 * not have (`unlinked`) is no fault.
 */
export function faultsOf(
  node: NodeId,
  rules: LinkRules,
  unlinked: readonly Direction[] = [],
): string[] {
  const cuts = cutsBeside(unlinked, rules);
  const cutTo = cuts.filter((cut) => cut.from === node).map((cut) => cut.to);
  const cutFrom = cuts.filter((cut) => cut.to === node).map((cut) => cut.from);
  const both = cutTo.filter((peer) => cutFrom.includes(peer));
  const onlyTo = cutTo.filter((peer) => !cutFrom.includes(peer));
  const onlyFrom = cutFrom.filter((peer) => !cutTo.includes(peer));
  const harms = harmsOf(rules).filter(({ from }) => from === node);
  return [
    ...(both.length === 0 ? [] : [`cut from ${both.join(' ')}`]),
    ...(onlyTo.length === 0 ? [] : [`can't reach ${onlyTo.join(' ')}`]),
    ...(onlyFrom.length === 0 ? [] : [`can't hear ${onlyFrom.join(' ')}`]),
    ...[...new Set(harms.map(({ told }) => told))].map((told) => {
      const peers = harms.filter((harm) => harm.told === told);
      return `${told} ${peers.map(({ to }) => to).join(' ')}`;
    }),
  ];
}

/** What is done to messages that a link still carries, for a list and for a cell. */
interface Harm extends Direction {
  readonly told: string;
  readonly cell: string;
}

function harmsOf(rules: LinkRules): readonly Harm[] {
  const { delays, losses, duplications, reorderings, bandwidths, singles } = rules;
  const harm = ({ from, to, type }: RuleScope, told: string, cell: string): Harm => ({
    ...{ from, to, told: `${told} to` },
    cell: type === undefined ? cell : `${type} ${cell}`,
  });
  const ofState = (word: string, rule: RuleScope, cell: string): Harm =>
    harm(rule, rule.type === undefined ? word : `${word} with ${rule.type}`, cell);
  const ofChance = (verb: string, all: readonly ChanceRule[]): Harm[] =>
    all.map((rule) => {
      const share = Number((rule.chance * 100).toFixed(1));
      return harm(rule, `${verb} ${rule.type ?? 'messages'}`, `${verb} ${share}%`);
    });
  const isCut = ({ chance, type }: ChanceRule): boolean => chance === 1 && type !== undefined;
  return [
    ...delays
      .filter(({ meanMs }) => meanMs > 0)
      .map((rule) => ofState('slow', rule, delayText(rule))),
    ...losses.filter(isCut).map((rule) => harm(rule, `loses all ${rule.type}`, 'cut')),
    ...ofChance(
      'loses',
      losses.filter((rule) => !isCut(rule)),
    ),
    ...ofChance('doubles', duplications),
    ...ofChance('reorders', reorderings),
    ...bandwidths.map((rule) => ofState('narrow', rule, `${formatSize(rule.bytesPerSecond)}/s`)),
    ...singles.map((rule) => {
      const { type = 'message', nth, fate, heldMs } = rule;
      const verb = { lost: 'loses', doubled: 'doubles', held: 'delays' }[fate];
      const late = fate === 'held' ? ` ${heldMs}ms` : '';
      return harm(rule, `${verb} ${type} ${nth}`, `${verb} #${nth}${late}`);
    }),
  ];
}

/** The mean, and how far from it when that was said. */
function delayText({ meanMs, spread }: DelayRule): string {
  if (spread === 'exponential') return `exp ${meanMs}ms`;
  return spread ? `${meanMs}±${spread}ms` : `${meanMs}ms`;
}

/** What a link does: `ok`, what is done to messages, `cut`, or `none` where the topology has none. */
function linkCell(
  from: NodeId,
  to: NodeId,
  rules: LinkRules,
  unlinked: readonly Direction[],
): string {
  if (from === to) return '-';
  const isIt = (direction: Direction): boolean => direction.from === from && direction.to === to;
  if (rules.cuts.some(isIt)) return unlinked.some(isIt) ? 'none' : 'cut';
  const harms = harmsOf(rules).filter(isIt);
  return harms.map(({ cell }) => cell).join(', ') || 'ok';
}

interface Linked {
  readonly nodes: readonly NodeId[];
  /** Links that the topology does not have. */
  readonly unlinked?: readonly Direction[];
}

const corner = 'FROM\\TO';

/**
 * Every link: row from, column to. In words where there is room for them, else a sign each with a legend; where there is
 * not even room for that, what is not as usual.
 */
export function linkBlocks(linked: Linked, rules: LinkRules, width: number): Block[] {
  const { nodes, unlinked = [] } = linked;
  const rows = nodes.map((from) => {
    return [from, ...nodes.map((to) => linkCell(from, to, rules, unlinked))];
  });
  const titles = [corner, ...nodes];
  if (tableWidth([titles, ...rows]) <= width) return [table(titles, rows, 'any')];
  return signMatrix(titles, rows, width) ?? [...faultBlocks(linked, rules)];
}

/** Its columns stand two blanks apart. */
function tableWidth(rows: readonly (readonly string[])[]): number {
  const [first = []] = rows;
  const widths = first.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return widths.reduce((sum, each) => sum + each + 2, -2);
}

const fixedSigns = new Map([
  ['-', '-'],
  ['ok', '.'],
  ['cut', 'x'],
  ['none', '_'],
]);
const letters = [...'abcdefghijklmnopqrstuvwyz'];

/** `null` when it is too wide, or has more kinds of cells than there are letters. */
function signMatrix(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): Block[] | null {
  const kinds = [...new Set(rows.flatMap(([, ...cells]) => cells))];
  const harms = kinds.filter((kind) => !fixedSigns.has(kind));
  const [first = '', ...nodes] = titles;
  const firstWidth = Math.max(...titles.map(({ length }) => length), first.length);
  const lineWidth = nodes.reduce((sum, { length }) => sum + 1 + length, firstWidth);
  if (lineWidth > width || harms.length > letters.length) return null;
  const signs = new Map([...fixedSigns, ...harms.map((kind, at) => [kind, letters[at]] as const)]);
  const lines = rows.map(([from = '', ...cells]) => {
    const shown = cells.map((cell, at) => (signs.get(cell) ?? '').padEnd(nodes[at]?.length ?? 0));
    return [from.padEnd(firstWidth), ...shown].join(' ').trimEnd();
  });
  const legend = [...signs].slice(1).filter(([kind]) => kinds.includes(kind));
  const head = [first.padEnd(firstWidth), ...nodes].join(' ');
  return [
    head,
    ...lines,
    '',
    ...filled(
      legend.map(([kind, sign]) => `${sign} ${kind}`),
      width,
    ),
  ].map(line);
}

/** As many on a line as there is room for. */
function filled(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)}   ${word}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function faultBlocks({ nodes, unlinked = [] }: Linked, rules: LinkRules): Block[] {
  const rows = nodes
    .map((node) => [node, faultsOf(node, rules, unlinked).join('; ')])
    .filter(([, faults]) => faults !== '');
  const others = rows.length === 0 ? 'All links are ok.' : 'All other links are ok.';
  return [
    table(['NODE', 'FAULTS'], rows, 'wrapped'),
    remark(`${others} \`kvx fault list --wide\` shows the matrix.`),
  ];
}

/** What is done to links of clients, a line each: `ann cut from n1`. */
export function clientFaults(nodes: readonly NodeId[], rules: LinkRules): string[] {
  const directions = linkRuleKinds.flatMap((kind): readonly Direction[] => rules[kind]);
  const ends = new Set(directions.flatMap(({ from, to }) => [from, to]));
  return [...ends].flatMap((end) => {
    if (nodes.includes(end)) return [];
    const toIt = harmsOf(rules).filter(({ to }) => to === end);
    return [
      ...faultsOf(end, rules).map((told) => `${end} ${told}`),
      ...toIt.map(({ from, told }) => `${from} ${told} ${end}`),
    ];
  });
}
