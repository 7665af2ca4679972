import { existsSync } from 'node:fs';
import { KvxError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import { didYouMean } from '../core/suggest.js';
import { anyoneRuns } from './pidfile.js';
import { runFile } from './sockets.js';
import type { Cluster } from './state.js';

/** A cluster all of whose processes were killed is still up, and its nodes can be started one by one. */
export function checkUp({ record: { name, runtime }, folder }: Cluster): void {
  const daemonIsGone = runtime === 'threads' && !anyoneRuns(folder);
  if (existsSync(runFile(folder)) && !daemonIsGone) return;
  throw new KvxError(`${name} is not up`, {
    code: 'cluster',
    definite: true,
    hint: `Start it with \`kvx cluster up --name ${name}\`.`,
  });
}

export function checkNode({ record }: Cluster, node: NodeId): void {
  if (record.nodes.includes(node)) return;
  throw new KvxError(`${record.name} has no node ${node}${didYouMean(node, record.nodes)}`, {
    code: 'bad-request',
    definite: true,
    hint: `It has ${record.nodes.join(', ')}.`,
  });
}
