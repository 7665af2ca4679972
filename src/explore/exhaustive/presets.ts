/** Small worlds by name, of the modes as they are. */
import { usageError } from '../../core/errors.js';
import type { NodeId } from '../../core/ids.js';
import { keyFromText } from '../../core/key.js';
import type { DataOperation, Level } from '../../core/operation.js';
import { show } from '../../core/show.js';
import { didYouMean } from '../../core/suggest.js';
import { encodeUtf8 } from '../../core/utf8.js';
import { modeNames, profileOf } from '../../protocols/catalog.js';
import { modeNamed } from '../../protocols/registry.js';
import { bugNamed, modeWithBug } from '../../zoo/bugs.js';
import { simulatedNodes } from '../drawn-run.js';
import { checkNothingLost, checkReadsWritten, checkVersionsUnique } from '../invariants.js';
import { judgeHistory } from '../judge.js';
import { subjectOf } from '../simulate.js';
import type { Ask, FaultCounts, SmallWorld } from './small-world.js';
import type { ObjectReader } from './state-text.js';

export interface WorldPreset {
  readonly name: string;
  readonly mode: string;
  readonly nodes: number;
  readonly level: Level | null;
  readonly bounds: FaultCounts;
  /** False: nodes are started, and have heard nothing of each other. */
  readonly settles?: boolean;
  /** Bugs of the zoo that show in it, some with more faults. */
  readonly shows?: Readonly<Record<string, Partial<FaultCounts>>>;
  /** What clients ask: of these nodes, counted from the first. */
  readonly clients: readonly (readonly (readonly [node: number, operation: DataOperation])[])[];
}

const key = keyFromText('x');
const get: DataOperation = { type: 'get', key };
const put = (value: string): DataOperation => ({ type: 'put', key, value: encodeUtf8(value) });

const noFaults: FaultCounts = { losses: 0, duplicates: 0, crashes: 0, timers: 0 };

const oneCrash: FaultCounts = { ...noFaults, crashes: 1 };

const twoPhaseCommit = {
  ...{ mode: '2pc', level: null, bounds: noFaults },
  clients: [[[0, put('a')]], [[1, get]]],
} as const;

const paxos = { mode: 'paxos', level: 'linearizable', bounds: noFaults, clients: [] } as const;

/** Their levels are those at which modes promise most. */
export const presets: readonly WorldPreset[] = [
  {
    ...{ ...twoPhaseCommit, name: '2pc-1', nodes: 2, bounds: oneCrash },
    shows: { '2pc-vote-before-sync': {}, '2pc-decision-not-persisted': {} },
  },
  {
    ...twoPhaseCommit,
    ...{ name: '2pc-2', nodes: 3, bounds: oneCrash, clients: [[[0, put('a')]]] },
    // A worker writes down by and by what was decided.
    shows: { '2pc-commit-before-sync': { timers: 1 } },
  },
  { ...twoPhaseCommit, name: '2pc-3', nodes: 4 },
  { ...twoPhaseCommit, ...{ name: '2pc-5', nodes: 6, clients: [[[0, put('a')]]] } },
  {
    ...{ ...paxos, name: 'paxos', nodes: 3 },
    clients: [
      [[0, put('a')]],
      [
        [1, put('b')],
        [2, get],
      ],
    ],
  },
  // Who leads is the last one.
  {
    ...{ ...paxos, name: 'paxos-crash', nodes: 3, bounds: oneCrash, clients: [[[2, put('a')]]] },
    shows: { 'paxos-own-value': {} },
  },
  {
    ...{ ...paxos, name: 'paxos-election', nodes: 3, bounds: oneCrash, settles: false },
    shows: { 'paxos-promise-not-persisted': {} },
  },
  {
    ...{ ...paxos, name: 'paxos-5', nodes: 5 },
    clients: [
      [
        [4, put('a')],
        [4, get],
      ],
    ],
  },
  {
    ...{ name: 'register', mode: 'quorum', nodes: 3, level: 'linearizable', bounds: noFaults },
    shows: { 'quorum-no-overlap': {}, 'quorum-no-write-back': { losses: 1 } },
    clients: [
      [[0, put('a')]],
      [
        [0, get],
        [1, get],
      ],
    ],
  },
  {
    ...{ name: 'gossip', mode: 'gossip', nodes: 2, level: null, bounds: oneCrash },
    shows: { 'gossip-clock-not-persisted': {} },
    clients: [
      [
        [0, put('a')],
        [0, put('b')],
        [1, get],
      ],
    ],
  },
];

interface Wanted {
  readonly name?: string | undefined;
  readonly mode?: string | undefined;
  readonly bug?: string | undefined;
}

/**
 * Throws `bad-request` (definite) when there is none. Where no name is given: that in which the bug shows, else the first of the
 * mode, or of the bug's.
 */
export function presetNamed({ name, mode, bug }: Wanted): WorldPreset {
  const names = presets.map((each) => each.name);
  if (name === undefined && mode !== undefined && !modeNames.some((ours) => ours === mode)) {
    return worldOfOwn(mode);
  }
  const wanted = mode ?? (name === undefined && bug !== undefined ? bugNamed(bug).mode : undefined);
  const ofMode = presets.filter((each) => each.mode === (wanted ?? each.mode));
  const found =
    name === undefined
      ? (ofMode.find(({ shows = {} }) => bug !== undefined && bug in shows) ?? ofMode[0])
      : presets.find((each) => each.name === name);
  const all = `There are ${names.join(', ')}.`;
  if (found === undefined) {
    const what =
      name === undefined
        ? `there is no small world of mode ${show(mode ?? '')}`
        : `there is no small world ${show(name)}${didYouMean(name, names)}`;
    throw usageError(what, all);
  }
  if (mode !== undefined && found.mode !== mode) {
    throw usageError(`small world ${found.name} is of mode ${found.mode}, not ${show(mode)}`, all);
  }
  return found;
}

/** Of a mode of one's own: one writes, another reads. */
function worldOfOwn(named: string): WorldPreset {
  const { id, name } = profileOf(named);
  const clients = [[[0, put('a')] as const], [[1, get] as const]];
  return { ...{ name, mode: id, nodes: 3, level: null, bounds: noFaults }, clients };
}

export interface WorldChanges {
  readonly nodes?: number | undefined;
  readonly bounds?: Partial<FaultCounts>;
  readonly bug?: string | undefined;
  readonly reader?: ObjectReader | undefined;
  readonly isSymmetric?: boolean | undefined;
}

/** Throws `bad-request` (definite) for what such a cluster can't have. */
export function smallWorldOf(preset: WorldPreset, changes: WorldChanges = {}): SmallWorld {
  const { mode, level, clients, settles = true, shows = {} } = preset;
  const subject = subjectOf(modeWithBug(modeNamed(mode), changes.bug));
  const nodes = simulatedNodes(changes.nodes ?? preset.nodes);
  const options = subject.options({}, nodes.length);
  const workload = { readLevels: [level], sessions: null };
  return {
    protocol: subject.protocol,
    ...{ options, nodes, delivery: 'in order', settles },
    ...{ reader: changes.reader, isSymmetric: changes.isSymmetric },
    clients: clients.map((asks) =>
      asks.map(
        ([at, operation]): Ask => ({
          ...{ node: nodes[at % nodes.length] as NodeId, operation },
          level,
        }),
      ),
    ),
    bounds: { ...preset.bounds, ...shows[changes.bug ?? ''], ...changes.bounds },
    judge: (history, entries) => [
      ...judgeHistory(history, entries, {
        ...{ profile: subject.profile, workload, mayLose: false },
        consistencyAt: (read) => subject.consistencyOf(read, level, options),
      }).violations,
      ...checkReadsWritten(entries),
    ],
    atRest: (entries, replicas) => [
      ...checkNothingLost(entries, replicas),
      ...checkVersionsUnique(entries, replicas),
    ],
  };
}
