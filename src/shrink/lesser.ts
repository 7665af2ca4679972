/** Decisions of a run made less: one phase, fewer nodes, briefer faults, plainer operations. */
import type { Millis, NodeId } from '../core/ids.js';
import type { DataOperation } from '../core/operation.js';
import type { AskedOperation, RunDecisions, RunPhases } from '../explore/decisions.js';
import type { Disturbed } from '../explore/disturbance.js';
import { simulatedNodes } from '../explore/drawn-run.js';
import type { SimulationReport } from '../explore/simulate.js';
import type { Fault, FaultKind } from '../faults/fault.js';
import {
  between,
  keepRules,
  type LinkRules,
  linkRuleKinds,
  pairs,
  type RuleScope,
  ruleCount,
} from '../faults/link-rules.js';

type FailedRun = Pick<SimulationReport, 'decisions' | 'disturbed' | 'drawn' | 'virtualMs'>;

/** All that was broken, for as long as it was, while clients ask: as if one phase were all there is. */
export function inOnePhase({ decisions, disturbed, drawn, virtualMs }: FailedRun) {
  const nodes = simulatedNodes(drawn.nodes);
  const endOf = (begun: Disturbed, at: number): Millis => {
    const ended = disturbed.slice(at).find((each) => {
      if (each.change === 'heal') return true;
      return each.change === 'end' && begun.change === 'begin' && each.fault === begun.fault;
    });
    return ended?.atMs ?? virtualMs;
  };
  const faults = disturbed.flatMap((each, at): Fault[] => {
    const { atMs } = each;
    const kind = each.change === 'begin' ? decidedAs(each.fault) : brokenAs(each, nodes);
    return kind === null ? [] : [{ ...kind, atMs, forMs: endOf(each, at) - atMs }];
  });
  const { operations } = decisions;
  const { clientTimeoutMs } = drawn.workload;
  const phases = {
    durationMs: Math.max(...operations.map(({ atMs }) => atMs + clientTimeoutMs), 0),
    ...{ goOn: false, absenceMs: 0, restart: false },
    ...{ stabilize: false, writeAll: false, isLong: false },
  } satisfies Partial<RunPhases>;
  return { decisions: { operations, faults }, phases };
}

function decidedAs({ whenBusy, atLeader, atNextLeader, ...fault }: Fault): Fault {
  return fault;
}

function brokenAs(disturbed: Disturbed, nodes: readonly NodeId[]): FaultKind | null {
  if (disturbed.change !== 'break') return null;
  const { node, how } = disturbed;
  switch (how) {
    case 'dead':
      return { type: 'crash', node, how: 'kill' };
    case 'without power':
      return { type: 'crash', node, how: 'power' };
    case 'paused':
      return { type: 'pause', node };
    case 'isolated':
      return { type: 'links', rules: { cuts: between([node], nodes) } };
    case 'deaf':
      return { type: 'links', rules: { cuts: pairs(nodes, [node]) } };
    case 'mute':
      return { type: 'links', rules: { cuts: pairs([node], nodes) } };
  }
}

/** From the first operation on, all happens in this part of its time. */
export function quickened({ operations, faults }: RunDecisions, factor: number): RunDecisions {
  const fromMs = Math.min(...operations.map(({ atMs }) => atMs));
  const sooner = <T extends { readonly atMs: Millis }>(each: T): T => ({
    ...each,
    atMs: Math.min(each.atMs, fromMs + Math.max(0, each.atMs - fromMs) * factor),
  });
  return { operations: operations.map(sooner), faults: faults.map(sooner) };
}

/** The nodes after it are one less; what was asked of it is asked of the next. */
export function onFewerNodes(
  { operations, faults }: RunDecisions,
  gone: NodeId,
  count: number,
): RunDecisions {
  const nodes = simulatedNodes(count);
  const at = nodes.indexOf(gone);
  const name = (node: NodeId): NodeId => {
    const nth = nodes.indexOf(node);
    if (nth < at) return node;
    return nodes[nth > at ? nth - 1 : nth % (count - 1)] as NodeId;
  };
  return {
    operations: operations.map((each) => ({ ...each, node: name(each.node) })),
    faults: faults.flatMap((fault) => renamed(fault, gone, name)),
  };
}

function renamed(fault: Fault, gone: NodeId, name: (node: NodeId) => NodeId): Fault[] {
  if (fault.type === 'links') {
    const kept = keepRules(fault.rules, ({ from, to }) => from !== gone && to !== gone);
    const rules = linkRuleKinds.map((kind) => [
      kind,
      kept[kind].map((rule: RuleScope) => ({ ...rule, from: name(rule.from), to: name(rule.to) })),
    ]);
    return ruleCount(kept) === 0 ? [] : [{ ...fault, rules: Object.fromEntries(rules) }];
  }
  if (!('node' in fault)) return [fault];
  if (fault.node === gone) return [];
  const node = name(fault.node);
  if (fault.type !== 'stall') return [{ ...fault, node }];
  const to = fault.to.filter((each) => each !== gone).map(name);
  return to.length === 0 ? [] : [{ ...fault, node, to }];
}

/** Faults are not made briefer than this. */
const briefMs: Millis = 8;

/** The first are the least. */
export function simplerFaults(fault: Fault): Fault[] {
  const simpler: Fault[] = [];
  if (fault.type === 'links') {
    const { rules } = fault;
    if ((rules.losses ?? []).length > 0) simpler.push({ ...fault, rules: asCuts(rules) });
    simpler.push(...fewerRules(rules).map((fewer) => ({ ...fault, rules: fewer })));
  }
  if (fault.type === 'stall') {
    simpler.push(...fewerOf(fault.to).map((to) => ({ ...fault, to })));
  }
  if (fault.type === 'crash') {
    if (fault.isMidway === true) simpler.push({ ...fault, isMidway: false });
    if (fault.how === 'power') simpler.push({ ...fault, how: 'kill' });
  }
  if (fault.forMs > briefMs) {
    const forMs = fault.forMs / 2;
    simpler.push({ ...fault, forMs }, { ...fault, forMs, atMs: fault.atMs + forMs });
  }
  return simpler;
}

/** What loses some messages loses all. */
function asCuts({ losses = [], cuts = [], ...others }: Partial<LinkRules>): Partial<LinkRules> {
  return { ...others, cuts: [...cuts, ...losses.map(({ from, to }) => ({ from, to }))] };
}

function fewerRules(rules: Partial<LinkRules>): LinkRules[] {
  const all = linkRuleKinds.flatMap((kind): readonly RuleScope[] => rules[kind] ?? []);
  return fewerOf(all).map((some) => keepRules(rules, (rule) => some.includes(rule)));
}

/** Halves first, then all but one. */
function fewerOf<T>(items: readonly T[]): (readonly T[])[] {
  if (items.length < 2) return [];
  const middle = items.length >> 1;
  const butOne = items.map((_, at) => items.toSpliced(at, 1));
  if (items.length <= 3) return butOne;
  return [items.slice(0, middle), items.slice(middle), ...butOne];
}

/** The first are the least. */
export function simplerOperations(asked: AskedOperation): AskedOperation[] {
  return simplerOf(asked.operation).map((operation) => ({ ...asked, operation }));
}

function simplerOf(operation: DataOperation): DataOperation[] {
  switch (operation.type) {
    case 'txn': {
      const { steps } = operation;
      const alone = steps.filter((step) => step.type !== 'check');
      return [...alone, ...fewerOf(steps).map((some) => ({ ...operation, steps: [...some] }))];
    }
    case 'insert':
    case 'update':
      return [{ ...operation, type: 'put' }];
    case 'cas': {
      const { key, value } = operation;
      return [value === null ? { type: 'delete', key } : { type: 'put', key, value }];
    }
    default:
      return [];
  }
}
