/** The ports at which nodes listen, for Redis clients and to be scraped: which node has which, and whether they are free. */
import { createServer } from 'node:net';
import { portMax } from '../config/resp.js';
import type { ClusterSpec } from '../config/spec.js';
import { definiteError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import type { Environment } from './state/environment.js';
import {
  type ClusterRecord,
  metricsAddressOf,
  metricsHost,
  type NodePort,
  respAddressOf,
} from './state/record.js';
import { respSocket } from './state/sockets.js';
import { type Cluster, listClusters } from './state/state.js';

type Asked = Pick<ClusterSpec, 'resp' | 'metrics' | 'nodes'>;

/** What nodes listen for, each at a port of its own. */
interface Door {
  readonly flag: 'resp' | 'metrics';
  readonly field: 'respPorts' | 'metricsPorts';
  /** `n1 can't …`; and what is started with other ports. */
  readonly does: string;
  readonly portExample: number;
  readonly hasHost: boolean;
  /** Of the first node; `null`: there is no such door. */
  firstOf(spec: Partial<Asked>): { readonly host: string; readonly port: number } | null;
}

const doors: readonly Door[] = [
  {
    ...{ flag: 'resp', field: 'respPorts', does: 'take Redis clients' },
    ...{ portExample: 7379, hasHost: true },
    firstOf: ({ resp = null }) => resp,
  },
  {
    ...{ flag: 'metrics', field: 'metricsPorts', does: 'be scraped' },
    ...{ portExample: 9464, hasHost: false },
    firstOf: ({ metrics = null }) =>
      metrics === null ? null : { host: metricsHost, port: metrics },
  },
];

/** Nodes that had a port keep it, unless another first port is asked for than theirs. */
export function portsFor(
  spec: Asked,
  existing?: Partial<ClusterRecord>,
): Pick<ClusterRecord, Door['field']> {
  return Object.fromEntries(
    doors.map(({ field, firstOf }) => {
      const first = firstOf(spec);
      if (first === null) return [field, []];
      const had = existing?.[field] ?? [];
      const isSame =
        firstOf(existing ?? {})?.port === first.port && had.length === spec.nodes.length;
      const anew = spec.nodes.map((node, at): NodePort => ({ node, port: first.port + at }));
      return [field, isSame ? had : anew];
    }),
  );
}

export interface RespPlace extends NodePort {
  readonly host: string;
  /** The path of its Unix socket. */
  readonly socket: string;
  /** Clients must say a password first. */
  readonly password: boolean;
}

/** Of every node, in the cluster's order; none when it takes no Redis clients. */
export function respPlacesOf({
  record,
  sockets,
}: Pick<Cluster, 'record' | 'sockets'>): RespPlace[] {
  return record.nodes.flatMap((node) => {
    const address = respAddressOf(record, node);
    if (address === null) return [];
    const password = record.resp?.password != null;
    return [{ node, ...address, socket: respSocket(sockets, node), password }];
  });
}

export interface MetricsPlace extends NodePort {
  readonly url: string;
}

/** Of every node, in the cluster's order; none when it is not scraped. */
export function metricsPlacesOf({ record }: Pick<Cluster, 'record'>): MetricsPlace[] {
  return record.nodes.flatMap((node) => {
    const address = metricsAddressOf(record, node);
    if (address === null) return [];
    const { host, port } = address;
    return [{ node, port, url: `http://${host}:${port}/metrics` }];
  });
}

/** Why a port can't be listened at, as `listen` says it; `null`: it can. */
export function portProblem(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** Throws a definite `cluster` KvxError, with what to type, when a node could not listen at its port. */
export async function checkPortsFree(record: ClusterRecord, env: Environment): Promise<void> {
  for (const door of doors) {
    const host = door.firstOf(record)?.host ?? null;
    if (host === null) continue;
    for (const { node, port } of record[door.field] ?? []) {
      if (!record.nodes.includes(node)) continue;
      const problem = await portProblem(host, port);
      if (problem === null) continue;
      const { message, hint } = await inWords(record, door, { node, host, port }, problem, env);
      throw definiteError('cluster', message, hint);
    }
  }
}

interface Taken extends NodePort {
  readonly host: string;
}

async function inWords(
  { nodes }: ClusterRecord,
  { flag, does, portExample, hasHost }: Door,
  { node, host, port }: Taken,
  problem: string,
  env: Environment,
): Promise<{ readonly message: string; readonly hint: string }> {
  const place = `${node} can't ${does} at port ${port} of ${host}`;
  if (problem === 'EACCES') {
    const hint = `Choose ports from 1024, such as \`--${flag} ${portExample}\`.`;
    return { message: `${place}: this user may not listen there`, hint };
  }
  if (problem !== 'EADDRINUSE') {
    const hint = hasHost ? `Choose another with \`--${flag}-host\`; without it, 127.0.0.1.` : '';
    return { message: `${place}: this machine can't listen there (${problem})`, hint };
  }
  const isAtIt = (each: NodePort): boolean => each.port === port;
  const other = listClusters(env).find(
    ({ up, record }) => up && doors.some(({ field }) => record?.[field]?.some(isAtIt)),
  );
  const who = other === undefined ? 'another process' : `cluster ${other.name}`;
  const free = await freeFrom(host, nodes.length);
  const hint = `Nothing was started. Choose others with \`--${flag} ${free ?? 'PORT'}\`.`;
  return { message: `${place}: ${who} listens there`, hint };
}

/** The first of so many that are free in a row; `null`: none was found. */
async function freeFrom(host: string, count: number): Promise<number | null> {
  for (let first = 7400; first < 8400; first += 100) {
    const ports = Array.from({ length: count }, (_, at) => first + at);
    const problems = await Promise.all(ports.map((port) => portProblem(host, port)));
    if (problems.every((problem) => problem === null)) return first;
  }
  return null;
}

/** With a port for this node at every door that there is: the first that is free after all others. */
export async function withPorts(record: ClusterRecord, node: NodeId): Promise<ClusterRecord> {
  let grown = record;
  for (const door of doors) grown = await withPort(grown, node, door);
  return grown;
}

async function withPort(
  record: ClusterRecord,
  node: NodeId,
  { flag, field, does, firstOf }: Door,
): Promise<ClusterRecord> {
  const first = firstOf(record);
  const ports = record[field] ?? [];
  if (first === null || ports.some((each) => each.node === node)) return record;
  const highest = Math.max(first.port - 1, ...ports.map(({ port }) => port));
  for (let port = highest + 1; port <= Math.min(highest + 100, portMax); port++) {
    if ((await portProblem(first.host, port)) !== null) continue;
    return { ...record, [field]: [...ports, { node, port }] };
  }
  const message = `no port after ${highest} of ${first.host} is free for ${node} to ${does}`;
  throw definiteError(
    'cluster',
    message,
    `Start the cluster with other ports: \`--${flag} PORT\`.`,
  );
}
