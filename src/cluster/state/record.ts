import { parseReads } from '../../config/reads.js';
import {
  type ClusterSpec,
  checkSpec,
  type RespSpec,
  type RuntimeName,
  runtimeNames,
} from '../../config/spec.js';
import { definiteError } from '../../core/errors.js';
import type { Millis, NodeId } from '../../core/ids.js';
import type { ProcessIdentity } from './pidfile.js';

export const recordFormatVersion = 1;

/** A cluster as `cluster.json` keeps it. */
export interface ClusterRecord extends ClusterSpec {
  readonly formatVersion: typeof recordFormatVersion;
  /** Random; sockets and data of another cluster under the same name are told apart by it. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: Millis;
  /** The nodes it was made with, once others have come or gone. */
  readonly founders?: readonly NodeId[];
  /** Of each node, if they take Redis clients: a node keeps its port for as long as it is one of them. */
  readonly respPorts?: readonly NodePort[];
  /** Of each node, if they are scraped: likewise. */
  readonly metricsPorts?: readonly NodePort[];
  /** A change of its nodes that has begun, and may have been left halfway. */
  readonly change?: NodeChange;
  /** Nodes that were removed with their data: who lost its memory must not come back under its name. */
  readonly retired?: readonly NodeId[];
  /**
   * The command that made the cluster for itself. No other command means it unless it is named, and it ends, and goes, with
   * its owner.
   */
  readonly owner?: ProcessIdentity;
}

export interface NodePort {
  readonly node: NodeId;
  readonly port: number;
}

/** Only programs of this machine scrape nodes: what they tell needs no password. */
export const metricsHost = '127.0.0.1';

/** Where a node is scraped; `null`: nowhere. */
export function metricsAddressOf(
  { metrics = null, metricsPorts = [] }: Pick<ClusterRecord, 'metrics' | 'metricsPorts'>,
  node: NodeId,
): { readonly host: string; readonly port: number } | null {
  const port = metricsPorts.find((each) => each.node === node)?.port;
  return metrics === null || port === undefined ? null : { host: metricsHost, port };
}

/** Where a node listens for Redis clients; `null`: nowhere. */
export function respAddressOf(
  { resp = null, respPorts = [] }: Pick<ClusterRecord, 'resp' | 'respPorts'>,
  node: NodeId,
): { readonly host: string; readonly port: number } | null {
  const port = respPorts.find((each) => each.node === node)?.port;
  return resp === null || port === undefined ? null : { host: resp.host, port };
}

export interface NodeChange {
  readonly type: 'add' | 'remove' | 'rejoin';
  readonly node: NodeId;
  /** The command that is at it. */
  readonly by: ProcessIdentity;
}

/**
 * Reads back what {@link formatRecord} wrote. Throws an `Error` that says what is wrong with the text, and a `cluster`
 * KvxError when another version of kvx wrote it.
 */
export function parseRecord(json: string): ClusterRecord {
  const raw: unknown = JSON.parse(json);
  if (typeof raw !== 'object' || raw === null) throw new Error('it does not hold an object');
  const record = raw as Partial<ClusterRecord>;
  if (record.formatVersion !== recordFormatVersion) {
    const version = `its format version is ${record.formatVersion}, not ${recordFormatVersion}`;
    const hint = 'Use the version of kvx that wrote it.';
    throw definiteError('cluster', `cluster.json: ${version}`, hint);
  }
  const sound =
    typeof record.id === 'string' &&
    typeof record.name === 'string' &&
    typeof record.mode === 'string' &&
    typeof record.createdAt === 'number' &&
    runtimeNames.includes(record.runtime as RuntimeName) &&
    (record.sync === 'always' || record.sync === 'off') &&
    ['on', 'off'].includes(record.trace ?? 'off') &&
    parseReads(record.reads ?? 'usual') !== null &&
    typeof record.options === 'object' &&
    Array.isArray(record.nodes) &&
    Array.isArray(record.delays) &&
    Array.isArray(record.unlinked ?? []) &&
    Array.isArray(record.founders ?? []) &&
    Array.isArray(record.retired ?? []) &&
    Array.isArray(record.respPorts ?? []) &&
    isSoundResp(record.resp ?? null) &&
    Array.isArray(record.metricsPorts ?? []) &&
    ['number', 'object'].includes(typeof (record.metrics ?? null)) &&
    ['add', 'remove', 'rejoin'].includes(record.change?.type ?? 'add');
  if (!sound) throw new Error('fields are missing');
  checkSpec(record as ClusterRecord);
  return record as ClusterRecord;
}

function isSoundResp(resp: Partial<RespSpec> | null): boolean {
  if (resp === null) return true;
  const { host, port, password } = resp;
  const isPassword = password === null || typeof password === 'string';
  return typeof host === 'string' && typeof port === 'number' && isPassword;
}

export function formatRecord(record: ClusterRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}
