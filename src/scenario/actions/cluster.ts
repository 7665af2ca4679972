/** Commands about the cluster as a whole, and those that need none. */
import { printChange } from '../../cli/change-nodes.js';
import { askNodes } from '../../cli/status.js';
import { printStatus } from '../../cli/status-report.js';
import { printNodes } from '../../cli/up-report.js';
import { toDuration, toNode } from '../../cli/values.js';
import { formatDuration } from '../../config/duration.js';
import type { ClusterSpec } from '../../config/spec.js';
import { KvxError } from '../../core/errors.js';
import { invariant } from '../../core/invariant.js';
import { note, printJson, printLine } from '../../render/output.js';
import type { ScriptContext } from '../context.js';
import type { Outcome } from '../outcome.js';
import { type Action, done, textsOf } from './action.js';

const up: Action = async ({ invocation, context }) => {
  const { spec, flags } = invocation;
  invariant(spec !== null, 'the parser has read which cluster');
  return startCluster(context, spec, flags.has('fresh'));
};

/** Starts the script's cluster, and tells what `cluster up` tells. */
export async function startCluster(
  context: ScriptContext,
  wanted: ClusterSpec,
  fresh: boolean,
): Promise<Outcome> {
  const { target } = context;
  const report = await target.up(wanted, { fresh });
  if (report.outcome === 'created') context.forgetCluster();
  const { name, mode } = target.spec ?? wanted;
  const { outcome, nodes, tookMs, notes } = report;
  return done(({ json }) => {
    if (json) {
      const { runtime } = target;
      printJson({ cluster: name, mode, runtime, outcome, nodes, tookMs, notes });
      return;
    }
    for (const line of notes) note(line);
    printNodes(nodes);
  });
}

const down: Action = async ({ context }) => {
  const { name } = context.spec;
  const begin = context.target.timing.now();
  await context.target.down();
  const tookMs = context.target.timing.now() - begin;
  return done(({ json }) => {
    if (json) printJson({ clusters: [{ cluster: name, wasUp: true, wiped: false, tookMs }] });
    else printLine(`${name}: stopped in ${formatDuration(tookMs)}`);
  });
};

const status: Action = async ({ context }) => {
  const { target, spec } = context;
  const states = await target.control.states();
  const nodes = await askNodes(states, target.rules(), target.endpoints(), spec.unlinked);
  return done((how) => printStatus({ ...spec, runtime: target.runtime }, nodes, how));
};

const add: Action = async (call) => {
  const [name] = textsOf(call, 'NODE');
  return changed(call.context, 'added', () => call.context.target.addNode(name));
};

const remove: Action = async (call) => {
  const [name = ''] = textsOf(call, 'NODE');
  const { target, spec } = call.context;
  const node = toNode(name, spec.nodes);
  return changed(call.context, 'removed', async () => {
    await target.removeNode(node, call.invocation.flags.has('force'));
    return node;
  });
};

async function changed(
  context: ScriptContext,
  what: 'added' | 'removed',
  change: () => Promise<string>,
): Promise<Outcome> {
  const { timing } = context.target;
  const begin = timing.now();
  const node = await change();
  const tookMs = timing.now() - begin;
  const { nodes } = context.spec;
  return done((how) => printChange({ record: context.spec }, what, { node, nodes, tookMs }, how));
}

const wait: Action = async (call) => {
  const [time = ''] = textsOf(call, 'TIME');
  const { target, signal } = call.context;
  await target.timing.sleep(toDuration(time, 'TIME'), signal);
  if (signal.aborted) throw new KvxError('interrupted', { code: 'interrupted', definite: true });
  return done(() => {});
};

const echo: Action = async (call) => {
  const text = textsOf(call, 'TEXT').join(' ');
  return done(({ json }) => (json ? printJson(text) : printLine(text)));
};

export const clusterActions: ReadonlyMap<string, Action> = new Map([
  ['cluster up', up],
  ['cluster down', down],
  ['cluster status', status],
  ['node add', add],
  ['node remove', remove],
  ['wait', wait],
  ['echo', echo],
]);
