/** What a cluster can be told in each mode, and what it promises then; loads no protocol. */
import type { NodeId } from '../core/ids.js';
import type { Level } from '../core/operation.js';
import { type Consistency, type ModeProfile, profileOf } from './catalog.js';
import { parseGossipOptions } from './gossip/options.js';
import { parsePaxosOptions } from './paxos/options.js';
import { consistencyOfQuorums } from './quorum/levels.js';
import { parseQuorumOptions } from './quorum/options.js';
import { levelProblem } from './refusals.js';
import { badOption, readOptions } from './shared/mode-options.js';
import { parseTwoPhaseCommitOptions } from './twopc/options.js';

type Given = Readonly<Record<string, unknown>>;

const parsers: Readonly<Partial<Record<string, (given: Given, nodes: number) => object>>> = {
  quorum: parseQuorumOptions,
  '2pc': parseTwoPhaseCommitOptions,
  gossip: parseGossipOptions,
  paxos: parsePaxosOptions,
};

/**
 * The options of a cluster of `nodes` nodes, checked and completed with defaults: plain data, as the cluster's record
 * keeps it and as `Protocol.create` takes it. Throws `bad-request` (definite).
 */
export function parseModeOptions(mode: string, given: Given, nodes: number): Given {
  const profile = profileOf(mode);
  const parse = parsers[profile.id];
  return parse === undefined ? parseOwnOptions(profile, given) : (parse(given, nodes) as Given);
}

/** `members`, of a mode whose nodes may come and go, is not for users to set. */
function parseOwnOptions(profile: ModeProfile, given: Given): Given {
  const { members = null, ...rest } = given;
  const isTold = profile.membership?.foundersInOptions === true;
  const options = readOptions(profile.name, profile.options, isTold ? rest : given);
  for (const { name, kind } of profile.options) {
    const problem = kind === 'level' ? levelProblem(profile, options[name] as Level, null) : null;
    if (problem !== null) throw badOption(problem);
  }
  return isTold ? { ...options, members } : options;
}

/** The options of every node once nodes have come or gone; `founders` are those that the cluster was made with. */
export function optionsWithFounders(
  { membership }: ModeProfile,
  options: Given,
  founders: readonly NodeId[],
): Given {
  if (membership?.foundersInOptions !== true) return options;
  return { ...options, members: options['members'] ?? founders };
}

/** What reads at one level promise when every write was made at another. Throws `bad-request` for unknown levels. */
export function consistencyOf(
  profile: ModeProfile,
  read: Level,
  write: Level,
  options: Given,
): Consistency {
  const replicas = typeof options['replicas'] === 'number' ? options['replicas'] : null;
  for (const level of [read, write]) {
    const problem = levelProblem(profile, level, replicas);
    if (problem !== null) throw badOption(problem);
  }
  if (profile.consistency === null) return consistencyOfQuorums(read, write, replicas ?? 1);
  return profile.consistency[read as keyof typeof profile.consistency] ?? 'eventual';
}

/**
 * What reads owe to writes, for who plays with what a mode leaves open (`runtime/worst-reads.ts`); `null` where it leaves
 * nothing open. A level of `null` is the cluster's.
 */
export function readPromises(profile: ModeProfile, options: Given) {
  const { consistency, defaultLevels } = profile;
  if (consistency !== null && !Object.values(consistency).includes('eventual')) return null;
  const reads = (options['read'] as Level | undefined) ?? defaultLevels.read;
  const writes = (options['write'] as Level | undefined) ?? defaultLevels.write;
  return {
    owed(read: Level | null, write: Level | null) {
      const promise = consistencyOf(profile, read ?? reads, write ?? writes, options);
      if (promise === 'eventual') return 'nothing';
      return promise === 'regular' ? 'what has ended' : 'all';
    },
  } as const;
}
