/**
 * What travels between a node and those who connect to its socket.
 *
 * A connection opens with one {@link Hello}, in a frame of its own. A client is told that it is `welcome`: before that
 * nothing it sent has been looked at. It then sends {@link ClientFrame}s and gets {@link ServerFrame}s, matched by `id`,
 * in whatever order they are ready. A peer sends its protocol's messages and gets nothing back on
 * that connection. Anything malformed closes the connection.
 */
import type { NodeId } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import { nodesMax } from '../../core/limits.js';
import type {
  ClientResult,
  Level,
  Operation,
  SessionFloor,
  SessionStamp,
} from '../../core/operation.js';
import {
  floorShape,
  operationShape,
  resultShape,
  stampShape,
} from '../../core/operation-shapes.js';
import type { Version } from '../../core/version.js';
import * as wire from '../../core/wire.js';
import type { Direction, DirectionChance, LinkRules } from '../../faults/link-rules.js';

/** Raised when frames change in a way that older programs can't read. */
export const framesVersion = 3;

export type Hello =
  | { readonly type: 'client'; readonly version: number; readonly cluster: string }
  | {
      readonly type: 'peer';
      readonly version: number;
      readonly cluster: string;
      readonly from: NodeId;
      /** Which start of that node: one that has lost its data says too little. */
      readonly incarnation: number;
    };

/** `cluster` is the id in `cluster.json`: whoever dials a socket left by another cluster is turned away. */
const helloFields = { version: wire.count, cluster: wire.name };
export const hello = wire.union<Hello>({
  client: helloFields,
  peer: { ...helloFields, from: wire.name, incarnation: wire.count },
});

export type ClientFrame =
  | {
      readonly type: 'request';
      readonly id: number;
      readonly operation: Operation;
      readonly level: Level | null;
      readonly session: SessionStamp | null;
      readonly floor: SessionFloor | null;
      readonly timeoutMs: number;
    }
  | { readonly type: 'status'; readonly id: number }
  /** What this node holds under one key, no protocol involved. */
  | { readonly type: 'lookup'; readonly id: number; readonly key: Key }
  /** Everything this node holds, as `entries` frames; values left out unless asked for. */
  | { readonly type: 'scan'; readonly id: number; readonly values: boolean }
  | { readonly type: 'set-rules'; readonly id: number; readonly rules: LinkRules }
  /** Stop in good order. */
  | { readonly type: 'stop'; readonly id: number };

export interface NodeStatus {
  readonly node: NodeId;
  readonly pid: number;
  readonly role: string;
  readonly keyCount: number;
  readonly unsettledCount: number;
  readonly suspects: readonly NodeId[];
  readonly facts: readonly (readonly [string, string | number])[];
  /** Records appended since the node started, and how many of them are durable. */
  readonly journalAppended: number;
  readonly journalDurable: number;
  readonly journalBytes: number;
  readonly uptimeMs: number;
}

/** One key as one node holds it. */
export interface ScannedEntry {
  readonly key: Key;
  readonly version: Version;
  readonly deleted: boolean;
  /** `null` when deleted, or when values were not asked for. */
  readonly value: Uint8Array | null;
  /** A 32-bit hash of the value, to compare replicas by; 0 when deleted. */
  readonly digest: number;
  /** The nodes that should hold the key. */
  readonly owners: readonly NodeId[];
}

export type ServerFrame =
  /** The hello was good: what follows it is looked at. */
  | { readonly type: 'welcome' }
  | { readonly type: 'result'; readonly id: number; readonly result: ClientResult }
  | { readonly type: 'status'; readonly id: number; readonly status: NodeStatus }
  | { readonly type: 'found'; readonly id: number; readonly entry: ScannedEntry | null }
  | {
      readonly type: 'entries';
      readonly id: number;
      readonly entries: readonly ScannedEntry[];
      readonly last: boolean;
    }
  | { readonly type: 'done'; readonly id: number }
  /** The connection is about to be closed, and why. */
  | { readonly type: 'closing'; readonly reason: string };

const bytesOrNull = wire.nullable(wire.value);

/** Rules are kept as long as the node lives: of all nodes, and as many clients, to all nodes. */
const directionsMax = 4 * nodesMax ** 2;

const direction = { from: wire.name, to: wire.name };

const chances = wire.list(
  wire.struct<DirectionChance>({ ...direction, chance: wire.chance }),
  directionsMax,
);

export const linkRules: wire.Shape<LinkRules> = wire.struct<LinkRules>({
  cuts: wire.list(wire.struct<Direction>(direction), directionsMax),
  delays: wire.list(
    wire.struct<LinkRules['delays'][number]>({ ...direction, meanMs: wire.duration }),
    directionsMax,
  ),
  losses: chances,
  duplications: chances,
  reorderings: chances,
});

export const clientFrame = wire.union<ClientFrame>({
  request: {
    id: wire.count,
    operation: operationShape,
    level: wire.nullable(wire.level),
    session: wire.nullable(stampShape),
    floor: wire.nullable(floorShape),
    timeoutMs: wire.duration,
  },
  status: { id: wire.count },
  lookup: { id: wire.count, key: wire.key },
  scan: { id: wire.count, values: wire.boolean },
  'set-rules': { id: wire.count, rules: linkRules },
  stop: { id: wire.count },
});

const textOrNumber: wire.Shape<string | number> = {
  toWire: (fact) => fact,
  fromWire: (raw) => (typeof raw === 'number' ? wire.number : wire.text).fromWire(raw),
};

const status = wire.struct<NodeStatus>({
  node: wire.name,
  pid: wire.count,
  role: wire.text,
  keyCount: wire.count,
  unsettledCount: wire.count,
  suspects: wire.list(wire.name),
  facts: wire.list(wire.pair(wire.text, textOrNumber)),
  journalAppended: wire.count,
  journalDurable: wire.count,
  journalBytes: wire.count,
  uptimeMs: wire.number,
});

const scannedEntry = wire.struct<ScannedEntry>({
  key: wire.key,
  version: wire.version,
  deleted: wire.boolean,
  value: bytesOrNull,
  digest: wire.count,
  owners: wire.list(wire.name),
});

export const serverFrame = wire.union<ServerFrame>({
  welcome: {},
  result: { id: wire.count, result: resultShape },
  status: { id: wire.count, status },
  found: { id: wire.count, entry: wire.nullable(scannedEntry) },
  entries: { id: wire.count, entries: wire.list(scannedEntry), last: wire.boolean },
  done: { id: wire.count },
  closing: { reason: wire.text },
});
