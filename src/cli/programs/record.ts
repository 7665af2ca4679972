/** `kvx record`: doors in front of RESP servers, until it is interrupted. */
import { isIP, type NetConnectOpts } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { chooseCluster } from '../../cluster/cluster.js';
import { respAddressOf } from '../../cluster/state/record.js';
import type { Cluster } from '../../cluster/state/state.js';
import { toDuration } from '../../config/duration.js';
import { definiteError, usageError } from '../../core/errors.js';
import { keyToText } from '../../core/key.js';
import { quantity, show } from '../../core/show.js';
import { CallLog } from '../../gateway/record/call-log.js';
import {
  RecordDoor,
  type RecordTarget,
  type SharedRecord,
} from '../../gateway/record/record-door.js';
import { FileSink } from '../../history/files/file-sink.js';
import { JsonLines } from '../../history/recorder/json-lines.js';
import { toNode } from '../../operations/given.js';
import { exitCodeOf } from '../../render/failure.js';
import { LiveLine } from '../../render/live-line.js';
import { note, outputClosed, printJson, printLine } from '../../render/output.js';
import { attachedTarget } from '../../targets/local.js';
import type { Perform } from '../command.js';

interface RecordFlags {
  readonly cluster?: string;
  readonly json: boolean;
  readonly resp: number;
  readonly to?: readonly string[];
  readonly history?: string;
  readonly duration?: string;
}

/** What is recorded is in the file by then, whatever happens to the recorder. */
const flushMs = 1000;

const perform: Perform = async ({ flags: typed }, signal) => {
  const flags = typed as unknown as RecordFlags;
  const { history: path } = flags;
  if (path === undefined) throw usageError('say where to: --history FILE');
  const { targets, cluster } = targetsOf(flags);
  const end = new AbortController();
  const until = AbortSignal.any([signal, outputClosed, end.signal]);
  const duration = flags.duration === undefined ? null : toDuration(flags.duration, '--duration');
  const lines = new FileSink(path);
  const sink = new JsonLines(lines);
  const beganAt = performance.now();
  const log = new CallLog(sink, () => Math.round((performance.now() - beganAt) * 1e6));
  const record: SharedRecord = {
    ...{ log, leftOut: new Map(), asking: new Map(), clientCount: 0 },
    caller: { session: 'record', node: null, idle: [] },
    tell: (text) => note(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${text}`),
  };
  const doors = targets.map((target) => new RecordDoor(target, record));
  const unwatch = cluster === null ? null : await attachedTarget(cluster, until).watchFaults(log);
  try {
    await openDoors(doors, flags);
    const live = new LiveLine(() => liveLine(doors, record)).start();
    try {
      await untilEnd(until, duration, () => {
        sink.flush();
        lines.flush();
      });
    } finally {
      live.end();
    }
  } finally {
    unwatch?.();
    for (const door of doors) door.close();
    log.close();
  }
  const elapsedMs = performance.now() - beganAt;
  const failure = sink.failure as Error | null;
  const historyFailure = failure?.message ?? null;
  if (flags.json) printJson({ ...sumDocument(record, path, elapsedMs), historyFailure });
  else printLine(...sumLines(record, path, elapsedMs));
  if (failure === null) return;
  // A second document would say it again.
  if (!flags.json) throw failure;
  process.exitCode = exitCodeOf(failure);
};

export default { perform };

/** Of nodes of a cluster, the cluster; each has a port of its own. */
function targetsOf({ to = [], cluster: name }: RecordFlags): {
  readonly targets: readonly RecordTarget[];
  readonly cluster: Cluster | null;
} {
  const isAddress = (text: string): boolean => /[:/]/.test(text);
  if (to.length > 0 && to.every(isAddress)) {
    return { targets: to.map(serverAt), cluster: null };
  }
  const cluster = chooseCluster(name);
  const { record } = cluster;
  const wanted = to.length === 0 ? record.nodes : to;
  const targets = wanted.map((word): RecordTarget => {
    if (isAddress(word)) return serverAt(word);
    const node = toNode(word, record.nodes);
    const address = respAddressOf(record, node);
    if (address === null) {
      throw definiteError(
        'cluster',
        `${record.name} takes no Redis clients`,
        'Start it with `kvx cluster up --resp`.',
      );
    }
    return { name: node, address, password: record.resp?.password ?? null };
  });
  return { targets, cluster };
}

function serverAt(text: string): RecordTarget {
  return { name: text, address: addressOf(text), password: null };
}

function addressOf(text: string): NetConnectOpts {
  if (text.includes('/')) return { path: text };
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d{1,5})$/.exec(text) ?? [];
  const isHost = isIP(host) > 0 || /^[\w.-]+$/.test(host);
  if (!isHost || Number(port) > 65_535) {
    throw usageError(`--to is a node, HOST:PORT or the path of a socket, not ${show(text)}`);
  }
  return { host, port: Number(port) };
}

async function openDoors(doors: readonly RecordDoor[], { resp, json }: RecordFlags): Promise<void> {
  const opened: { readonly to: string; readonly port: number }[] = [];
  for (const [at, door] of doors.entries()) {
    const wanted = resp === 0 ? 0 : resp + at;
    try {
      opened.push({ to: door.target.name, port: await door.listen(wanted) });
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      const why = code === 'EADDRINUSE' ? 'is taken' : `can't be listened at: ${code}`;
      const hint = 'Choose another with --resp, or 0 for any.';
      throw definiteError('bad-request', `port ${wanted} ${why}`, hint);
    }
  }
  for (const { to, port } of opened) note(`127.0.0.1:${port} leads to ${to}`);
  const [first] = opened;
  if (!json && first !== undefined) note(`try: redis-cli -p ${first.port} set greeting hello`);
}

async function untilEnd(
  signal: AbortSignal,
  duration: number | null,
  flush: () => void,
): Promise<void> {
  const flushing = setInterval(flush, flushMs);
  try {
    // Without an end it waits as long as timers can.
    while (!signal.aborted) {
      await sleep(duration ?? 2 ** 30, undefined, { signal }).catch(() => {});
      if (duration !== null) return;
    }
  } finally {
    clearInterval(flushing);
  }
}

function liveLine(doors: readonly RecordDoor[], { log, leftOut }: SharedRecord): string {
  const clients = doors.reduce((sum, { connectionCount }) => sum + connectionCount, 0);
  const parts = [
    quantity(clients, 'client'),
    quantity(log.operationCount, 'operation'),
    `${log.counts.info} unknown`,
    `${sumOf(leftOut)} not recorded`,
  ];
  return parts.join(', ');
}

const sumOf = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);

function sumDocument({ log, leftOut, clientCount }: SharedRecord, path: string, elapsedMs: number) {
  const { ok, fail, info } = log.counts;
  return {
    history: path,
    elapsedMs: Math.round(elapsedMs),
    clients: clientCount,
    operations: log.operationCount,
    ...{ ok, fail, unknown: info },
    keys: log.keys.judgedCount,
    notRecorded: Object.fromEntries(leftOut),
    keysNotJudged: log.keys.spoiledCount,
    notJudged: log.keys.remarks.map(({ key, why, time }) => ({
      key: key === null ? null : shownKey(key),
      why,
      fromMs: Math.round(time / 1e6),
    })),
  };
}

const remarksShown = 10;

function sumLines(
  { log, leftOut, clientCount }: SharedRecord,
  path: string,
  elapsedMs: number,
): string[] {
  const { ok, fail, info } = log.counts;
  const { remarks, judgedCount, spoiledCount } = log.keys;
  const seconds = (elapsedMs / 1000).toFixed(1);
  const lines = [
    `${quantity(log.operationCount, 'operation')} of ${quantity(clientCount, 'client')} on ${quantity(judgedCount, 'key')} in ${seconds} s: ${ok} done, ${fail} refused or failed, ${info} unknown`,
  ];
  if (leftOut.size > 0) {
    const most = [...leftOut].sort(([, a], [, b]) => b - a).slice(0, remarksShown);
    const each = most.map(([name, count]) => `${count} ${name}`).join(', ');
    lines.push(`not recorded: ${sumOf(leftOut)} (${each})`);
  }
  for (const { key, why, time } of remarks.slice(0, remarksShown)) {
    const what = key === null ? 'nothing' : show(shownKey(key));
    const from = `${(time / 1e9).toFixed(1)} s`;
    lines.push(`${what} is judged ${key === null ? 'after' : 'only until'} ${from}: ${why}`);
  }
  const more = spoiledCount - Math.min(remarksShown, remarks.length);
  if (more > 0) lines.push(`so it is with ${more} more keys`);
  lines.push(log.operationCount === 0 ? 'There is nothing to judge.' : `kvx check ${path}`);
  return lines;
}

const shownKey = (key: Parameters<typeof keyToText>[0]): string => keyToText(key) ?? key;
