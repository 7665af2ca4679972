/** Every operation there is: what commands, scripts, the shell and their help are made from. */
import { clusterDown, clusterList, clusterUp, clusterUse } from './clusters.js';
import { clusterConfig } from './config.js';
import { faultFailRate } from './fail-rates.js';
import { cas, get, insert, put, remove, txn, update } from './keys.js';
import {
  faultBreak,
  faultConnect,
  faultHeal,
  faultIsolate,
  faultList,
  faultPartition,
} from './links.js';
import { multiset, rapidset } from './loads.js';
import { dump, search, stabilize, verify } from './looks.js';
import {
  nodeAdd,
  nodeKill,
  nodePause,
  nodeRejoin,
  nodeRemove,
  nodeRestart,
  nodeResume,
} from './nodes.js';
import type { OperationSpec } from './operation.js';
import { bench, check } from './programs.js';
import { clear, echo, wait } from './script-only.js';
import { clusterStatus, nodeStatus } from './status.js';

/** In the order in which help shows them. */
export const table: readonly OperationSpec[] = [
  ...[put, get, remove, insert, update, cas, txn],
  ...[search, dump, verify, stabilize, rapidset, multiset],
  ...[faultPartition, faultIsolate, faultBreak, faultConnect, faultHeal, faultFailRate, faultList],
  ...[nodeKill, nodeRestart, nodePause, nodeResume, nodeAdd, nodeRemove, nodeRejoin],
  ...[clusterUp, clusterStatus, nodeStatus, clusterDown, clusterConfig],
  ...[clusterList, clusterUse],
  ...[wait, bench, check, clear, echo],
];
