/**
 * What travels between a node and those who connect to its socket.
 *
 * A connection opens with one {@link Hello}, in a frame of its own. A client is told that it is `welcome`: before that
 * nothing it sent has been looked at. It then sends {@link ClientFrame}s and gets {@link ServerFrame}s, matched by `id`,
 * in whatever order they are ready, and hears who leads whenever that changes. A peer sends its protocol's messages and gets nothing back on
 * that connection. Anything malformed closes the connection.
 */
import { crc32 } from '../../core/crc32.js';
import {
  floorShape,
  levelShape,
  operationShape,
  resultShape,
  stampShape,
} from '../../core/operation.js';
import { positionsEnd, type ReplicaView, type StoredEntry } from '../../core/replica.js';
import * as wire from '../../core/wire.js';
import { metricFamily } from '../metrics/family.js';
import { linkRules, nodeFaults } from './fault-shapes.js';

/** Raised when frames change in a way that older programs can't read. */
export const framesVersion = 8;

/** `cluster` is the id in `cluster.json`: whoever dials a socket left by another cluster is turned away. */
const helloFields = { version: wire.count, cluster: wire.name };
export const hello = wire.union({
  client: helloFields,
  /** `incarnation`: which start of that node; one that has lost its data says too little. */
  peer: { ...helloFields, from: wire.name, incarnation: wire.count },
});

export type Hello = wire.Shaped<typeof hello>;

const id = wire.count;

export const clientFrame = wire.union({
  request: {
    id,
    operation: operationShape,
    level: wire.nullable(levelShape),
    session: wire.nullable(stampShape),
    floor: wire.nullable(floorShape),
    timeoutMs: wire.duration,
  },
  status: { id },
  /** What it has counted and measured. */
  metrics: { id },
  /** What this node holds under one key, no protocol involved. */
  lookup: { id, key: wire.key },
  /** Everything this node holds, as `entries` frames; values left out unless asked for. */
  scan: { id, values: wire.boolean },
  /** The next few keys that this node holds from a position on: see {@link ReplicaView.walk}. */
  page: { id, position: wire.count, count: wire.count },
  /** What the cluster's links do, and what is wrong with this node. */
  'set-faults': { id, rules: linkRules, own: nodeFaults },
  /** Stop in good order. */
  stop: { id },
});

export type ClientFrame = wire.Shaped<typeof clientFrame>;

const textOrNumber: wire.Shape<string | number> = {
  write: (fact, sink) => sink.item(fact),
  read(source) {
    const fact = source.item();
    return (typeof fact === 'number' ? wire.number : wire.text).take(fact);
  },
};

const status = wire.struct({
  node: wire.name,
  pid: wire.count,
  role: wire.text,
  keyCount: wire.count,
  unsettledCount: wire.count,
  suspects: wire.list(wire.name),
  facts: wire.list(wire.pair(wire.text, textOrNumber)),
  /** Records appended since the node started, and how many of them are durable. */
  journalAppended: wire.count,
  journalDurable: wire.count,
  journalBytes: wire.count,
  /** Since the node started: messages to its peers, and syncs of its journal. */
  sentCount: wire.count,
  syncCount: wire.count,
  uptimeMs: wire.number,
});

export type NodeStatus = wire.Shaped<typeof status>;

/** One key as one node holds it. */
const scannedEntry = wire.struct({
  key: wire.key,
  version: wire.version,
  deleted: wire.boolean,
  /** `null` when deleted, or when values were not asked for. */
  value: wire.nullable(wire.value),
  /** A 32-bit hash of the value, to compare replicas by; 0 when deleted. */
  digest: wire.count,
  /** The nodes that should hold the key. */
  owners: wire.list(wire.name),
});

export type ScannedEntry = wire.Shaped<typeof scannedEntry>;

/** What a replica holds under one key, as whoever looks is shown it. */
export function describeEntry(
  view: ReplicaView,
  { key, version, value }: StoredEntry,
  withValue: boolean,
): ScannedEntry {
  return {
    key,
    version,
    deleted: value === null,
    value: withValue ? value : null,
    digest: value === null ? 0 : crc32(value),
    owners: view.ownersOf(key),
  };
}

const keyPage = wire.struct({
  entries: wire.list(wire.struct({ key: wire.key, version: wire.version, deleted: wire.boolean })),
  next: wire.count,
});

/** Some keys that a node holds, tombstones too, and the position at which to go on. */
export type KeyPage = wire.Shaped<typeof keyPage>;

/** Of one page: what takes a millisecond or two, and fits into a frame. */
export const pageKeysMax = 1_000;
const pageBytesMax = 256 * 1024;

/** About `countMax` keys, or fewer, and perhaps none: no page takes long. */
export function pageOf(view: ReplicaView, position: number, countMax: number): KeyPage {
  const count = Math.min(countMax, pageKeysMax);
  const entries: KeyPage['entries'][number][] = [];
  let next = Math.min(position, positionsEnd);
  let bytes = 0;
  for (
    let steps = 0;
    next < positionsEnd && entries.length < count && steps < 10 * count;
    steps++
  ) {
    if (bytes > pageBytesMax) break;
    next = view.walk(next, (key, version, deleted) => {
      entries.push({ key, version, deleted });
      bytes += key.length + 32;
    });
  }
  return { entries, next };
}

export const serverFrame = wire.union({
  /** The hello was good: what follows it is looked at. */
  welcome: {},
  /** The node that leads now, and so answers soonest: see {@link ReplicaView.leader}. */
  leader: { node: wire.name },
  result: { id, result: resultShape },
  status: { id, status },
  metrics: { id, families: wire.list(metricFamily) },
  found: { id, entry: wire.nullable(scannedEntry) },
  entries: { id, entries: wire.list(scannedEntry), last: wire.boolean },
  page: { id, page: keyPage },
  done: { id },
  /** The connection is about to be closed, and why. */
  closing: { reason: wire.text },
});

export type ServerFrame = wire.Shaped<typeof serverFrame>;
