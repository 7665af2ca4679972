import type { Millis } from '../../core/ids.js';
import { nodesMax } from '../../core/limits.js';
import type { Level } from '../../core/operation.js';
import { badOption, type ModeOption, readOptions } from '../mode.js';
import { requirementOf } from './levels.js';

export interface QuorumOptions {
  /** N: how many nodes keep each key. */
  readonly replicas: number;
  /** R and W for requests that don't say. */
  readonly read: Level;
  readonly write: Level;
  readonly virtualNodes: number;
  readonly heartbeatMs: Millis;
  readonly suspicionMs: Millis;
  readonly resendMs: Millis;
  readonly handoffMs: Millis;
  readonly antiEntropyMs: Millis;
  readonly graceMs: Millis;
  readonly pendingMax: number;
  readonly hintsMax: number;
  readonly hintBytesMax: number;
}

const replicasByDefault = 3;

export const quorumOptions: readonly ModeOption[] = [
  {
    name: 'replicas',
    summary: 'how many nodes keep each key (fewer when there are fewer nodes)',
    kind: 'count',
    default: replicasByDefault,
    min: 1,
    max: nodesMax,
    flag: 'replicas',
  },
  {
    name: 'read',
    summary: 'level of reads that do not say: one, two, quorum, all, linearizable or a number',
    kind: 'level',
    default: 'quorum',
    flag: 'read',
  },
  {
    name: 'write',
    summary: 'level of writes that do not say: one, two, quorum, all, linearizable or a number',
    kind: 'level',
    default: 'quorum',
    flag: 'write',
  },
  {
    name: 'virtualNodes',
    summary: 'tokens of each node on the ring; more of them spread keys more evenly',
    kind: 'count',
    default: 64,
    min: 1,
    max: 256,
  },
  {
    name: 'heartbeatMs',
    summary: 'interval at which a node tells the others that it lives',
    kind: 'millis',
    default: 200,
    min: 10,
  },
  {
    name: 'suspicionMs',
    summary: 'silence after which a peer is believed to be out of reach',
    kind: 'millis',
    default: 1000,
    min: 20,
  },
  {
    name: 'resendMs',
    summary:
      'first interval at which a coordinator asks silent replicas again (it doubles each time)',
    kind: 'millis',
    default: 250,
    min: 10,
  },
  {
    name: 'handoffMs',
    summary: 'interval at which hints are offered to targets that are alive',
    kind: 'millis',
    default: 250,
    min: 10,
  },
  {
    name: 'antiEntropyMs',
    summary: 'interval at which a replica compares itself with the next peer',
    kind: 'millis',
    default: 2000,
    min: 20,
  },
  {
    name: 'graceMs',
    summary: 'how long all replicas keep a tombstone; longer than any message or short pause lives',
    kind: 'millis',
    default: 60_000,
    min: 100,
  },
  {
    name: 'pendingMax',
    summary: 'operations that one coordinator has under way; more are refused as overloaded',
    kind: 'count',
    default: 10_000,
    min: 1,
    max: 1_000_000,
  },
  {
    name: 'hintsMax',
    summary: 'hints that one node keeps; what does not fit is left to anti-entropy',
    kind: 'count',
    default: 100_000,
  },
  {
    name: 'hintBytesMax',
    summary: 'bytes of hints that one node keeps; what does not fit is left to anti-entropy',
    kind: 'count',
    default: 64 * 1024 * 1024,
  },
];

/** Throws `bad-request` (definite) for options that no cluster of `nodes` nodes can have. */
export function parseQuorumOptions(
  given: Readonly<Record<string, unknown>>,
  nodes: number,
): QuorumOptions {
  const values = readOptions('quorum', quorumOptions, given);
  // The default gives way to a small cluster; what was asked for does not.
  if (given['replicas'] === undefined) values.set('replicas', Math.min(replicasByDefault, nodes));
  const options = Object.fromEntries(values) as unknown as QuorumOptions;
  if (options.replicas > nodes) {
    throw badOption(`option replicas is ${options.replicas}, but there are only ${nodes} nodes`);
  }
  requirementOf(options.read, options.replicas);
  requirementOf(options.write, options.replicas);
  if (options.suspicionMs < 2 * options.heartbeatMs) {
    throw badOption(
      `option suspicionMs is ${options.suspicionMs}, but must be at least twice heartbeatMs (${options.heartbeatMs})`,
    );
  }
  return options;
}
