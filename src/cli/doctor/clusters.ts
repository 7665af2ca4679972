import packageJson from '../../../package.json' with { type: 'json' };
import { askMetrics, control } from '../../cluster/cluster.js';
import { portProblem } from '../../cluster/node-ports.js';
import type { Environment } from '../../cluster/state/environment.js';
import { type ClusterRecord, metricsAddressOf, respAddressOf } from '../../cluster/state/record.js';
import {
  type Cluster,
  type ListedCluster,
  listClusters,
  openCluster,
} from '../../cluster/state/state.js';
import type { Millis, NodeId } from '../../core/ids.js';
import { type DoctorFinding, type DoctorLook, fine, problem, warning } from './finding.js';

const answerMs: Millis = 1_500;

export const clusterLooks = (env: Environment): readonly DoctorLook[] => [
  { check: 'clusters', look: () => clusters(env) },
];

const named = (name: string): string => (name === 'dev' ? '' : ` -C ${name}`);

async function clusters(env: Environment): Promise<DoctorFinding[]> {
  const all = listClusters(env);
  if (all.length === 0) return [fine('clusters', 'there are none; `kvx cluster up` starts one')];
  const findings = await Promise.all(all.map((each) => findingsOn(each, env)));
  return findings.flat();
}

async function findingsOn({ name, folder, up, record, broken }: ListedCluster, env: Environment) {
  const check = `cluster ${name}`;
  if (record === null) {
    const todo = `See what \`kvx cluster status -C ${name}\` advises.`;
    return [problem(check, broken ?? 'its state can not be read', todo)];
  }
  if (!up) return portFindings(check, record);
  const cluster = openCluster(folder, env);
  const states = await control(cluster).states();
  const away = states.filter(({ state }) => state !== 'running');
  const running = states.filter(({ state }) => state === 'running').map(({ node }) => node);
  const findings = away.map(({ node, state, why }) => {
    const does = state === 'paused' ? 'resume' : 'restart';
    const todo = `\`kvx node ${does} ${node}${named(name)}\`, after a look at \`kvx cluster logs ${node}${named(name)}\`.`;
    const says = `${node} is ${state}${why === null ? '' : `: ${why}`}`;
    return state === 'failed' ? problem(check, says, todo) : warning(check, says, todo);
  });
  for (const node of running) {
    const told = await versionFinding(check, cluster, node);
    if (told !== null) findings.push(told);
  }
  if (findings.length > 0) return findings;
  return [fine(check, `up, all ${states.length} nodes run, started by this version`)];
}

/** What a node that another version of kvx started, or that does not answer, is to be told of; else `null`. */
async function versionFinding(
  check: string,
  cluster: Cluster,
  node: NodeId,
): Promise<DoctorFinding | null> {
  const { name } = cluster.record;
  const again = `\`kvx cluster down${named(name)}\`, then \`kvx cluster up --name ${name}\`: its data stays.`;
  try {
    const families = await askMetrics(cluster, node, answerMs);
    const info = families.find((family) => family.name === 'kvx_build_info')?.samples[0];
    const [, version = 'unknown'] = info?.labels.find(([label]) => label === 'version') ?? [];
    if (version === packageJson.version) return null;
    return warning(check, `${node} runs version ${version}, this is ${packageJson.version}`, again);
  } catch (error) {
    const { message } = error as Error;
    const isOther = /frames of version|unknown type/.test(message);
    if (isOther) return warning(check, `${node} runs another version: ${message}`, again);
    const todo = `\`kvx node restart ${node}${named(name)}\`, after a look at \`kvx cluster logs ${node}${named(name)}\`.`;
    return problem(check, message, todo);
  }
}

/** Of a cluster that is down: whether it could listen again where it did. */
async function portFindings(check: string, record: ClusterRecord): Promise<DoctorFinding[]> {
  const { name, nodes } = record;
  const findings: DoctorFinding[] = [];
  for (const [flag, addressOf] of [
    ['resp', respAddressOf],
    ['metrics', metricsAddressOf],
  ] as const) {
    for (const node of nodes) {
      const address = addressOf(record, node);
      if (address === null || (await portProblem(address.host, address.port)) !== 'EADDRINUSE')
        continue;
      const says = `port ${address.port} of ${node} (--${flag}) is taken by another process`;
      const todo = `End that process, or take other ports: \`kvx cluster up --name ${name} --${flag} PORT\`.`;
      findings.push(warning(check, says, todo));
    }
  }
  return findings.length > 0 ? findings : [fine(check, 'down; its state is sound')];
}
