/**
 * Nemeses (`faults/nemeses.ts`) in a simulated run. What each does next it draws from what the cluster is like then, in words of
 * operations; here these are faults as those of a swarm, so that they are counted, kept and left out as all others.
 */
import type { Millis, NodeId } from '../core/ids.js';
import { invariant } from '../core/invariant.js';
import type { Random } from '../core/random.js';
import type { Fault, FaultKind, FaultName } from '../faults/fault.js';
import { between, type LinkRules } from '../faults/link-rules.js';
import { directionsOf } from '../faults/link-words.js';
import {
  drawStep,
  type NemesisName,
  type NemesisStep,
  type NemesisView,
} from '../faults/nemeses.js';
import { bridge, cutsAcross, majorityRing, parseGroups } from '../faults/partition.js';

export interface NemesisPlan {
  readonly names: readonly NemesisName[];
  /** How often a fault begins. */
  readonly everyMs: Millis;
  /** No message is held back for longer. */
  readonly holdMsMax: Millis;
}

/** As a run of a second or so has room for some of them. */
export const nemesisEveryMs: readonly Millis[] = [80, 120, 200];

/** What their faults are called where a swarm draws them. */
export const nemesisFaultNames: Readonly<Record<NemesisName, FaultName>> = {
  halves: 'split',
  leader: 'isolation',
  bridge: 'split',
  ring: 'split',
  'one-way': 'one-way cut',
  flapping: 'flapping',
  lossy: 'loss',
  kills: 'kill',
  pauses: 'pause',
  clock: 'clock jump',
  'slow-node': 'delay',
  'slow-disk': 'slow disk',
  membership: 'add node',
};

/** One that is at work: says when asked which faults begin now. */
export class RunningNemesis {
  readonly #plan: NemesisPlan;
  readonly #random: Random;
  /** Until when what each has begun lasts. */
  readonly #on = new Map<NemesisName, Millis>();

  constructor(plan: NemesisPlan, random: Random) {
    this.#plan = plan;
    this.#random = random;
  }

  next(view: NemesisView, now: Millis): readonly Fault[] {
    const { names, everyMs } = this.#plan;
    const on = names.filter((name) => (this.#on.get(name) ?? 0) > now);
    const step = drawStep(this.#random, names, view, { on, everyMs });
    if (step === null) return [];
    this.#on.set(step.nemesis, now + step.forMs);
    return this.#faultsOf(step, view, now);
  }

  #faultsOf(step: NemesisStep, { nodes, newNode }: NemesisView, now: Millis): readonly Fault[] {
    const { nemesis, begin, end, forMs, pulses } = step;
    const drawn = { kind: nemesisFaultNames[nemesis] };
    const pulseMs = forMs / (2 * pulses - 1);
    const kinds = begin.map((words) => this.#kindOf(words, nodes));
    return Array.from({ length: pulses }, (_, nth) => now + 2 * nth * pulseMs).flatMap((atMs) => {
      const faults = kinds.map((kind) => ({ ...kind, drawn, atMs, forMs: pulseMs }));
      // A clock stays as it was set until it is set again, and a node stays a member.
      const back: FaultKind[] =
        nemesis === 'clock'
          ? end.map((words) => this.#kindOf(words, nodes))
          : nemesis === 'membership'
            ? [{ type: 'remove node', node: newNode }]
            : [];
      const after = back.map((kind) => ({ ...kind, drawn, atMs: atMs + pulseMs, forMs: 1 }));
      return [...faults, ...after];
    });
  }

  #kindOf(words: string, nodes: readonly NodeId[]): FaultKind {
    const [noun, verb, first = '', ...rest] = words.split(' ');
    const last = rest.at(-1) ?? '';
    const links = (rules: Partial<LinkRules>): FaultKind => ({ type: 'links', rules });
    const directions = () => directionsOf(first, (end) => nodes.includes(end));
    const { holdMsMax } = this.#plan;
    switch (`${noun} ${verb}`) {
      case 'fault partition':
        return links({ cuts: cutsAcross(parseGroups(first, nodes)) });
      case 'fault bridge':
        return links(bridge([], first, nodes).effect?.rules ?? {});
      case 'fault ring':
        return links(majorityRing([], nodes).effect?.rules ?? {});
      case 'fault cut':
        return links({ cuts: directions() });
      case 'fault break':
        return links({ cuts: between([first], [first, last]) });
      case 'fault drop':
        return links({
          losses: directions().map((each) => ({ ...each, chance: Number.parseFloat(last) / 100 })),
        });
      case 'fault delay': {
        // A link delays by twice the mean at most.
        const meanMs = Math.min(Number.parseFloat(last), holdMsMax / 2);
        return links({ delays: directions().map((each) => ({ ...each, meanMs })) });
      }
      case 'fault isolate':
        return { type: 'isolate', node: first };
      case 'fault clock': {
        const clock = { skewMs: Number.parseFloat(last), drift: 0, sinceMs: 0 };
        return { type: 'node', node: first, faults: { clock } };
      }
      case 'fault slow':
        return { type: 'node', node: first, faults: { turnDelayMs: Number.parseFloat(last) } };
      case 'fault disk':
        return {
          ...{ type: 'node', node: first },
          faults: { disk: { syncDelayMs: Number.parseFloat(last) } },
        };
      case 'node kill':
        return { type: 'crash', node: first, how: 'kill' };
      case 'node pause':
        return { type: 'pause', node: first };
      default:
        invariant(words.startsWith('node add '), `${words} is what a nemesis does`);
        return { type: 'add node' };
    }
  }
}
