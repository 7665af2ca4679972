/**
 * `kvx/conformance`: what any protocol must keep to, as named cases for whatever runs tests.
 *
 * ```ts
 * import { test } from 'vitest'; // or from 'node:test'
 * import { conformance } from 'kvx/conformance';
 * import mine from './mine.js';
 *
 * for (const { name, run } of conformance(mine)) test(name, run);
 * ```
 *
 * Each case runs simulated clusters and throws what went wrong, with the seed that shows it again.
 */
import { keyToText } from '../core/key.js';
import type { ProtocolTypes, Replica, StoredEntry } from '../core/replica.js';
import { simulatedNodes } from '../explore/drawn-run.js';
import { phasesOfMode } from '../explore/phases/phases.js';
import { type SimulationReport, simulate } from '../explore/simulate.js';
import type { FaultName } from '../faults/fault.js';
import { parseModeOptions } from '../protocols/options.js';
import { addMode, type ModeFactory } from '../protocols/own/own-mode.js';
import { modeNamed } from '../protocols/registry.js';

export interface ConformanceCase {
  readonly name: string;
  /** Throws an `Error` that says what does not hold. */
  readonly run: () => void;
}

export interface ConformanceOptions {
  /** So many simulated runs of each kind of trouble; 10. More of them find more: `kvx sim` runs thousands. */
  readonly seeds?: number;
}

const troubles: Readonly<Record<string, readonly FaultName[]>> = {
  'nothing going wrong': [],
  'nodes killed, and power cut while records are not durable': [
    ...(['kill', 'power cut', 'untimely power cut', 'blackout'] as const),
  ],
  'messages lost, twice, late and out of order': ['loss', 'duplication', 'delay', 'stragglers'],
  'the network parted': ['one-way cut', 'isolation', 'split', 'flapping'],
  'nodes paused, clocks that jump and disks that fail': [
    ...(['pause', 'absence', 'stall', 'clock jump', 'slow disk', 'failing syncs'] as const),
  ],
};

/**
 * The cases of a protocol: a mode's module, or the name of one that kvx knows. Throws `bad-request` (definite) for what is no
 * mode.
 */
export function conformance(
  mode: string | ModeFactory,
  { seeds = 10 }: ConformanceOptions = {},
): ConformanceCase[] {
  const id = typeof mode === 'string' ? modeNamed(mode).id : addMode(null, mode).id;
  const each = (what: (seed: number) => SimulationReport) => (): void => {
    for (let seed = 1; seed <= seeds; seed++) mustHold(what(seed));
  };
  const judged = Object.entries(troubles).map(([trouble, faults]) => ({
    name: `keeps its promises with ${trouble}`,
    run: each((seed) => simulate({ mode: id, seed, faults })),
  }));
  const cuts = phasesOfMode(id).flatMap(({ name, before }, phase) => {
    const focus = { phase, kinds: ['power cut'] } as const;
    const run = each((seed) => simulate({ mode: id, seed, faults: ['power cut'], focus }));
    return before === 'durable' ? [{ name: `outlives a power cut: ${name}`, run }] : [];
  });
  return [
    ...judged,
    ...cuts,
    { name: 'goes the same way under the same seed', run: () => checkSame(id) },
    { name: 'has all that its messages say in their shapes', run: () => checkShapes(id) },
    { name: 'recovers a record twice as it does once', run: () => checkRecovery(id) },
  ];
}

function mustHold({ seed, violations: [first, ...others] }: SimulationReport): void {
  if (first === undefined) return;
  const { check, key, message } = first;
  const about = key === null ? '' : `${keyToText(key) ?? key}: `;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw new Error(`seed ${seed}: ${check}: ${about}${message}${more}`);
}

function checkSame(mode: string): void {
  const [first, second] = [1, 2].map(() => simulate({ mode, seed: 1 }).traceHash);
  if (first === second) return;
  throw new Error('seed 1 is another run each time: it draws on more than it is given');
}

/** As bytes messages are what they were: nothing that its shapes leave out is needed. */
function checkShapes(mode: string): void {
  const faults: readonly FaultName[] = [];
  const [plain, encoded] = [false, true].map((encodes) =>
    simulate({ mode, seed: 1, faults, encodes }),
  ) as [SimulationReport, SimulationReport];
  mustHold(encoded);
  if (plain.traceHash !== encoded.traceHash) {
    throw new Error('it goes another way when its messages travel as bytes');
  }
}

/** A snapshot is drawn while the node works: what follows it may be in it already. */
function checkRecovery(mode: string): void {
  const { trace, drawn } = simulate({ mode, seed: 1, faults: [], trace: true });
  const nodes = simulatedNodes(drawn.nodes);
  const { protocol } = modeNamed(mode);
  const options = parseModeOptions(mode, drawn.modeOptions, nodes.length);
  for (const self of nodes) {
    const records = (trace ?? []).flatMap(({ node, data }) =>
      node === self && data.type === 'persist' ? [data.record as ProtocolTypes['record']] : [],
    );
    const made = (...parts: readonly Iterable<ProtocolTypes['record']>[]) => {
      const replica: Replica<ProtocolTypes> = protocol.create({ self, nodes, options });
      for (const part of parts) for (const record of part) replica.recover(record);
      return replica;
    };
    const once = made(records);
    const since = records.slice(Math.floor(records.length / 2));
    for (const [how, again] of [
      ['from its own snapshot', made(once.snapshot())],
      ['from a snapshot and what it has already in it', made(once.snapshot(), since)],
    ] as const) {
      const [wanted, found] = [contentsOf(once), contentsOf(again)];
      if (wanted === found) continue;
      throw new Error(`${self} recovers other data ${how}: ${found}, not ${wanted}`);
    }
  }
}

function contentsOf(replica: Replica<ProtocolTypes>): string {
  const held = [...replica.inspect().entries()].filter(({ value }) => value !== null);
  const text = ({ key, version, value }: StoredEntry) =>
    `${key}=${value?.join()}@${version.stamp}/${version.node}`;
  return held.map(text).sort().join(' ');
}
