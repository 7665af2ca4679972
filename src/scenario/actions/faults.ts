/** Commands that break links and nodes, and mend them. */
import { type FailRate, ratesOf, toRate, tuneNodes } from '../../cli/fail-rates.js';
import { printStates } from '../../cli/node-steps.js';
import { printLinks } from '../../cli/show-links.js';
import { toNode } from '../../cli/values.js';
import type { ClusterControl } from '../../cluster/cluster.js';
import type { NodeId } from '../../core/ids.js';
import {
  breakLink,
  connectLink,
  heal,
  isolate,
  parseGroups,
  partition,
} from '../../faults/partition.js';
import { printJson, printLine } from '../../render/output.js';
import type { Direction, LinkRules } from '../../runtime/links/filter.js';
import type { Stage } from '../context.js';
import type { Outcome } from '../outcome.js';
import { type Action, type Call, done, textsOf } from './action.js';

/** What a change of links has to know. */
interface Linked {
  readonly nodes: readonly NodeId[];
  readonly unlinked: readonly Direction[];
  readonly isClient: (name: string) => boolean;
}

type Change = (rules: LinkRules, args: readonly string[], linked: Linked) => LinkRules;

/** Cuts between nodes are the nodes' own; those of clients the stage keeps. */
function rulesOn({ arena, clientCuts }: Stage): LinkRules {
  const rules = arena.rules();
  return { ...rules, cuts: [...rules.cuts, ...clientCuts] };
}

const changing =
  (change: Change): Action =>
  async (call) => {
    const { stage } = call;
    const { spec, arena } = stage;
    const { nodes, unlinked = [] } = spec;
    const isClient = (name: string): boolean => stage.speakerNames.includes(name);
    const args = call.invocation.command.arguments.flatMap(({ name }) => textsOf(call, name));
    const { cuts, delays } = change(rulesOn(stage), args, { nodes, unlinked, isClient });
    const isOfNodes = ({ from, to }: Direction): boolean =>
      nodes.includes(from) && nodes.includes(to);
    await arena.setRules({ cuts: cuts.filter(isOfNodes), delays });
    stage.clientCuts = cuts.filter((cut) => !isOfNodes(cut));
    return shownLinks(stage);
  };

function shownLinks(stage: Stage, failRates?: readonly FailRate[]): Outcome {
  const { spec } = stage;
  const rules = rulesOn(stage);
  return done(({ json }) => printLinks(spec, rules, failRates ? { json, failRates } : { json }));
}

const list: Action = async ({ stage }) => shownLinks(stage, await ratesOf(tunable(stage)));

const failRate: Action = async (call) => {
  const [rate = ''] = textsOf(call, 'RATE');
  const [node] = textsOf(call, 'NODE');
  const rates = await tuneNodes(tunable(call.stage), node, toRate(rate));
  return done(({ json }) => {
    if (json) printJson({ cluster: call.stage.spec.name, failRates: rates });
    else for (const { node: name, failRate: shown } of rates) printLine(`${name} ${shown}`);
  });
};

function tunable({ spec, arena }: Stage) {
  return { spec, control: arena.control, doors: () => arena.doors() };
}

type Step = Extract<keyof ClusterControl, 'kill' | 'restart' | 'pause' | 'resume'>;

const stepping =
  (step: Step): Action =>
  async (call) => {
    const { arena, spec } = call.stage;
    const nodes = namedNodes(call);
    for (const node of nodes) await arena.control[step](node);
    const states = await arena.control.states();
    const shown = states.filter(({ node }) => nodes.includes(node));
    return done((how) => printStates(spec.name, shown, how));
  };

function namedNodes(call: Call): NodeId[] {
  const { nodes } = call.stage.spec;
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
