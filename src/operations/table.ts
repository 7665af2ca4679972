/** Every operation there is: what commands, scripts, the shell and their help are made from. */
import { clusterConfig, clusterDown, clusterList, clusterUp, clusterUse } from './clusters.js';
import { completionProgram } from './completion-program.js';
import { doctorProgram } from './doctor-program.js';
import { exploreProgram } from './exploring.js';
import { faultFailRate } from './fail-rate.js';
import { faultList } from './fault-list.js';
import { gradeProgram } from './grade-program.js';
import { faultHeal } from './heal.js';
import { history } from './history.js';
import { cas, get, insert, put, remove, txn, update } from './keys.js';
import { labProgram } from './lab-program.js';
import {
  faultBandwidth,
  faultCut,
  faultDelay,
  faultDelays,
  faultDrop,
  faultDuplicate,
  faultReorder,
} from './link-faults.js';
import {
  faultBreak,
  faultBridge,
  faultConnect,
  faultIsolate,
  faultPartition,
  faultPrimary,
  faultRing,
} from './links.js';
import { clear, echo, multisetLoad, rapidsetLoad, wait } from './loads.js';
import { dump, searchKey, stabilizeCluster, verify } from './looks.js';
import { nemesisOperation } from './nemesis.js';
import { faultClock, faultDisk, faultSlow } from './node-faults.js';
import { nodeMetrics } from './node-metrics.js';
import {
  nodeAdd,
  nodeKill,
  nodePause,
  nodeRejoin,
  nodeRemove,
  nodeRestart,
  nodeResume,
} from './nodes.js';
import type { OperationEntry } from './operation.js';
import {
  benchProgram,
  checkProgram,
  compareProgram,
  demoProgram,
  helpProgram,
  logsProgram,
  scriptsProgram,
  shellProgram,
  traceProgram,
} from './programs.js';
import { recordProgram } from './record-program.js';
import { schemaProgram } from './schema-program.js';
import { simProgram } from './sim-program.js';
import { clusterStatus, nodeStatus } from './status.js';

/** What a nemesis may do. */
export const disturbances: readonly OperationEntry[] = [
  ...[faultPartition, faultIsolate, faultPrimary, faultBridge, faultRing],
  ...[faultCut, faultDelay, faultDelays, faultDrop, faultDuplicate, faultReorder, faultBandwidth],
  ...[faultBreak, faultConnect, faultHeal, faultFailRate, faultList],
  ...[faultClock, faultSlow, faultDisk],
  ...[nodeKill, nodeRestart, nodePause, nodeResume, nodeAdd, nodeRemove, nodeRejoin],
];

export const faultNemesis = nemesisOperation(disturbances);

/** In the order in which help shows them. */
export const operations: readonly OperationEntry[] = [
  ...[put, get, remove, insert, update, cas, txn],
  ...[searchKey, dump, verify, stabilizeCluster, rapidsetLoad, multisetLoad],
  ...[...disturbances, faultNemesis],
  ...[clusterUp, clusterStatus, nodeStatus, nodeMetrics, clusterDown, clusterConfig],
  ...[clusterList, clusterUse, logsProgram, traceProgram],
  ...[wait, history, benchProgram, compareProgram, checkProgram, recordProgram, clear, echo],
  ...[
    scriptsProgram,
    simProgram,
    exploreProgram,
    labProgram,
    gradeProgram,
    shellProgram,
    demoProgram,
    completionProgram,
    doctorProgram,
    schemaProgram,
    helpProgram,
  ],
];
