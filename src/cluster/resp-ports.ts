/** The ports at which nodes listen for Redis clients: which node has which, and whether they are free. */
import { createServer } from 'node:net';
import { portMax } from '../config/resp.js';
import type { ClusterSpec } from '../config/spec.js';
import { definiteError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import type { Environment } from './state/environment.js';
import { type ClusterRecord, type RespPort, respAddressOf } from './state/record.js';
import { respSocket } from './state/sockets.js';
import { type Cluster, listClusters } from './state/state.js';

/** Nodes that had a port keep it, unless another first port is asked for than theirs. */
export function respPortsFor(
  { resp = null, nodes }: Pick<ClusterSpec, 'resp' | 'nodes'>,
  existing?: Pick<ClusterRecord, 'resp' | 'respPorts'>,
): readonly RespPort[] {
  if (resp === null) return [];
  const { respPorts: had = [] } = existing ?? {};
  const isSame = existing?.resp?.port === resp.port && had.length === nodes.length;
  return isSame ? had : nodes.map((node, at) => ({ node, port: resp.port + at }));
}

/** Where one node listens for Redis clients. */
export interface RespPlace extends RespPort {
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

/** Why a port can't be listened at, as `listen` says it; `null`: it can. */
function problemAt(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** Throws a definite `cluster` KvxError, with what to type, when a node could not listen at its port. */
export async function checkPortsFree(record: ClusterRecord, env: Environment): Promise<void> {
  for (const node of record.nodes) {
    const address = respAddressOf(record, node);
    if (address === null) return;
    const problem = await problemAt(address.host, address.port);
    if (problem === null) continue;
    const { message, hint } = await inWords(record, { node, ...address }, problem, env);
    throw definiteError('cluster', message, hint);
  }
}

interface Taken extends RespPort {
  readonly host: string;
}

async function inWords(
  { nodes }: ClusterRecord,
  { node, host, port }: Taken,
  problem: string,
  env: Environment,
): Promise<{ readonly message: string; readonly hint: string }> {
  const place = `${node} can't take Redis clients at port ${port} of ${host}`;
  if (problem === 'EACCES') {
    const hint = 'Choose ports from 1024, such as `--resp 7379`.';
    return { message: `${place}: this user may not listen there`, hint };
  }
  if (problem !== 'EADDRINUSE') {
    const hint = 'Choose another with `--resp-host`; without it, 127.0.0.1.';
    return { message: `${place}: this machine can't listen there (${problem})`, hint };
  }
  const other = listClusters(env).find(
    ({ up, record }) => up && record?.respPorts?.some((each) => each.port === port),
  );
  const who = other === undefined ? 'another process' : `cluster ${other.name}`;
  const free = await freeFrom(host, nodes.length);
  const hint = `Nothing was started. Choose others with \`--resp ${free ?? 'PORT'}\`.`;
  return { message: `${place}: ${who} listens there`, hint };
}

/** The first of so many that are free in a row; `null`: none was found. */
async function freeFrom(host: string, count: number): Promise<number | null> {
  for (let first = 7400; first < 8400; first += 100) {
    const ports = Array.from({ length: count }, (_, at) => first + at);
    const problems = await Promise.all(ports.map((port) => problemAt(host, port)));
    if (problems.every((problem) => problem === null)) return first;
  }
  return null;
}

/** With a port for this node, if nodes take Redis clients: the first that is free after all others. */
export async function withRespPort(record: ClusterRecord, node: NodeId): Promise<ClusterRecord> {
  const { resp = null, respPorts = [] } = record;
  if (resp === null || respPorts.some((each) => each.node === node)) return record;
  const highest = Math.max(resp.port - 1, ...respPorts.map(({ port }) => port));
  for (let port = highest + 1; port <= Math.min(highest + 100, portMax); port++) {
    if ((await problemAt(resp.host, port)) !== null) continue;
    return { ...record, respPorts: [...respPorts, { node, port }] };
  }
  const message = `no port after ${highest} of ${resp.host} is free for Redis clients of ${node}`;
  throw definiteError('cluster', message, 'Start the cluster with other ports: `--resp PORT`.');
}
