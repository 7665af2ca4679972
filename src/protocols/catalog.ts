/**
 * What each mode promises, has and lacks: data without code, so that whoever only asks loads no protocol. Flags, help, docs,
 * sessions, refusals (`refusals.ts`) and judges read it here and nowhere else.
 */
import type { Level, LevelName } from '../core/operation.js';
import type { SessionSupport } from '../core/session.js';
import { show } from '../core/show.js';
import { nearestWord } from '../core/suggest.js';
import {
  gossipOptions,
  paxosOptions,
  quorumOptions,
  twoPhaseCommitOptions,
} from './option-tables.js';
import { badOption, type ModeOption } from './shared/mode-options.js';

/** The consistency that a history of one mode's clients should have, strongest first. */
export const consistencies = [
  'strict-serializable',
  'linearizable',
  'regular',
  'eventual',
] as const;
export type Consistency = (typeof consistencies)[number];

/** What not every mode has, as it is named to who asks for it in vain. */
export type Feature =
  | 'transactions'
  | 'changes of membership'
  /** Nodes pass on what they hear, so a chain of links is enough for them to converge… */
  | 'topology'
  /** …and they can be asked to. */
  | 'stabilize'
  | 'fail-rate'
  | 'leader or coordinator';

/** Of modes that let nodes come and go while the cluster runs. */
export interface Membership {
  /** Every node is told in its options whom the cluster was made with; elsewhere the journal knows. */
  readonly foundersInOptions: boolean;
  /** A node may hold acknowledged writes that no other has: asked to remove itself, it tells them first. */
  readonly handsOver: boolean;
  /** A new node may take itself in when no other is there to do it. */
  readonly joinsAlone: boolean;
}

/** Which of the facts that its replicas tell (`ReplicaView.facts`) a glance at the cluster should show. */
export interface Glance {
  /** Facts that every node has: a column each. */
  readonly columns: readonly string[];
  /** Facts that are there when something is the matter: a line each. */
  readonly remarks: readonly string[];
  /** The role whose nodes hold no keys at all. */
  readonly keepsNoCopy?: string;
}

export interface ModeProfile {
  /** As specs, records and `--mode` call it: its name, or of a mode of one's own where its module is. */
  readonly id: string;
  /** As people read it. */
  readonly name: string;
  readonly summary: string;
  /** For reads and for writes. */
  readonly levels: readonly LevelName[];
  /** Whether a number from 1 to the number of a key's replicas is a level, too. */
  readonly numberLevels: boolean;
  readonly defaultLevels: { readonly read: Level; readonly write: Level };
  /** What reads at each level promise, whatever writes were made at; `null`: that follows from R, W and N. */
  readonly consistency: Readonly<Partial<Record<LevelName, Consistency>>> | null;
  readonly features: readonly Feature[];
  /** A command that comes again with the same session stamp is not executed again: clients may retry what is in doubt. */
  readonly exactlyOnce: boolean;
  /** A delete does not look whether anything is there, and can't say so. */
  readonly deletesBlindly: boolean;
  /** Of two writes of a key at a time one is refused, as a `conflict`. */
  readonly writersCollide: boolean;
  readonly sessions: SessionSupport;
  readonly membership: Membership | null;
  /** Each node keeps a share of the keys where there are more nodes than the option `replicas` says. */
  readonly sharesKeys: boolean;
  /** Who has a write when it is acknowledged, at least. */
  readonly acknowledgedBy: 'all in the pool' | 'a majority' | 'its level' | 'one node';
  /** A node that has lost its journal may start at once: it copies from the others before it serves or counts. */
  readonly copiesByItself: boolean;
  /** How many others must have their data for a node to come back without its own. */
  readonly helpersNeeded: number | 'a majority' | 'all others';
  /** The first node decides, alone and for good: without its journal nobody can. */
  readonly coordinatesAlone: boolean;
  /** What it promises while faults come and go, and when (under which levels or circumstances)… */
  readonly promises: readonly { readonly when: string; readonly holds: string }[];
  /** …and what gives way. */
  readonly givesWay: string;
  readonly glance: Glance;
  /** Got when they are asked for, as most commands don't. */
  readonly options: readonly ModeOption[];
}

export const modeNames = ['quorum', '2pc', 'gossip', 'paxos'] as const;
export type ModeName = (typeof modeNames)[number];
export const defaultModeName: ModeName = 'quorum';

const quorum: ModeProfile = {
  ...{ id: 'quorum', name: 'quorum' },
  summary: 'Dynamo-style quorums: N replicas a key, R answer a read, W acknowledge a write',
  levels: ['one', 'two', 'quorum', 'all', 'linearizable'],
  numberLevels: true,
  defaultLevels: { read: 'quorum', write: 'quorum' },
  consistency: null,
  features: [],
  exactlyOnce: false,
  deletesBlindly: true,
  writersCollide: false,
  // Stamps come from the clocks of whichever nodes coordinate, and these may differ.
  sessions: { judge: 'client', confirmAt: 'all', ordersWrites: false },
  membership: null,
  sharesKeys: true,
  acknowledgedBy: 'its level',
  copiesByItself: true,
  helpersNeeded: 'all others',
  coordinatesAlone: false,
  promises: [
    { when: 'R+W>N', holds: 'regular reads' },
    { when: 'after healing', holds: 'all replicas agree' },
    {
      when: 'every operation on a key at level `linearizable` (read-impose)',
      holds: 'linearizable reads and writes of that key',
    },
  ],
  givesWay: 'level `one` reads stale; last write wins by hybrid clock',
  glance: { columns: ['hints'], remarks: ['copies from', 'hints dropped'] },
  get options() {
    return quorumOptions;
  },
};

const twoPhaseCommit: ModeProfile = {
  ...{ id: '2pc', name: '2pc' },
  summary: 'two-phase commit: the first node coordinates, every other holds a full copy',
  levels: ['linearizable'],
  numberLevels: false,
  defaultLevels: { read: 'linearizable', write: 'linearizable' },
  consistency: { linearizable: 'strict-serializable' },
  features: ['transactions', 'changes of membership', 'leader or coordinator'],
  exactlyOnce: false,
  deletesBlindly: false,
  writersCollide: true,
  sessions: { judge: 'client', confirmAt: null, ordersWrites: true },
  // Who takes part is in the coordinator's journal, from its first start on.
  membership: { foundersInOptions: false, handsOver: false, joinsAlone: false },
  sharesKeys: false,
  acknowledgedBy: 'all in the pool',
  copiesByItself: false,
  // The coordinator, and a worker of its pool.
  helpersNeeded: 2,
  coordinatesAlone: true,
  promises: [
    {
      when: 'always',
      holds:
        'every transaction, of one key or of many, is atomic on every worker and strictly serializable',
    },
  ],
  givesWay:
    'while the coordinator is down nothing is served and what is in doubt stays locked; a lost worker aborts what it should have voted on, then leaves the pool',
  glance: {
    columns: ['pool', 'in doubt'],
    remarks: ['out of the pool', 'catching up', 'coordinator'],
    keepsNoCopy: 'coordinator',
  },
  get options() {
    return twoPhaseCommitOptions;
  },
};

const gossip: ModeProfile = {
  ...{ id: 'gossip', name: 'gossip' },
  summary: 'Epidemics: every node takes reads and writes at once and tells the others by and by',
  levels: ['local'],
  numberLevels: false,
  defaultLevels: { read: 'local', write: 'local' },
  consistency: { local: 'eventual' },
  features: ['changes of membership', 'topology', 'stabilize'],
  exactlyOnce: false,
  deletesBlindly: false,
  writersCollide: false,
  sessions: { judge: 'replica', confirmAt: null, ordersWrites: true },
  membership: { foundersInOptions: true, handsOver: true, joinsAlone: true },
  sharesKeys: false,
  acknowledgedBy: 'one node',
  copiesByItself: true,
  helpersNeeded: 1,
  coordinatesAlone: false,
  promises: [
    { when: 'always', holds: 'every node that is up takes reads and writes' },
    {
      when: 'in a session',
      holds: 'read your writes and monotonic reads, or a clear ERR_DEP',
    },
    { when: 'after healing, or `stabilize`', holds: 'replicas of a connected part converge' },
  ],
  givesWay:
    'stale reads outside a session; concurrent writes resolve by Lamport stamp, then node id',
  glance: { columns: ['clock', 'hot rumours'], remarks: [] },
  get options() {
    return gossipOptions;
  },
};

const paxos: ModeProfile = {
  ...{ id: 'paxos', name: 'paxos' },
  summary: 'Multi-Paxos: a replicated log, one coordinator, any majority goes on',
  levels: ['linearizable', 'leader', 'local'],
  numberLevels: false,
  defaultLevels: { read: 'linearizable', write: 'linearizable' },
  consistency: { linearizable: 'linearizable', leader: 'eventual', local: 'eventual' },
  features: ['transactions', 'changes of membership', 'fail-rate', 'leader or coordinator'],
  exactlyOnce: true,
  deletesBlindly: false,
  writersCollide: false,
  sessions: { judge: 'client', confirmAt: 'linearizable', ordersWrites: true },
  membership: { foundersInOptions: true, handsOver: false, joinsAlone: false },
  sharesKeys: false,
  acknowledgedBy: 'a majority',
  copiesByItself: false,
  // They remove the node and add it.
  helpersNeeded: 'a majority',
  coordinatesAlone: false,
  promises: [
    {
      when: 'always',
      holds: 'linearizable writes, exactly once in a session; atomic transactions',
    },
    { when: 'reads at level `linearizable`', holds: 'linearizable' },
    { when: 'reads at level `leader`', holds: 'linearizable, but stale under a deposed leader' },
    { when: 'reads at level `local`', holds: 'a prefix of the log, however old' },
  ],
  givesWay: 'without a majority nothing is written, and only level `local` reads',
  glance: { columns: ['leader', 'ballot', 'applied'], remarks: ['snapshots being sent'] },
  get options() {
    return paxosOptions;
  },
};

export const catalog: Readonly<Record<ModeName, ModeProfile>> = {
  quorum,
  '2pc': twoPhaseCommit,
  gossip,
  paxos,
};

/** Modes that are not ours, by what specs call them. */
const added = new Map<string, ModeProfile>();
let find: (named: string) => ModeProfile | null = () => null;

/** From now on it is known by its id. */
export function addProfile(profile: ModeProfile): void {
  added.set(profile.id, profile);
}

/** What `--mode` takes that is here: ours, and those that were added. */
export const modeIds = (): readonly string[] => [...modeNames, ...added.keys()];

/** `finder` is asked for modes that nobody has added: of a path or a package it knows more. It throws what is wrong with it. */
export function findModesBy(finder: typeof find): void {
  find = finder;
}

/**
 * Throws `bad-request` (definite) when there is none of this name, with the modes there are, or when the module that is meant
 * holds none.
 */
export function profileOf(name: string): ModeProfile {
  const known = modeNames.find((candidate) => candidate === name);
  const profile = known === undefined ? (added.get(name) ?? find(name)) : catalog[known];
  if (profile !== null) return profile;
  const meant = nearestWord(name, modeNames);
  const hint = meant === null ? '' : `; did you mean ${show(meant)}?`;
  throw badOption(`there is no mode ${show(name)}; the modes are ${modeNames.join(', ')}${hint}`);
}

/** Whether it names a file with code in it, which is then meant to be a mode of somebody's own. */
export const isModuleName = (named: string): boolean =>
  named.startsWith('file:') || /\.[cm]?[jt]s$/.test(named);

/** As people read it; of a module that can't be loaded now, where it is. */
export function modeTitle(id: string): string {
  try {
    return profileOf(id).name;
  } catch {
    return id;
  }
}

export const modeHas = (mode: string, feature: Feature): boolean =>
  profileOf(mode).features.includes(feature);

export const modesWith = (feature: Feature): ModeName[] =>
  modeNames.filter((name) => modeHas(name, feature));
