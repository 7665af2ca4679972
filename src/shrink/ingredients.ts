/** What a failed run was made of, whoever did it and whenever: small scenarios are drawn from it. */

import { keyToText } from '../core/key.js';
import { guarantees } from '../core/session.js';
import type { SimulationReport } from '../explore/simulate.js';
import { profileOf } from '../protocols/catalog.js';
import type { SaidFlag, Sketch, SketchStep } from './sketch.js';
import { readerName } from './translate.js';

export interface Ingredients {
  readonly mode: string;
  /** How many nodes there were. */
  readonly nodes: number;
  /** Other flags of `cluster up`. */
  readonly up: readonly SaidFlag[];
  /** Kinds of reads and of writes, as often as they were asked. */
  readonly reads: readonly AskedKind[];
  readonly writes: readonly AskedKind[];
  readonly timeout: string | null;
  /** Of what sessions kept to; `null`: there were none. */
  readonly guarantees: string | null;
  /** Kinds of faults, each once, with NODE, LINK and SIDES in the place of names. */
  readonly faults: readonly (readonly string[])[];
  /** That the mode has. */
  readonly levels: readonly string[];
  /** Replicas have differed in the end. */
  readonly differs: boolean;
  /** Too few nodes held what somebody was told of: a scenario's clients have to find that out. */
  readonly isHidden: boolean;
  /** One was told of what too few nodes held. */
  readonly lacksCopies: boolean;
  /** Of several that lead by turns, nodes hold different things for good. */
  readonly hasRivals: boolean;
  /** What was acknowledged is gone in the end. */
  readonly losesWrites: boolean;
  /** What is asked for: where it lies depends on its name. */
  readonly key: string;
  /** What is left of it. */
  readonly sketch: Sketch;
  /** Its steps, in order of time. */
  readonly run: readonly SketchStep[];
  /** Types of messages between nodes. */
  readonly messages: readonly string[];
  /** Those that were sent most. */
  readonly busiest: readonly string[];
}

export interface AskedKind {
  readonly type: string;
  readonly level: string | null;
  /** Types of a transaction's steps. */
  readonly steps: readonly string[];
}

const busiestMax = 3;
const ofReplicas: ReadonlySet<string> = new Set(['agreement', 'convergence', 'lost write']);
/** Checks that judge what a session was shown. */
const ofSessions: ReadonlySet<string> = new Set(
  guarantees.flatMap((name) => [name, name.replaceAll('-', ' ')]),
);

/** `reduced`: what is left of it; `left`: as it fails. */
export function ingredientsOf(
  { up, steps, sessions }: Sketch,
  reduced: Sketch,
  { violations }: Pick<SimulationReport, 'violations'>,
  left: Pick<SimulationReport, 'violations' | 'facts'>,
): Ingredients {
  const said = (name: string) => up.find(([flag]) => flag === name)?.[1] ?? '';
  const asked = steps.filter(({ client }) => client !== null).map(askedIn);
  const broken = steps.filter(({ client }) => client === null).map(({ words }) => kindOf(words));
  const violates = (name: string) => violations.some(({ check }) => check === name);
  const key = left.violations.find((each) => each.key != null)?.key ?? null;
  const ownSteps = reduced.steps.filter(({ client }) => client !== readerName);
  const askedKey = ownSteps.filter(({ client }) => client !== null).map(named)[0] ?? null;
  const isOfSession = violations.some(({ check }) => ofSessions.has(check));
  const [session] = isOfSession ? sessions.values() : [];
  const sent = [...left.facts].flatMap(([name, count]): [type: string, count: number][] => {
    const type = /^sent: (.*)/.exec(name)?.[1];
    return type === undefined ? [] : [[type, count]];
  });
  return {
    mode: said('--mode'),
    nodes: Number(reduced.up.find(([flag]) => flag === '-n')?.[1]),
    up: up.filter(([flag]) => flag !== '--mode' && flag !== '-n'),
    reads: asked.filter(({ type }) => type === 'get'),
    writes: asked.filter(({ type }) => type !== 'get'),
    timeout: flagOf(steps.find(({ client }) => client !== null)?.flags ?? [], '--timeout'),
    guarantees: session === undefined ? null : flagOf(session, '--guarantees'),
    faults: [...new Map(broken.map((words) => [words.join(' '), words])).values()].filter(isFault),
    levels: profileOf(said('--mode')).levels,
    differs: violations.some(({ check }) => ofReplicas.has(check)),
    isHidden: violations.every(({ check }) => check === 'copies'),
    lacksCopies: violates('copies'),
    hasRivals:
      (violates('decision') || violates('agreement')) &&
      profileOf(said('--mode')).features.includes('leader or coordinator'),
    losesWrites: violates('lost write'),
    key: (key === null ? askedKey : keyToText(key)) ?? 'k',
    sketch: { ...reduced, steps: ownSteps },
    run: [...ownSteps].sort((a, b) => a.atMs - b.atMs),
    messages: sent.map(([type]) => type),
    busiest: [...sent]
      .sort(([, a], [, b]) => b - a)
      .slice(0, busiestMax)
      .map(([type]) => type),
  };
}

/** The key that it is about. */
export const named = ({ words, lines }: SketchStep): string | undefined =>
  words[1] ?? lines[0]?.split(' ')[1];

export const askedIn = ({ words, flags, lines }: SketchStep): AskedKind => ({
  type: words[0] as string,
  level: flagOf(flags, '--level'),
  steps: lines.map((line) => line.split(' ')[0] as string),
});

const flagOf = (flags: readonly SaidFlag[], name: string): string | null =>
  flags.find(([flag]) => flag === name)?.[1] ?? null;

const kindOf = (words: readonly string[]): string[] =>
  words.map((word) => {
    if (/^n\d+$/.test(word)) return 'NODE';
    if (/^n\d+>n\d+$/.test(word)) return 'LINK';
    return /^n[\d,n]+\/n[\d,n]+$/.test(word) ? 'SIDES' : word;
  });

/** Not what mends one. */
const isFault = ([topic, what]: readonly string[]): boolean =>
  what !== 'heal' && !(topic === 'node' && (what === 'restart' || what === 'resume'));
