/** What one seed came to: what was drawn, what was found. */
import { pushTo } from '../../core/lookup.js';
import type { WatchedReport } from '../../explore/seed-run.js';
import type { SimulationReport } from '../../explore/simulate.js';
import type { Fault } from '../../faults/fault.js';
import type { Direction, LinkRules } from '../../faults/link-rules.js';
import { profileOf } from '../../protocols/catalog.js';
import { wrap } from '../../render/wrap.js';
import { type SimFlags, seedReplayOf } from './sim-plan.js';
import { violationLines } from './sim-report.js';

type Drawn = SimulationReport['drawn'];

export function seedLines(
  mode: string,
  { report, outcome }: WatchedReport,
  flags: SimFlags,
  width: number,
): string[] {
  const { name } = profileOf(mode);
  const { drawn, violations, leftBroken, events, virtualMs, traceHash, seed } = report;
  const verdicts = [...outcome.verdicts].map(([name, count]) =>
    count === 1 ? name : `${name} (${count} histories)`,
  );
  const row = (name: string, text: string): string[] =>
    wrap(text, width - 13).map((line, at) => `  ${(at === 0 ? name : '').padEnd(9)}  ${line}`);
  return [
    `${name}, seed ${seed}`,
    ...drawnRows(drawn).flatMap(([name, text]) => row(name, text)),
    ...groupsOf(faultsOf(report)).map((group) => `  ${groupText(group)}`),
    ...(leftBroken.length > 0 ? row('then', `without ${leftBroken.join(', ')}`) : []),
    ...row('verdicts', verdicts.join(', ') || 'nothing is promised'),
    ...row(
      'events',
      `${events} in ${Math.round(virtualMs)} ms of virtual time, trace ${traceHash}`,
    ),
    ...(violations.length > 0
      ? [...violationLines(name, report, width), seedReplayOf(mode, seed, flags)]
      : []),
  ];
}

function drawnRows(drawn: Drawn): [string, string][] {
  const { nodes, modeOptions, conditions, order, workload, plan, nemesis } = drawn;
  const { clients, keys, mix, readLevels, writeLevels, sessions, ...rest } = workload;
  const levels = (all: readonly unknown[]) => all.map((level) => level ?? 'default').join(', ');
  return [
    ['nodes', String(nodes)],
    ['clients', String(clients)],
    ['keys', `${keys.count}, skew ${shortOf(keys.skew)}`],
    ['mix', counted(Object.entries(mix))],
    ['levels', `reads ${levels(readLevels)}; writes ${levels(writeLevels)}`],
    ['sessions', sessions?.join(', ') ?? 'none'],
    ['workload', fieldsOf(rest)],
    ['options', fieldsOf(modeOptions)],
    ['network', fieldsOf(conditions)],
    ['order', fieldsOf(order)],
    ['faults', counted(plan.counts) || 'none'],
    ...(nemesis === null
      ? []
      : [
          ['nemesis', `${nemesis.names.join(', ')}, every ${nemesis.everyMs} ms`] as [
            string,
            string,
          ],
        ]),
  ];
}

const counted = (counts: Iterable<readonly [string, unknown]>): string =>
  [...counts].map(([name, count]) => `${name} ${count}`).join(', ');

const shortOf = (value: unknown): string =>
  typeof value === 'number' ? String(Number(value.toFixed(2))) : String(value);

const fieldsOf = (data: object): string =>
  Object.entries(data)
    .map(([name, value]) => `${name} ${shortOf(value) || '-'}`)
    .join(', ') || 'none';

/** What was drawn, and what a nemesis came to do. */
function faultsOf({ drawn: { plan }, disturbed }: SimulationReport): readonly Fault[] {
  const planned = new Set(plan.faults.map(({ drawn }) => drawn));
  const others = disturbed.flatMap((each) =>
    each.change === 'begin' && !planned.has(each.fault.drawn) ? [each.fault] : [],
  );
  return [...plan.faults, ...others];
}

/** Those that were drawn together stand together. */
function groupsOf(faults: readonly Fault[]): readonly (readonly Fault[])[] {
  const groups = new Map<object, Fault[]>();
  for (const fault of faults) pushTo(groups, fault.drawn ?? fault, fault);
  return [...groups.values()].sort(([a], [b]) => (a?.atMs ?? 0) - (b?.atMs ?? 0));
}

function groupText(faults: readonly Fault[]): string {
  const [first] = faults as readonly [Fault];
  const endMs = Math.max(...faults.map(({ atMs, forMs }) => atMs + forMs));
  const times = `${Math.round(first.atMs)} to ${Math.round(endMs)} ms`;
  const count = faults.length === 1 ? '' : ` ${faults.length} times`;
  return `${times.padStart(15)}  ${first.drawn?.kind ?? first.type}${count}${placeOf(faults)}`;
}

function placeOf(faults: readonly Fault[]): string {
  const nodes = faults.flatMap((fault) => ('node' in fault ? [fault.node] : []));
  const rules = faults.flatMap((fault) => (fault.type === 'links' ? linksText(fault.rules) : []));
  const where = nodes.length > 0 ? ` ${[...new Set(nodes)].join(', ')}` : '';
  const isAtLeader = faults.some(({ atLeader }) => atLeader) ? ', or whoever leads' : '';
  const links = rules.length === 1 ? `: ${rules[0]}` : '';
  return where + isAtLeader + links;
}

const directionsShownMax = 4;

function linksText(rules: Partial<LinkRules>): string[] {
  return Object.values(rules).map((list: readonly Direction[]) => {
    const shown = list.map(({ from, to }) => `${from}>${to}`);
    return shown.length <= directionsShownMax ? shown.join(', ') : `${shown.length} directions`;
  });
}

export function seedDocument(
  mode: string,
  { report, outcome }: WatchedReport,
  flags: SimFlags,
): unknown {
  const { drawn, leftBroken, seed } = report;
  const { traceHash, events, virtualMs, violations, verdicts, met } = outcome;
  const { plan: _, ...others } = drawn;
  return {
    ...{ mode, seed, traceHash, events, virtualMs, leftBroken, violations },
    drawn: { ...others, faults: faultsOf(report).map(faultDocument) },
    verdicts: Object.fromEntries(verdicts),
    faultsMet: Object.fromEntries(met.faults),
    replay: seedReplayOf(mode, seed, flags),
  };
}

const faultDocument = ({ drawn, ...fault }: Fault) => ({ kind: drawn?.kind ?? null, ...fault });
