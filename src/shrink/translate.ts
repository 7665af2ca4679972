/** A failed simulated run as a scenario: its options, what its clients asked, and what was broken and mended, in order of time. */

import type { Millis, NodeId } from '../core/ids.js';
import { type Key, keyToText } from '../core/key.js';
import type { DataOperation, TransactionStep } from '../core/operation.js';
import type { Disturbed } from '../explore/disturbance.js';
import { simulatedNodes } from '../explore/drawn-run.js';
import type { HistoryEntry } from '../explore/history.js';
import type { SimulationReport } from '../explore/simulate.js';
import type { NodeFaults } from '../faults/active.js';
import type { Fault } from '../faults/fault.js';
import { between, type Direction, type LinkRules, pairs } from '../faults/link-rules.js';
import type { SaidFlag, Sketch, SketchStep } from './sketch.js';

/** Who reads all in the end, to see what there is. */
export const readerName = 'reader';

type Drawn = Pick<SimulationReport['drawn'], 'nodes' | 'modeOptions' | 'conditions' | 'workload'>;

/** What a sketch is made of. */
export interface FailedRun {
  readonly mode: string;
  readonly drawn: Drawn;
  readonly history: readonly HistoryEntry[];
  readonly disturbed: readonly Disturbed[];
}

/** `end`: the lines that judge it. */
export function sketchOf(
  { mode, drawn, history, disturbed }: FailedRun,
  end: readonly string[],
): Sketch {
  const { nodes, workload } = drawn;
  const names = simulatedNodes(nodes);
  const tokens = new Tokens();
  const asked = history.map((entry) => stepOf(entry, workload.clientTimeoutMs, tokens));
  const down = new Set<NodeId>();
  const broken = disturbed.flatMap((each) =>
    linesOf(each, names, down).map((words): SketchStep => {
      noteDown(down, words);
      const at = { atMs: each.atMs, untilMs: each.atMs };
      return { client: null, ...at, words, flags: [], lines: [] };
    }),
  );
  const { sessions } = workload;
  const clients = new Set(asked.flatMap(({ client }) => client ?? []));
  return {
    up: upFlags(mode, drawn),
    sessions: new Map(
      sessions === null
        ? []
        : [...clients].map((client) => [
            client,
            [
              ['--session', client],
              ['--guarantees', sessions.join(',')],
            ],
          ]),
    ),
    steps: [...asked, ...broken],
    end,
    ...{ isAnonymous: sessions === null, isInTurn: false, waits: true },
  };
}

function upFlags(mode: string, { nodes, modeOptions, conditions }: Drawn): SaidFlag[] {
  const options = Object.entries(modeOptions).filter(
    ([, value]) => !Array.isArray(value) || value.length > 0,
  );
  const delayMs = conditions.latencyMsMin + conditions.latencyMsMean;
  return [
    ['--mode', mode],
    ['-n', `${nodes}`],
    ...(delayMs < 1 ? [] : [['--delay', duration(delayMs)]]),
    ...options.map(([name, value]) => ['-o', `${name}=${value}`]),
  ];
}

/** Values as short as they can be, and as different as they were. */
class Tokens {
  readonly #of = new Map<string, string>();

  of(value: Uint8Array): string {
    const name = value.join();
    const known = this.#of.get(name) ?? `${this.#of.size + 1}`;
    this.#of.set(name, known);
    return known;
  }
}

function stepOf(entry: HistoryEntry, timeoutMs: Millis, tokens: Tokens): SketchStep {
  const { client, node, operation, level, invokedAt, returnedAt } = entry;
  return {
    client: client < 0 ? readerName : `c${client}`,
    atMs: invokedAt,
    untilMs: Number.isFinite(returnedAt) ? returnedAt : invokedAt + timeoutMs,
    words: wordsOf(operation, tokens),
    flags: [
      ...(level === null ? [] : [['--level', `${level}`]]),
      ...(node === '' ? [] : [['--node', node]]),
      ['--timeout', duration(timeoutMs)],
    ],
    lines: operation.type === 'txn' ? operation.steps.map((step) => stepLine(step, tokens)) : [],
  };
}

function wordsOf(operation: DataOperation, tokens: Tokens): string[] {
  if (operation.type === 'txn') return ['txn'];
  const key = named(operation.key);
  switch (operation.type) {
    case 'get':
    case 'delete':
      return [operation.type, key];
    case 'cas': {
      const { expected, value } = operation;
      if (value === null) return ['delete', key];
      if (expected === null) return ['insert', key, tokens.of(value)];
      return ['cas', key, tokens.of(expected), tokens.of(value)];
    }
    default:
      return [operation.type, key, tokens.of(operation.value)];
  }
}

function stepLine(step: TransactionStep, tokens: Tokens): string {
  const key = named(step.key);
  if (step.type === 'put') return `put ${key} ${tokens.of(step.value)}`;
  if (step.type !== 'check') return `${step.type} ${key}`;
  return `check ${key} ${step.expected === null ? 'absent' : tokens.of(step.expected)}`;
}

const named = (key: Key): string => keyToText(key) ?? key;

const duration = (ms: Millis): string => `${Math.max(1, Math.round(ms))}ms`;
const percent = (chance: number): string => `${Math.max(1, Math.round(chance * 100))}%`;

/** Nodes that may have to be restarted. One that runs on is not: it would ask others for what it has missed. */
function noteDown(down: Set<NodeId>, [topic, what = '', ...rest]: readonly string[]): void {
  if (topic === 'node' && (what === 'kill' || what === 'pause')) down.add(rest[0] as NodeId);
  if (topic === 'fault' && what === 'disk') down.add(rest[0] as NodeId);
  if (topic === 'node' && what === 'restart') for (const node of rest) down.delete(node);
}

function linesOf(
  disturbed: Disturbed,
  nodes: readonly NodeId[],
  down: ReadonlySet<NodeId>,
): string[][] {
  switch (disturbed.change) {
    case 'begin':
      return beginOf(disturbed.fault, nodes);
    case 'end':
      return endOf(disturbed.fault, nodes);
    case 'heal':
      return [['fault', 'heal'], ...(down.size === 0 ? [] : [['node', 'restart', ...down]])];
    case 'break':
      return breakOf(disturbed.node, disturbed.how, nodes);
  }
}

function breakOf(
  node: NodeId,
  how: Extract<Disturbed, { change: 'break' }>['how'],
  nodes: readonly NodeId[],
): string[][] {
  switch (how) {
    case 'dead':
      return [['node', 'kill', node]];
    case 'without power':
      return [['node', 'kill', node, '--power']];
    case 'paused':
      return [['node', 'pause', node]];
    case 'isolated':
      return [['fault', 'isolate', node]];
    case 'deaf':
      return pairs(nodes, [node]).map(({ from }) => ['fault', 'cut', `${from}>${node}`]);
    case 'mute':
      return pairs([node], nodes).map(({ to }) => ['fault', 'cut', `${node}>${to}`]);
  }
}

function beginOf(fault: Fault, nodes: readonly NodeId[]): string[][] {
  switch (fault.type) {
    case 'crash': {
      const power = fault.how === 'power' ? ['--power'] : [];
      const when = fault.isMidway === true ? ['--when', 'sending'] : [];
      return [['node', 'kill', fault.node, ...power, ...when]];
    }
    case 'untimely power cut':
      return [['node', 'kill', fault.node, '--power', '--when', 'unsynced']];
    case 'pause':
      return [['node', 'pause', fault.node]];
    case 'links':
      return rulesOf(fault.rules, nodes);
    case 'isolate':
      return [['fault', 'isolate', fault.node]];
    case 'stall':
      return fault.to
        .filter((to) => to !== fault.node)
        .map((to) => [
          ...['fault', 'delay', `${fault.node}>${to}`, duration(fault.forMs), '--jitter', '1ms'],
        ]);
    case 'node':
      return nodeFaults(fault.node, fault.faults);
    // What is lost with a disk, scenarios of the simulator do not bring back.
    case 'rot':
      return [];
    case 'add node':
      return [['node', 'add']];
    case 'remove node':
      return [['node', 'remove', fault.node]];
  }
}

function endOf(fault: Fault, nodes: readonly NodeId[]): string[][] {
  switch (fault.type) {
    case 'crash':
    case 'untimely power cut':
      return [['node', 'restart', fault.node]];
    case 'pause':
      return [['node', 'resume', fault.node]];
    case 'links':
    case 'stall':
    case 'isolate':
      return [...new Set(beginOf(fault, nodes).map(([, kind = '']) => kind))].map((kind) => [
        ...['fault', 'heal', kind],
      ]);
    case 'node':
      if (fault.faults.disk === undefined) return [];
      return [
        ['fault', 'disk', fault.node, 'ok'],
        ['node', 'restart', fault.node],
      ];
    default:
      return [];
  }
}

function nodeFaults(node: NodeId, { clock, disk }: Partial<NodeFaults>): string[][] {
  const lines: string[][] = [];
  if (clock !== undefined) {
    const skewMs = Math.round(clock.skewMs);
    lines.push(['fault', 'clock', node, `${skewMs < 0 ? '' : '+'}${skewMs}ms`]);
  }
  if (disk?.syncDelayMs !== undefined) {
    lines.push(['fault', 'disk', node, 'slow', duration(disk.syncDelayMs)]);
  }
  if (disk?.failsSyncs === true) lines.push(['fault', 'disk', node, 'fail']);
  if (disk?.roomBytes !== undefined)
    lines.push(['fault', 'disk', node, 'full', `${disk.roomBytes}B`]);
  return lines;
}

function rulesOf(rules: Partial<LinkRules>, nodes: readonly NodeId[]): string[][] {
  const { cuts = [], delays = [], losses = [], duplications = [], reorderings = [] } = rules;
  const all = pairs(nodes, nodes).length;
  /** On all links at once where they are all alike. */
  const each = <R extends Direction>(
    kind: string,
    some: readonly R[],
    said: (rule: R) => string[],
  ): string[][] => {
    const [first] = some;
    if (first !== undefined && some.length === all) return [['fault', kind, ...said(first)]];
    return some.map((rule) => ['fault', kind, `${rule.from}>${rule.to}`, ...said(rule)]);
  };
  return [
    ...cutLines(cuts, nodes),
    ...each('delay', delays, ({ meanMs }) => [duration(meanMs)]),
    ...each('drop', losses, ({ chance }) => [percent(chance)]),
    ...each('duplicate', duplications, ({ chance }) => [percent(chance)]),
    ...each('reorder', reorderings, ({ chance, heldMsMax }) => [
      percent(chance),
      '--by',
      duration(heldMsMax),
    ]),
  ];
}

/** A partition where the cuts are one. */
function cutLines(cuts: readonly Direction[], nodes: readonly NodeId[]): string[][] {
  const [first] = cuts;
  if (first === undefined) return [];
  const names = new Set(cuts.map(({ from, to }) => `${from}>${to}`));
  const side = nodes.filter((node) => node === first.from || !names.has(`${first.from}>${node}`));
  const whole = between(side, nodes);
  if (whole.length === names.size && whole.every(({ from, to }) => names.has(`${from}>${to}`))) {
    const others = nodes.filter((node) => !side.includes(node));
    return [['fault', 'partition', `${side.join()}/${others.join()}`]];
  }
  return cuts.map(({ from, to }) => ['fault', 'cut', `${from}>${to}`]);
}
