/** What is broken on purpose, as people and programs read it: every link, then each fault. */
import { formatDuration } from '../config/duration.js';
import type { Millis, NodeId } from '../core/ids.js';
import { formatSize, quantity } from '../core/show.js';
import { type ActiveFault, type NodeFaults, nodeFaultsOf } from '../faults/active.js';
import type { LinkRules } from '../faults/link-rules.js';
import { cutsBeside, missingNow } from '../faults/topology.js';
import { clientFaults, linkBlocks } from '../render/links.js';
import { type Block, line, type Page, right, table } from '../render/page.js';
import type { TargetSpec } from '../targets/target.js';
import type { OperationContext } from './context.js';
import { failRatesOf } from './fail-rate.js';
import { wideFlag } from './flags.js';
import { operation, type ShowOptions } from './operation.js';

export interface Links {
  readonly spec: TargetSpec;
  readonly rules: LinkRules;
}

export const linksNow = ({ spec, target }: OperationContext): Links => ({
  spec,
  rules: target.rules(),
});

export function linksDocument({ spec, rules }: Links): object {
  const { name, nodes, unlinked = [] } = spec;
  const { cuts: _, ...others } = rules;
  return {
    ...{ cluster: name, nodes, cuts: cutsBeside(unlinked, rules) },
    ...{ missing: missingNow(unlinked, rules), ...others },
  };
}

/** A matrix, row from, column to; then what is done to links of clients. */
export function linksPage({ spec, rules }: Links, { width, given }: ShowOptions): Page {
  return [
    ...linkBlocks(spec, rules, given.has('wide') ? Number.POSITIVE_INFINITY : width),
    ...clientFaults(spec.nodes, rules).map(line),
  ];
}

export const faultList = operation({
  name: 'fault list',
  summary: 'Show what is broken on purpose: what each link does, and each fault.',
  description: [
    'A matrix: row from, column to. Links are ok, cut, none where the topology has none, or show what they do to messages: a mean delay, a share that is lost, doubled or reordered. Where words have no room, signs with a legend.',
    'Then each fault, since when, by whom, and the command that made it; `kvx fault heal 3` undoes the one with that number. In mode paxos, also which nodes fail to answer, and how often.',
  ].join('\n'),
  examples: ['fault list', 'fault list --json'],
  flags: [wideFlag('the matrix in words, however wide')],
  changes: false,
  run: async ({ context }) => {
    const { target } = context;
    const failRates = failRatesOf(context);
    return { ...linksNow(context), faults: target.faults(), now: target.wallClock(), failRates };
  },
  json: (broken) => {
    const { faults, failRates } = broken;
    return { ...linksDocument(broken), failRates, faults };
  },
  page: (broken, how) => {
    const { faults, now, failRates } = broken;
    return [
      ...linksPage(broken, how),
      ...failRates.map(({ node, failRate }) => line(`${node} fail rate ${failRate}`)),
      ...faultTable(faults, now),
    ];
  },
});

/** `2 faults are on (user, nemesis; the oldest 3m ago)`; `null` when none is. */
export function faultSum(faults: readonly ActiveFault[], now: Millis): string | null {
  if (faults.length === 0) return null;
  const authors = new Set(faults.map(({ by }) => by.replace(/^nemesis .*/, 'nemesis')));
  const age = ago(now - Math.min(...faults.map(({ since }) => since)));
  const are = faults.length === 1 ? ['is', `, ${age}`] : ['are', `; the oldest ${age}`];
  return `${quantity(faults.length, 'fault')} ${are[0]} on (${[...authors].join(', ')}${are[1]})`;
}

function faultTable(faults: readonly ActiveFault[], now: Millis): Block[] {
  if (faults.length === 0) return [];
  const columns = [right('FAULT'), 'SINCE', 'BY', 'WHAT'];
  const rows = faults.map(({ id, since, by, words }) => {
    return [String(id), ago(now - since), by, words];
  });
  return [line(''), table(columns, rows, 'wrapped')];
}

const units = [
  ['d', 24 * 60 * 60_000],
  ['h', 60 * 60_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** `2m ago`. */
export function ago(ms: Millis): string {
  const unit = units.find(([, size]) => ms >= size);
  return unit === undefined ? 'now' : `${Math.floor(ms / unit[1])}${unit[0]} ago`;
}

export function ownFaultsOf(node: NodeId, faults: readonly ActiveFault[]): string[] {
  const done = faults.flatMap(({ effect, by }) => {
    if (effect.type === 'links' || effect.type === 'node' || effect.node !== node) return [];
    return [`${effect.type === 'added' ? 'added' : effect.how} by ${by}`];
  });
  return [...done, ...nodeFaultWords(nodeFaultsOf(node, faults))];
}

function nodeFaultWords({ turnDelayMs, clock, disk = {} }: Partial<NodeFaults>): string[] {
  const { syncDelayMs, failsSyncs, roomBytes, unsynced, isDamaged } = disk;
  return [
    ...(turnDelayMs === undefined ? [] : [`turns ${formatDuration(turnDelayMs)} late`]),
    ...(clock === undefined ? [] : [`wall clock ${clockText(clock)}`]),
    ...(syncDelayMs === undefined ? [] : [`syncs ${formatDuration(syncDelayMs)} late`]),
    ...(failsSyncs ? ['syncs fail'] : []),
    ...(roomBytes === undefined
      ? []
      : [roomBytes === 0 ? 'disk full' : `disk full past ${formatSize(roomBytes)}`]),
    ...(unsynced === undefined ? [] : [`unsynced writes ${unsynced} by a power cut`]),
    ...(isDamaged ? ['disk damaged'] : []),
  ];
}

export function clockText({ skewMs, drift }: Omit<NodeFaults['clock'], 'sinceMs'>): string {
  const jump = `${formatDuration(Math.abs(skewMs))} ${skewMs < 0 ? 'behind' : 'ahead'}`;
  const pace = `${drift < 0 ? 'loses' : 'gains'} ${formatDuration(Math.abs(drift) * 1000)} a second`;
  return [...(skewMs === 0 ? [] : [jump]), ...(drift === 0 ? [] : [pace])].join(', ');
}
