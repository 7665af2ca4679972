/** Operations on single nodes, and on which nodes there are. */

import type { ClusterControl } from '../cluster/cluster.js';
import type { ChangeReport } from '../cluster/membership.js';
import { formatDuration } from '../config/duration.js';
import type { NodeId } from '../core/ids.js';
import type { ActiveFault } from '../faults/active.js';
import { type CrashMoment, crashMoments } from '../faults/fault.js';
import { line, type Page, remark } from '../render/page.js';
import { checkCapable, type Target, type TargetSpec } from '../targets/target.js';
import {
  argument,
  type FlagSpec,
  nodeArgument,
  nodesArgument,
  switchFlag,
  textFlag,
  timeoutFlag,
} from './flags.js';
import { type OperationCall, type OperationEntry, operation, timeoutOf } from './operation.js';

type Step = Extract<keyof ClusterControl, 'kill' | 'restart' | 'pause' | 'resume'>;

/** Does one thing to several nodes, one after another, and shows the state that each is in then. */
function stepping(step: Step, summary: string, flags: readonly FlagSpec[] = []): OperationEntry {
  return operation({
    name: `node ${step}`,
    summary,
    examples: [`node ${step} n2`, `node ${step} n3 n4`],
    arguments: [nodesArgument],
    flags,
    capabilities:
      step === 'kill' || step === 'restart' ? ['kill and restart nodes'] : ['pause nodes'],
    run: async ({ context, given, says }) => {
      const { control } = context.target;
      const wanted = new Set(given.texts('NODE'));
      const cutsPower = given.has('power');
      const when = (given.flag('when') ?? null) as CrashMoment | null;
      if (cutsPower) checkCapable(context.target, 'node kill --power', ['cut the power of nodes']);
      if (when !== null)
        checkCapable(context.target, 'node kill --when', ['kill nodes at a moment']);
      const isSpecial = cutsPower || when !== null;
      for (const node of wanted) {
        says(`${step} ${node}`);
        await (isSpecial
          ? control.crash?.(node, cutsPower ? 'power' : 'kill', when)
          : control[step](node));
        if (step === 'resume' || step === 'restart') await forgetStopped(context.target, node);
      }
      const states = await control.states();
      const nodes = states.filter(({ node }) => wanted.has(node));
      return { cluster: context.spec.name, nodes };
    },
    page: ({ nodes }) => nodes.map(({ node, state }) => line(`${node} ${state}`)),
  });
}

/** Whoever stopped it, it runs again: that is no fault any more. */
async function forgetStopped(target: Target, node: NodeId): Promise<void> {
  const isIt = ({ effect }: ActiveFault): boolean =>
    effect.type === 'stopped' && effect.node === node;
  if (!target.faults().some(isIt)) return;
  await target.changeFaults((faults) => faults.filter((fault) => !isIt(fault)));
}

export const nodeKill = stepping(
  'kill',
  'Kill nodes at once, as a crash would; what they made durable stays.',
  [
    switchFlag('power', 'cut their power: what they have not synced may be gone (simulator)'),
    textFlag(
      'when',
      'MOMENT',
      'not yet but: sending, in the middle of what they send next; unsynced, right after they answer or send something while their disk lags behind (simulator)',
      { options: crashMoments },
    ),
  ],
);
export const nodeRestart = stepping(
  'restart',
  'Start nodes again, killing first those that run; they recover from their journals.',
);
export const nodePause = stepping(
  'pause',
  'Freeze nodes: they keep their connections and say nothing.',
);
export const nodeResume = stepping('resume', 'Let paused nodes go on where they stopped.');

const changeTimeout = timeoutFlag(
  '30s',
  'how long the cluster may take to agree on it, such as 30s',
);

const changeOptions = (call: OperationCall) => ({
  ...{ signal: call.context.signal, timeoutMs: timeoutOf(call) },
});

interface Change extends ChangeReport {
  readonly spec: TargetSpec;
  readonly done: 'added' | 'removed';
  /** Between other nodes, by the topology or on purpose. */
  readonly hasCuts: boolean;
}

const changeDocument = ({ spec, done, node, nodes, tookMs }: Change): unknown => ({
  ...{ cluster: spec.name, [done]: node, nodes, tookMs },
});

function changePage({ spec, done, node, nodes, tookMs, hasCuts }: Change): Page {
  const isApart = done === 'added' && hasCuts;
  return [
    line(`${node} ${done}`),
    remark(`${spec.name} has ${nodes.join(', ')}, after ${formatDuration(tookMs)}.`),
    ...(isApart
      ? [remark(`${node} is linked to all, across every cut; \`kvx fault break\` cuts links.`)]
      : []),
  ];
}

export const nodeAdd = operation<Change>({
  name: 'node add',
  summary: 'Start one more node in a running cluster (modes gossip, 2pc and paxos).',
  description:
    'Returns when it has caught up and is a member. If it surely can not become one it is taken away again; if that is not known (exit code 2), the same command again sees it through, and `node remove` undoes it. Whatever the topology, the new node is linked to all.',
  examples: ['node add', 'node add n7 --timeout 2m'],
  arguments: [
    argument('NODE', 'new node', 'its name; absent: the next of n1, n2, …', { optional: true }),
  ],
  flags: [changeTimeout],
  capabilities: ['add and remove nodes'],
  run: async (call) => {
    const { target, spec } = call.context;
    call.says('adding a node');
    const report = await target.addNode(call.given.text('NODE') ?? null, changeOptions(call));
    const hasCuts = target.rules().cuts.length > 0;
    return { spec, done: 'added', hasCuts, ...report };
  },
  json: changeDocument,
  page: changePage,
});

export const nodeRemove = operation<Change>({
  name: 'node remove',
  summary: 'Take a node out of a running cluster, dead or alive (modes gossip, 2pc and paxos).',
  description:
    'In mode gossip it first tells the others what it alone holds, and if it can not, nothing is removed (exit code 3). The others go on without it; then it is killed, and its data and log are removed. If it is not known whether the others have taken it out (exit code 2), the same command again sees it through.',
  examples: ['node remove n4', 'node remove n4 --keep'],
  arguments: [nodeArgument],
  flags: [
    changeTimeout,
    switchFlag('keep', 'keep its data and its log'),
    switchFlag('force', 'also when it can not hand over what it alone may hold', {
      typedOnly: true,
    }),
  ],
  capabilities: ['add and remove nodes'],
  run: async (call) => {
    const { context, given } = call;
    const { target, spec } = context;
    const keep = given.has('keep');
    if (keep) checkCapable(target, 'node remove --keep', ['keep the data of removed nodes']);
    const node = given.text('NODE') ?? '';
    call.says(`removing ${node}`);
    const options = { ...changeOptions(call), keep, force: given.has('force') };
    return { spec, done: 'removed', hasCuts: false, ...(await target.removeNode(node, options)) };
  },
  json: changeDocument,
  page: changePage,
});

export const nodeRejoin = operation({
  name: 'node rejoin',
  summary: 'Bring back a node that lost its data: as a new member that copies first.',
  description:
    'A node that can start with the data it has keeps them. Otherwise the others take it out, what is left of its data is put aside, and it copies from them before it serves, acknowledges or votes. If it is not known whether it is back (exit code 2), the same command again sees it through.',
  examples: ['node rejoin n2', 'node rejoin n2 --timeout 5m'],
  arguments: [nodeArgument],
  flags: [changeTimeout],
  capabilities: ['bring back nodes that lost their data'],
  run: async (call) => {
    const { target, spec } = call.context;
    const node = call.given.text('NODE') ?? '';
    call.says(`bringing back ${node}`);
    return { cluster: spec.name, ...(await target.rejoinNode(node, changeOptions(call))) };
  },
  page: ({ node, outcome, aside, tookMs }) =>
    outcome === 'kept'
      ? [line(`${node} runs with the data it has`)]
      : [
          line(`${node} rejoined`),
          ...(aside === null ? [] : [remark(`What was left of its data is in ${aside}.`)]),
          remark(`It has copied from the others, in ${formatDuration(tookMs)}.`),
        ],
});
