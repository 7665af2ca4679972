/** The options of each of our modes: data, as flags, help, config files and the laboratory's form read them. */
import { nodesMax } from '../core/limits.js';
import type { ModeOption } from './shared/mode-options.js';

export const quorumOptions = [
  {
    name: 'replicas',
    summary: 'how many nodes keep each key (fewer when there are fewer nodes)',
    ...{ kind: 'count', default: 3, min: 1, max: nodesMax, flag: 'replicas' },
  },
  {
    name: 'read',
    summary: 'level of reads that do not say: one, two, quorum, all, linearizable or a number',
    ...{ kind: 'level', default: 'quorum', flag: 'read' },
  },
  {
    name: 'write',
    summary: 'level of writes that do not say: one, two, quorum, all, linearizable or a number',
    ...{ kind: 'level', default: 'quorum', flag: 'write' },
  },
  {
    name: 'virtualNodes',
    summary: 'tokens of each node on the ring; more of them spread keys more evenly',
    ...{ kind: 'count', default: 64, min: 1, max: 256 },
  },
  {
    name: 'heartbeatMs',
    summary: 'interval at which a node tells the others that it lives',
    ...{ kind: 'millis', default: 200, min: 10 },
  },
  {
    name: 'suspicionMs',
    summary: 'silence after which a peer is believed to be out of reach',
    ...{ kind: 'millis', default: 1000, min: 20 },
  },
  {
    name: 'resendMs',
    summary:
      'first interval at which a coordinator asks silent replicas again (it doubles each time)',
    ...{ kind: 'millis', default: 250, min: 10 },
  },
  {
    name: 'handoffMs',
    summary: 'interval at which hints are offered to targets that are alive',
    ...{ kind: 'millis', default: 250, min: 10 },
  },
  {
    name: 'antiEntropyMs',
    summary: 'interval at which a replica compares itself with the next peer',
    ...{ kind: 'millis', default: 2000, min: 20 },
  },
  {
    name: 'graceMs',
    summary: 'how long all replicas keep a tombstone; longer than any message or short pause lives',
    ...{ kind: 'millis', default: 60_000, min: 100 },
  },
  {
    name: 'pendingMax',
    summary: 'operations that one coordinator has under way; more are refused as overloaded',
    ...{ kind: 'count', default: 10_000, min: 1, max: 1_000_000 },
  },
  {
    name: 'hintsMax',
    summary: 'hints that one node keeps; what does not fit is left to anti-entropy',
    ...{ kind: 'count', default: 100_000 },
  },
  {
    name: 'hintBytesMax',
    summary: 'bytes of hints that one node keeps; what does not fit is left to anti-entropy',
    ...{ kind: 'count', default: 64 * 1024 * 1024 },
  },
] as const satisfies readonly ModeOption[];

export const twoPhaseCommitOptions = [
  {
    name: 'voteTimeoutMs',
    summary: 'a worker that has not voted for this long aborts the transaction and leaves the pool',
    ...{ kind: 'millis', default: 1000, min: 10, max: 60_000, flag: 'vote-timeout' },
  },
] as const satisfies readonly ModeOption[];

export const gossipOptions = [
  {
    name: 'fanout',
    summary: 'how many random peers a node tells at a time what is new',
    ...{ kind: 'count', default: 2, min: 1, max: 16, flag: 'fanout' },
  },
  {
    name: 'intervalMs',
    summary: 'time between two rounds of rumours and comparisons',
    ...{ kind: 'millis', default: 200, min: 5, max: 60_000, flag: 'interval' },
  },
] as const satisfies readonly ModeOption[];

export const paxosOptions = [
  {
    name: 'priority',
    summary:
      'who should coordinate, highest first; whoever is not named comes after, the highest id first',
    ...{ kind: 'nodes', default: [], flag: 'priority' },
  },
  {
    name: 'failRate',
    summary: 'with this probability an acceptor fails to answer a Prepare or an Accept',
    ...{ kind: 'rate', default: 0, flag: 'fail-rate' },
  },
  {
    name: 'read',
    summary: 'level of reads that do not say: linearizable, leader or local',
    ...{ kind: 'level', default: 'linearizable', flag: 'read' },
  },
  {
    name: 'heartbeatMs',
    summary: 'interval at which the coordinator tells the others that it lives',
    ...{ kind: 'millis', default: 50, min: 5 },
  },
  {
    name: 'suspicionMs',
    summary: 'silence after which the next node takes over from the coordinator',
    ...{ kind: 'millis', default: 500, min: 20 },
  },
] as const satisfies readonly ModeOption[];
