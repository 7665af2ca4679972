/**
 * Nemeses, as Jepsen calls who breaks a cluster while clients use it: each draws its next fault from a seeded random and from
 * what the cluster is like now, in words of operations that a person could type.
 */

import { power } from '../core/alike.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Random } from '../core/random.js';
import { unknownWord } from '../core/suggest.js';
import type { FaultEffect } from './active.js';

export const nemesisNames = [
  ...(['halves', 'leader', 'bridge', 'ring', 'one-way', 'flapping', 'lossy'] as const),
  ...(['kills', 'pauses', 'clock', 'slow-node', 'slow-disk', 'membership'] as const),
] as const;
export type NemesisName = (typeof nemesisNames)[number];
/** All of them that the mode and the target have. */
export const everything = 'everything';
/** How often a fault begins unless it is said. */
export const everyDefault = '5s';

/** What a nemesis knows of the cluster that it is about to break. */
export interface NemesisView {
  /** The members now. */
  readonly nodes: readonly NodeId[];
  /** Those of them that neither are dead nor paused. */
  readonly running: readonly NodeId[];
  /** Who leads or coordinates; `null`: nobody does, as far as is known. */
  readonly leader: NodeId | null;
  /** What the next node would be called. */
  readonly newNode: NodeId;
}

/** One fault, from its begin to its end. */
export interface NemesisStep {
  readonly nemesis: NemesisName;
  /** The operations that make it, one after the other. */
  readonly begin: readonly string[];
  /** Those that undo it in a script, where no other fault of the same kind is on. */
  readonly end: readonly string[];
  readonly forMs: Millis;
  /** Within that time it is on so many times, and off between. */
  readonly pulses: number;
  /** Of a step whose operations do not write down by themselves what they do to the cluster. */
  readonly effect: FaultEffect | null;
}

type Drawn = Pick<NemesisStep, 'begin' | 'end'> & Partial<NemesisStep>;

interface Nemesis {
  readonly summary: string;
  /** The operations that it is made of. */
  readonly uses: readonly string[];
  /** What the mode must have. */
  readonly feature?: 'changes of membership' | 'leader or coordinator';
  /** Two of one kind are never on at the same time: one would undo a part of the other. */
  readonly kind: 'cuts' | 'loss' | 'kill' | 'pause' | 'clock' | 'slow' | 'disk' | 'membership';
  /** `null`: there is nothing now that it could break. */
  draw(random: Random, view: NemesisView): Drawn | null;
}

const healing = (word: string): string => `fault heal ${word}`;

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const left = [...items];
  return items.map(() => left.splice(random.below(left.length), 1)[0] as T);
}

/** The cluster's order, whatever order they were drawn in. */
const inOrder = (nodes: readonly NodeId[], among: readonly NodeId[]): string =>
  nodes.filter((node) => among.includes(node)).join();

/** Of a cluster with nodes enough to tell two of them apart. */
const ofTwo =
  (draw: (random: Random, a: NodeId, b: NodeId) => Drawn): Nemesis['draw'] =>
  (random, { nodes }) => {
    const [a, b] = shuffled(random, nodes);
    return a === undefined || b === undefined ? null : draw(random, a, b);
  };

const ofRunning =
  (draw: (random: Random, node: NodeId) => Drawn): Nemesis['draw'] =>
  (random, { running }) =>
    running.length === 0 ? null : draw(random, random.pick(running));

export const nemeses: Readonly<Record<NemesisName, Nemesis>> = {
  halves: {
    summary: 'cut the nodes into two halves, drawn anew each time',
    ...{ uses: ['fault partition'], kind: 'cuts' },
    draw: (random, { nodes }) => {
      if (nodes.length < 2) return null;
      const size = Math.floor(nodes.length / 2) + (random.chance(0.5) ? nodes.length % 2 : 0);
      const side = shuffled(random, nodes).slice(0, size);
      const others = nodes.filter((node) => !side.includes(node));
      const groups = `${inOrder(nodes, side)}/${inOrder(nodes, others)}`;
      return { begin: [`fault partition ${groups}`], end: [healing('partition')] };
    },
  },
  leader: {
    summary: 'cut whoever leads or coordinates off from the others',
    ...{ uses: ['fault isolate'], feature: 'leader or coordinator', kind: 'cuts' },
    draw: (_, { leader, nodes }) =>
      leader === null || nodes.length < 2
        ? null
        : { begin: [`fault isolate ${leader}`], end: [healing('isolate')] },
  },
  bridge: {
    summary: 'two halves that only one node between them sees both of',
    ...{ uses: ['fault bridge'], kind: 'cuts' },
    draw: (random, { nodes }) =>
      nodes.length < 3
        ? null
        : { begin: [`fault bridge ${random.pick(nodes)}`], end: [healing('bridge')] },
  },
  ring: {
    summary: 'every node sees a majority, and no two the same one',
    ...{ uses: ['fault ring'], kind: 'cuts' },
    draw: (_, { nodes }) =>
      nodes.length < 4 ? null : { begin: ['fault ring'], end: [healing('ring')] },
  },
  'one-way': {
    summary: 'cut one direction between two nodes',
    ...{ uses: ['fault cut'], kind: 'cuts' },
    draw: ofTwo((_, a, b) => ({ begin: [`fault cut ${a}>${b}`], end: [healing('cut')] })),
  },
  flapping: {
    summary: 'cut and mend a link again and again',
    ...{ uses: ['fault break'], kind: 'cuts' },
    draw: ofTwo((random, a, b) => ({
      begin: [`fault break ${a} ${b}`],
      end: [healing('break')],
      pulses: 3 + random.below(6),
    })),
  },
  lossy: {
    summary: 'lose some of what one link carries, and delay the rest',
    ...{ uses: ['fault drop', 'fault delay'], kind: 'loss' },
    draw: ofTwo((random, a, b) => ({
      begin: [
        `fault drop ${a}-${b} ${5 * (1 + random.below(10))}%`,
        `fault delay ${a}-${b} ${5 * (1 + random.below(20))}ms`,
      ],
      end: [healing('drop'), healing('delay')],
    })),
  },
  kills: {
    summary: 'kill a node and start it again, one after another',
    ...{ uses: ['node kill', 'node restart'], kind: 'kill' },
    draw: ofRunning((_, node) => ({
      begin: [`node kill ${node}`],
      end: [`node restart ${node}`],
      effect: { type: 'stopped', node, how: 'killed' },
    })),
  },
  pauses: {
    summary: 'freeze a node and let it go on',
    ...{ uses: ['node pause', 'node resume'], kind: 'pause' },
    draw: ofRunning((_, node) => ({
      begin: [`node pause ${node}`],
      end: [`node resume ${node}`],
      effect: { type: 'stopped', node, how: 'paused' },
    })),
  },
  clock: {
    summary: 'strobe a wall clock: it jumps away and back again and again',
    ...{ uses: ['fault clock'], kind: 'clock' },
    draw: ofRunning((random, node) => {
      const sign = random.chance(0.5) ? '+' : '-';
      const skewMs = Math.round(power(10, 1 + 3 * random.next()));
      const begin = [`fault clock ${node} ${sign}${skewMs}ms`];
      return { begin, end: [`fault clock ${node} 0`], pulses: 1 + random.below(8) };
    }),
  },
  'slow-node': {
    summary: 'let every turn of a node begin late',
    ...{ uses: ['fault slow'], kind: 'slow' },
    draw: ofRunning((random, node) => ({
      begin: [`fault slow ${node} ${5 * (1 + random.below(20))}ms`],
      end: [`fault slow ${node} 0`],
    })),
  },
  'slow-disk': {
    summary: 'make every sync of a node take long',
    ...{ uses: ['fault disk'], kind: 'disk' },
    draw: ofRunning((random, node) => ({
      begin: [`fault disk ${node} slow ${10 * (1 + random.below(30))}ms`],
      end: [`fault disk ${node} ok`],
    })),
  },
  membership: {
    summary: 'add a node, and remove it later',
    ...{ uses: ['node add', 'node remove'], feature: 'changes of membership', kind: 'membership' },
    draw: (_, { newNode: node }) => ({
      begin: [`node add ${node} --timeout=5s`],
      end: [`node remove ${node} --timeout=5s`],
      effect: { type: 'added', node },
    }),
  },
};

/** What may be named, and what it does. */
export const nemesisSummaries: readonly (readonly [string, string])[] = [
  ...nemesisNames.map((name) => [name, nemeses[name].summary] as const),
  [everything, 'all of these that the mode and the runtime have, some at the same time'],
];

/** Throws a definite `bad-request` with those that there are. */
export function checkNemesis(text: string): void {
  const names = nemesisSummaries.map(([name]) => name);
  if (names.includes(text)) return;
  const hint = `There are ${names.join(', ')}: see \`kvx fault nemesis --list\`.`;
  throw unknownWord('there is no nemesis', text, names, hint);
}

/**
 * The next fault, of one of these nemeses that has something to break and whose kind is not on yet; `null`: there is none.
 * Faults of several nemeses may last beyond the begin of the next one.
 */
export function drawStep(
  random: Random,
  names: readonly NemesisName[],
  view: NemesisView,
  { on, everyMs }: { readonly on: readonly NemesisName[]; readonly everyMs: Millis },
): NemesisStep | null {
  const kinds = new Set(on.map((name) => nemeses[name].kind));
  for (const nemesis of shuffled(random, names)) {
    if (kinds.has(nemeses[nemesis].kind)) continue;
    const drawn = nemeses[nemesis].draw(random, view);
    if (drawn === null) continue;
    const forMs = Math.ceil(everyMs * (0.3 + (names.length > 1 ? 1.2 : 0.5) * random.next()));
    return { pulses: 1, effect: null, ...drawn, nemesis, forMs };
  }
  return null;
}
