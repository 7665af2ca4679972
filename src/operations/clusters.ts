/** Operations on a cluster as a whole, and on the clusters of this home. */

import type { NodeState } from '../cluster/cluster.js';
import type { DownReport } from '../cluster/down.js';
import type { MetricsPlace, RespPlace } from '../cluster/node-ports.js';
import type { PendingChange } from '../cluster/pending-change.js';
import type { ListedCluster } from '../cluster/state/state.js';
import { formatDuration } from '../config/duration.js';
import { configOf } from '../config/effective.js';
import type { ClusterSpec } from '../config/spec.js';
import { KvxError, usageError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { invariant } from '../core/invariant.js';
import { pushTo } from '../core/lookup.js';
import type { ActiveFault } from '../faults/active.js';
import { modeTitle } from '../protocols/catalog.js';
import { failureDocument, failureLines } from '../render/failure.js';
import { type Block, line, type Page, remark, right, table } from '../render/page.js';
import { checkCapable, type TargetReport } from '../targets/target.js';
import type { OperationContext } from './context.js';
import { argument, switchFlag } from './flags.js';
import { type OperationCall, operation, type ShowOptions, yes } from './operation.js';
import { redisCli, respAddress, withPlaces } from './resp-words.js';
import { portFlags, specFlags } from './spec-flags.js';
import { amissIn } from './status.js';

interface Up extends TargetReport {
  readonly cluster: string;
  readonly change: PendingChange | null;
  /** In a cluster that was up. */
  readonly faults: readonly ActiveFault[];
  /** By the clock of {@link ActiveFault.since}. */
  readonly now: Millis;
  readonly mode: string;
  readonly runtime: string;
  readonly respPlaces: readonly RespPlace[];
  readonly metricsPlaces: readonly MetricsPlace[];
}

export const clusterUp = operation<Up>({
  name: 'cluster up',
  summary: 'Start a cluster and return when every node answers.',
  description: [
    'The same name again resumes its data with its settings; --fresh wipes it first.',
    'State is kept in $KVX_HOME, else $XDG_STATE_HOME/kvx, else ~/.local/state/kvx.',
    'Exit code 3 when the cluster was up and some of its nodes do not run; says which and why.',
  ].join('\n'),
  examples: [
    'cluster up',
    'cluster up --name five -n 5 --replicas 3 --read one --write one',
    'cluster up --name apart --runtime processes --delay 20ms --delay "n1>n2=80ms"',
  ],
  flags: [
    ...specFlags,
    ...portFlags,
    switchFlag('fresh', 'wipe data of that name first', { typedOnly: true }),
  ],
  on: 'a cluster to be',
  run: (call) => {
    const { spec } = call.given;
    invariant(spec !== null, 'it is known which cluster is wanted');
    return startCluster(call, spec, call.given.has('fresh'));
  },
  answer: ({ nodes }) =>
    awayIn(nodes).length === 0 ? yes : { answer: 'unavailable', why: 'unavailable' },
  json: ({ now: _, respPlaces, metricsPlaces, nodes, ...up }) => ({
    ...up,
    nodes: withPlaces(nodes, { respPlaces, metricsPlaces }),
  }),
  page: upPage,
});

export async function startCluster(
  { context, says }: Pick<OperationCall, 'context' | 'says'>,
  wanted: ClusterSpec,
  fresh: boolean,
): Promise<Up> {
  const { target } = context;
  if (wanted.resp) checkCapable(target, 'cluster up --resp', ['take Redis clients']);
  if (wanted.metrics) checkCapable(target, 'cluster up --metrics', ['be scraped']);
  const waiting = new Set(wanted.nodes);
  const tell = (): void => {
    says(`waiting for ${waiting.size === 0 ? 'every node to answer' : [...waiting].join(', ')}`);
  };
  tell();
  const onReady = (node: string): void => {
    waiting.delete(node);
    tell();
  };
  const report = await target.up(wanted, { fresh, onReady });
  if (report.outcome === 'created') context.forgetCluster();
  const { name, mode, change = null } = context.spec;
  const broken = { faults: target.faults(), now: target.wallClock() };
  const { runtime, respPlaces = [], metricsPlaces = [] } = target;
  return { cluster: name, mode, runtime, change, respPlaces, metricsPlaces, ...broken, ...report };
}

const awayIn = (nodes: readonly NodeState[]) => nodes.filter(({ state }) => state !== 'running');

/**
 * The nodes; and, for who types command lines, the next three things to type. Of a cluster that was up, or has been, and
 * some of whose nodes do not run: which, and what to type about them.
 */
function upPage(up: Up, { where }: ShowOptions): Page {
  const { cluster, mode, runtime, outcome, nodes, copying, tookMs, notes, respPlaces } = up;
  const [scraped] = up.metricsPlaces;
  const rows = nodes.map(({ node, state, pid }) => {
    const place = respPlaces.find((each) => each.node === node);
    const address = place === undefined ? '' : respAddress(place);
    return [node, state, pid === null ? '' : String(pid), address];
  });
  const shown = [
    ...notes.map(remark),
    table([...['NODE', 'STATE'], right('PID'), 'REDIS CLIENTS'], rows),
    ...amissIn(up).map((each) => remark(`\n${each}`)),
  ];
  const only = cluster === 'dev' ? '' : ` -C ${cluster}`;
  const away = awayIn(nodes);
  if (away.length > 0) {
    const was = outcome === 'resumed' ? 'is up again' : 'was up';
    const trouble = `\n${cluster} (${modeTitle(mode)}, ${runtime}) ${was}, but not all of its nodes run:`;
    return [...shown, remark(trouble), ...adviceOn(away, only)];
  }
  if (where !== 'command line') return shown;
  const again = copying.length === 0 ? 'is up again with its data' : 'is up again';
  const did = { created: 'is up', resumed: again, 'already-up': 'was up' };
  return [
    ...shown,
    remark(
      `\n${cluster} (${modeTitle(mode)}, ${runtime}) ${did[outcome]}, in ${formatDuration(tookMs)}. Try:`,
    ),
    remark(`  kvx put greeting hello${only}`),
    remark(`  kvx get greeting${only}`),
    remark(`  kvx cluster status${only}`),
    ...respPlaces.slice(0, 1).map((place) => remark(`  ${redisCli(place)}`)),
    ...(scraped === undefined ? [] : [remark(`  curl -s ${scraped.url}`)]),
  ];
}

function adviceOn(away: readonly NodeState[], only: string): Block[] {
  const paused = away.filter(({ state, why }) => state === 'paused' && why === null);
  const ended = away.filter(({ state }) => state !== 'paused');
  // Those that say themselves what to type would only be refused again.
  const plain = ended.filter(({ why }) => !why?.includes('`kvx'));
  return [
    ...troublesOf(away).map((text): Block => ({ type: 'note', text, indent: 2 })),
    ...(plain.length > 0 ? [remark(`  kvx node restart ${namesOf(plain)}${only}`)] : []),
    ...(paused.length > 0 ? [remark(`  kvx node resume ${namesOf(paused)}${only}`)] : []),
  ];
}

const namesOf = (states: readonly NodeState[]): string => states.map(({ node }) => node).join(' ');

/** `n2 n3 failed: the disk is full …`: a line for all nodes of which the same is to be said. */
export function troublesOf(states: readonly NodeState[]): string[] {
  const groups = new Map<string, NodeState[]>();
  for (const each of states) {
    pushTo(groups, each.why === null ? each.state : `${each.state}: ${each.why}`, each);
  }
  return [...groups].map(([what, group]) => `${namesOf(group)} ${what}`);
}

export const clusterConfig = operation<{ readonly spec: ClusterSpec; readonly yaml: string }>({
  name: 'cluster config',
  summary: 'Print the effective configuration, every default filled in.',
  description:
    'Of a cluster that is there; or, with --config or flags of `cluster up`, what those would come to. Starts nothing. What it prints can be given to `cluster up --config`.',
  examples: [
    'cluster config -n 5 --read one',
    'cluster config -n 3 --delay 10ms > three.yaml',
    'cluster config -C dev --json',
  ],
  flags: [...specFlags, ...portFlags].map((flag) => ({ ...flag, commandLineOnly: true })),
  changes: false,
  on: 'a cluster described',
  run: async ({ context, given }) => {
    const { configAsYaml } = await import('../config/effective.js');
    const spec = given.spec ?? context.spec;
    return { spec, yaml: configAsYaml(spec) };
  },
  json: ({ spec }) => configOf(spec),
  page: ({ yaml }) => [{ type: 'bytes', bytes: yaml }],
});

type Stopped = { readonly cluster: string } & (DownReport | { readonly error: KvxError });

export const clusterDown = operation<readonly Stopped[]>({
  name: 'cluster down',
  summary: 'Stop a cluster; its data stays for the next `cluster up`.',
  examples: ['cluster down', 'cluster down -C dev --wipe', 'cluster down --all'],
  flags: [
    switchFlag('all', 'stop every cluster', { typedOnly: true, commandLineOnly: true }),
    switchFlag('wipe', 'remove data, logs and settings, too', {
      ...{ typedOnly: true, commandLineOnly: true },
    }),
  ],
  on: 'several by name',
  run: async ({ context, given, says }) => {
    const stopped: Stopped[] = [];
    for (const target of context.targets) {
      says(`stopping ${target.name}`);
      const stop = target.down({ wipe: given.has('wipe') });
      const report = given.has('all') ? stop.catch(asReport) : stop;
      stopped.push({ cluster: target.name, ...(await report) });
    }
    return stopped;
  },
  answer: (stopped) => {
    const failed = stopped.flatMap((each) => ('error' in each ? [each.error] : []));
    if (failed.length === 0) return yes;
    const isSure = failed.every(({ definite }) => definite);
    return { answer: isSure ? 'unavailable' : 'unknown', why: 'cluster' };
  },
  json: (stopped) => ({
    clusters: stopped.map((each) =>
      'error' in each ? { ...each, ...(failureDocument(each.error) as object) } : each,
    ),
  }),
  page: (stopped) => stopped.map((each) => line(`${each.cluster}: ${inWords(each)}`)),
});

/** Of several clusters, one that can't be stopped is no reason to leave the others. */
function asReport(error: unknown): { readonly error: KvxError } {
  if (error instanceof KvxError) return { error };
  throw error;
}

function inWords(stopped: Stopped): string {
  if ('error' in stopped) return failureLines(stopped.error).join(' ');
  const { wasUp, wiped, copyOf, tookMs } = stopped;
  const was = wasUp ? `stopped in ${formatDuration(tookMs)}` : 'was not up';
  const left = copyOf === null ? '' : ` (a copy of ${copyOf}, which is left alone)`;
  return `${was}${wiped ? ', wiped' : ''}${left}`;
}

/** What `cluster list` and `cluster use` work on. */
const homeOf = ({ host }: OperationContext) => {
  invariant(host !== null, 'the command line has a home');
  return host;
};

function firstRespOf({ resp = null, respPorts = [] }: NonNullable<ListedCluster['record']>) {
  const [first] = respPorts;
  return resp === null || first === undefined ? null : { host: resp.host, port: first.port };
}

export const clusterList = operation({
  name: 'cluster list',
  summary: 'List clusters, up or not.',
  examples: ['cluster list', 'cluster list --json'],
  changes: false,
  only: 'command line',
  on: 'nothing',
  run: async ({ context }) =>
    homeOf(context)
      .list()
      .map(({ name, up, current, record, broken, folder }) => ({
        name,
        state: up ? 'up' : broken === null ? 'down' : 'broken',
        mode: record?.mode ?? null,
        runtime: record?.runtime ?? null,
        nodes: record?.nodes.length ?? null,
        resp: record === null ? null : firstRespOf(record),
        current,
        owner: record?.owner?.pid ?? null,
        folder,
        ...(broken === null ? {} : { broken }),
      })),
  json: (clusters) => ({ clusters }),
  page: (clusters) => [
    table(
      ['NAME', 'STATE', 'MODE', 'RUNTIME', 'NODES', 'REDIS CLIENTS', 'CURRENT', 'OF PID'],
      clusters.map(({ name, state, mode, runtime, nodes, resp, current, owner }) => [
        ...[name, state, mode === null ? '' : modeTitle(mode), runtime ?? '', String(nodes ?? '')],
        ...[resp === null ? '' : respAddress(resp), current ? '*' : '', String(owner ?? '')],
      ]),
    ),
    ...(clusters.length === 0
      ? [remark('There are no clusters. Start one with `kvx cluster up`.')]
      : []),
  ],
});

export const clusterUse = operation<string | null>({
  name: 'cluster use',
  summary: 'Choose the cluster that commands mean when they name none.',
  examples: ['cluster use dev', 'cluster use --none'],
  arguments: [argument('NAME', 'words', 'a cluster of `kvx cluster list`', { optional: true })],
  flags: [switchFlag('none', 'choose none')],
  only: 'command line',
  on: 'nothing',
  run: async ({ context, given }) => {
    const name = given.has('none') ? null : given.text('NAME');
    if (name === undefined) {
      throw usageError('missing: NAME', 'See `kvx cluster list`; --none chooses none.');
    }
    homeOf(context).use(name);
    return name;
  },
  json: (current) => ({ current }),
  page: (current) => [line(current ?? 'no cluster is chosen')],
});
