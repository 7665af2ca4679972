import { definiteError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import { nodesMax } from '../core/limits.js';
import { type LinkRules, noRules } from '../faults/link-rules.js';
import type { ReadsWord } from './reads.js';

export const runtimeNames = ['threads', 'processes'] as const;
/** `threads`: one daemon, a worker thread a node. `processes`: a detached process a node. */
export type RuntimeName = (typeof runtimeNames)[number];

/** Where nodes listen for Redis clients, beside their own socket. */
export interface RespSpec {
  /** An address of this machine. */
  readonly host: string;
  /** What clients must say first; `null`: nothing. Nodes on loopback only may do without. */
  readonly password: string | null;
  /** Of the first node; each other one's is one more than that of the node before. */
  readonly port: number;
}

/** What a user asks for with `cluster up`. */
export interface ClusterSpec {
  readonly name: string;
  readonly mode: string;
  readonly nodes: readonly NodeId[];
  readonly runtime: RuntimeName;
  /** `off`: an acknowledged write may be lost when the machine, not just a process, crashes. */
  readonly sync: 'always' | 'off';
  /** Its nodes write down all that they do; absent: off. */
  readonly trace?: 'on' | 'off';
  /** What gets return: what they find, or the worst that is legal, chosen by a seed; absent: what they find. */
  readonly reads?: ReadsWord;
  /** Plain data, already validated by the mode. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly delays: LinkRules['delays'];
  /** Directions between nodes that have no link; absent or empty: every node is linked to every other. */
  readonly unlinked?: LinkRules['cuts'];
  /** Absent or `null`: nodes take no Redis clients. */
  readonly resp?: RespSpec | null;
  /** The port of loopback at which the first node is scraped, each other one's being one more; absent or `null`: nowhere. */
  readonly metrics?: number | null;
}

/** What a cluster's links do when no fault is set. */
export function rulesOf({ unlinked = [], delays }: ClusterSpec): LinkRules {
  return { ...noRules, cuts: unlinked, delays };
}

/** What a cluster is called that nobody has named. */
export const nameDefault = 'dev';

/** `n1` to `n<count>`. */
export function nodeNames(count: number): NodeId[] {
  return Array.from({ length: count }, (_, at) => `n${at + 1}`);
}

export const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

/** Throws a `config` {@link KvxError} unless names and counts are usable. The mode has checked its own options. */
export function checkSpec(spec: ClusterSpec): void {
  checkClusterName(spec.name);
  if (spec.nodes.length < 1 || spec.nodes.length > nodesMax) {
    refuse(`a cluster has 1 to ${nodesMax} nodes, not ${spec.nodes.length}`);
  }
  for (const node of spec.nodes) {
    if (!namePattern.test(node)) refuse(`${JSON.stringify(node)} can't be a node's name`);
  }
  if (new Set(spec.nodes).size < spec.nodes.length) refuse('two nodes have the same name');
  for (const { from, to } of spec.unlinked ?? []) {
    const known = spec.nodes.includes(from) && spec.nodes.includes(to);
    if (!known) refuse(`the topology has no link ${from}>${to}, nor has the cluster such nodes`);
  }
  for (const { from, to, meanMs } of spec.delays) {
    const known = spec.nodes.includes(from) && spec.nodes.includes(to);
    if (!known) refuse(`a delay is given for ${from}>${to}, which is not a link of this cluster`);
    if (!(meanMs >= 0)) refuse(`the delay of ${from}>${to} must be a number of milliseconds`);
  }
}

export function checkClusterName(name: string): void {
  if (namePattern.test(name)) return;
  refuse(
    `${JSON.stringify(name)} can't be a cluster's name: up to 32 letters, digits, - and _, the first a letter or digit`,
  );
}

/**
 * What stands in the way of running `wanted` on the data of `existing`, such as `mode quorum, not paxos`; empty when nothing
 * does. Runtime, sync, links and levels may change from one run to the next; where data lives may not.
 */
export function dataConflicts(existing: ClusterSpec, wanted: ClusterSpec): string[] {
  // Of two modes there is nothing else to compare.
  if (existing.mode !== wanted.mode) return [`mode ${existing.mode}, not ${wanted.mode}`];
  const conflicts: string[] = [];
  if (existing.nodes.join() !== wanted.nodes.join()) {
    conflicts.push(`nodes ${existing.nodes.join(',')}, not ${wanted.nodes.join(',')}`);
  }
  return [...conflicts, ...optionConflicts(existing, wanted, (name) => placing.includes(name))];
}

/** As {@link dataConflicts}, of what else may not change while a cluster runs. */
export function runConflicts(existing: ClusterSpec, wanted: ClusterSpec): string[] {
  if (existing.mode !== wanted.mode) return [];
  const conflicts: string[] = [];
  for (const field of ['runtime', 'sync', 'trace'] as const) {
    const { [field]: had = 'off' } = existing;
    const { [field]: asked = 'off' } = wanted;
    if (had !== asked) conflicts.push(`${field} ${had}, not ${asked}`);
  }
  const linksOf = ({ unlinked = [] }: ClusterSpec) =>
    unlinked.map(({ from, to }) => `${from}>${to}`);
  const delaysOf = ({ delays }: ClusterSpec) =>
    delays.map(({ from, to, meanMs }) => `${from}>${to}=${meanMs}`);
  const differ = (of: (spec: ClusterSpec) => string[]) =>
    of(existing).sort().join() !== of(wanted).sort().join();
  if (differ(linksOf)) conflicts.push('another topology');
  if (differ(delaysOf)) conflicts.push('other delays');
  conflicts.push(...respConflicts(existing, wanted));
  const port = existing.metrics ?? 'off';
  const askedPort = wanted.metrics ?? 'off';
  if (port !== askedPort) conflicts.push(`metrics ${port}, not ${askedPort}`);
  const { reads: had = 'usual' } = existing;
  const { reads: asked = 'usual' } = wanted;
  if (had !== asked) conflicts.push(`reads ${had}, not ${asked}`);
  return [...conflicts, ...optionConflicts(existing, wanted, (name) => !placing.includes(name))];
}

function respConflicts({ resp: had }: ClusterSpec, { resp: asked }: ClusterSpec): string[] {
  const { host, port, password = null } = asked ?? {};
  if (had?.port !== port) return [`resp ${had?.port ?? 'off'}, not ${port ?? 'off'}`];
  if (had?.host !== host) return [`resp at ${had?.host}, not ${host}`];
  return (had?.password ?? null) === password ? [] : ['another resp-password'];
}

/** Options that say on which nodes data lives. */
const placing: readonly string[] = ['replicas', 'virtualNodes'];

function optionConflicts(
  existing: ClusterSpec,
  wanted: ClusterSpec,
  counts: (name: string) => boolean,
): string[] {
  const names = new Set([...Object.keys(existing.options), ...Object.keys(wanted.options)]);
  return [...names].filter(counts).flatMap((name) => {
    const had = JSON.stringify(existing.options[name]);
    const asked = JSON.stringify(wanted.options[name]);
    // What one of them does not say is as the mode has it.
    if (had === undefined || asked === undefined) return [];
    return had === asked ? [] : [`${name} ${had}, not ${asked}`];
  });
}

function refuse(
  message: string,
  hint = 'Nodes are called n1, n2, … unless a config file says otherwise.',
): never {
  throw definiteError('config', message, hint);
}
