/** Commands that break links and nodes, and mend them. */
import { type FailRate, ratesOf, toRate, tuneNodes } from '../../cli/fail-rates.js';
import { printStates } from '../../cli/node-steps.js';
import { printLinks } from '../../cli/show-links.js';
import { toNode } from '../../cli/values.js';
import type { ClusterControl } from '../../cluster/cluster.js';
import type { NodeId } from '../../core/ids.js';
import { type Direction, keepRules, type LinkRules } from '../../faults/link-rules.js';
import {
  breakLink,
  connectLink,
  heal,
  isolate,
  parseGroups,
  partition,
} from '../../faults/partition.js';
import { printJson, printLine } from '../../render/output.js';
import type { ScriptContext } from '../context.js';
import type { Outcome } from '../outcome.js';
import { type Action, type Call, done, textsOf } from './action.js';

/** What a change of links has to know. */
interface Linked {
  readonly nodes: readonly NodeId[];
  readonly unlinked: readonly Direction[];
  readonly isClient: (name: string) => boolean;
}

type Change = (rules: LinkRules, args: readonly string[], linked: Linked) => LinkRules;

/** Cuts between nodes are the nodes' own; those of clients the context keeps. */
function rulesOn({ target, clientCuts }: ScriptContext): LinkRules {
  const rules = target.rules();
  return { ...rules, cuts: [...rules.cuts, ...clientCuts] };
}

const changing =
  (change: Change): Action =>
  async (call) => {
    const { context } = call;
    const { spec, target } = context;
    const { nodes, unlinked = [] } = spec;
    const isClient = (name: string): boolean => context.clientNames.includes(name);
    const args = call.invocation.command.arguments.flatMap(({ name }) => textsOf(call, name));
    const rules = change(rulesOn(context), args, { nodes, unlinked, isClient });
    const isOfNodes = ({ from, to }: Direction): boolean =>
      nodes.includes(from) && nodes.includes(to);
    await target.setRules(keepRules(rules, isOfNodes));
    context.clientCuts = rules.cuts.filter((cut) => !isOfNodes(cut));
    return shownLinks(context);
  };

function shownLinks(context: ScriptContext, failRates?: readonly FailRate[]): Outcome {
  const { spec } = context;
  const rules = rulesOn(context);
  return done(({ json }) => printLinks(spec, rules, failRates ? { json, failRates } : { json }));
}

const list: Action = async ({ context }) => shownLinks(context, await ratesOf(tunable(context)));

const failRate: Action = async (call) => {
  const [rate = ''] = textsOf(call, 'RATE');
  const [node] = textsOf(call, 'NODE');
  const rates = await tuneNodes(tunable(call.context), node, toRate(rate));
  return done(({ json }) => {
    if (json) printJson({ cluster: call.context.spec.name, failRates: rates });
    else for (const { node: name, failRate: shown } of rates) printLine(`${name} ${shown}`);
  });
};

function tunable({ spec, target }: ScriptContext) {
  return { spec, control: target.control, endpoints: () => target.endpoints() };
}

type Step = Extract<keyof ClusterControl, 'kill' | 'restart' | 'pause' | 'resume'>;

const stepping =
  (step: Step): Action =>
  async (call) => {
    const { target, spec } = call.context;
    const nodes = namedNodes(call);
    for (const node of nodes) await target.control[step](node);
    const states = await target.control.states();
    const shown = states.filter(({ node }) => nodes.includes(node));
    return done((how) => printStates(spec.name, shown, how));
  };

function namedNodes(call: Call): NodeId[] {
  const { nodes } = call.context.spec;
  return [...new Set(textsOf(call, 'NODE').map((name) => toNode(name, nodes)))];
}

export const faultActions: ReadonlyMap<string, Action> = new Map([
  [
    'fault partition',
    changing((rules, [groups = ''], { nodes, unlinked }) =>
      partition(rules, parseGroups(groups, nodes), unlinked),
    ),
  ],
  ['fault isolate', changing((rules, [node = ''], { nodes }) => isolate(rules, node, nodes))],
  [
    'fault break',
    changing((rules, [a = '', b = ''], { nodes, isClient }) =>
      breakLink(rules, a, b, nodes, isClient),
    ),
  ],
  [
    'fault connect',
    changing((rules, [a = '', b = ''], { nodes, isClient }) =>
      connectLink(rules, a, b, nodes, isClient),
    ),
  ],
  ['fault heal', changing((rules, _, { unlinked }) => heal(rules, unlinked))],
  ['fault fail-rate', failRate],
  ['fault list', list],
  ['node kill', stepping('kill')],
  ['node restart', stepping('restart')],
  ['node pause', stepping('pause')],
  ['node resume', stepping('resume')],
]);
