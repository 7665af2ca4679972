/**
 * Draws faults. Swarm testing (Groce et al., ISSTA 2012): each run draws which kinds of fault are on at all, and how strong
 * they are. A run with only pauses and clock jumps goes where runs with a bit of everything never do.
 */
import { power } from '../core/alike.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Random } from '../core/random.js';
import type { NodeFaults } from './active.js';
import type { Fault, FaultName } from './fault.js';
import { between, type ChanceRule, type Direction, pairs } from './link-rules.js';
import { linksOf } from './topology.js';

export interface FaultPlan {
  readonly faults: readonly Fault[];
  /** How many of each were drawn. */
  readonly counts: ReadonlyMap<FaultName, number>;
}

export interface SwarmSetup {
  readonly nodes: readonly NodeId[];
  /** Faults begin within this time. */
  readonly durationMs: Millis;
  /** The kinds that may be drawn. */
  readonly kinds: readonly FaultName[];
  /** No message is held back for longer. */
  readonly holdMsMax: Millis;
  /** Those of them that are on in every run. */
  readonly always?: readonly FaultName[];
}

/** At most so many of one kind in a run. */
const countMax = 4;
/** Of faults that come one after the other, the longest time between two. */
const gapMsMax: Millis = 80;

/** Of the faults that hit one node so many hit the same one: what goes wrong with it adds up. */
interface Focus {
  readonly share: number;
  readonly node: NodeId;
}

/**
 * Draws a plan: each kind is on in every other run, up to {@link countMax} times. In some runs they come all at once, in others
 * one after the other: then each of them meets a cluster that works.
 */
export function drawFaults(random: Random, setup: SwarmSetup): FaultPlan {
  const drawn: { readonly kind: FaultName; readonly faults: readonly Fault[] }[] = [];
  const focus: Focus = { share: random.pick([0, 0, 0.8]), node: random.pick(setup.nodes) };
  for (const kind of setup.kinds) {
    const isOn = random.chance(0.5);
    if (!isOn && setup.always?.includes(kind) !== true) continue;
    // Who lost data copies from the others: two at a time could have lost the same.
    const count = kind === 'rot' || kind === 'takeovers' ? 1 : 1 + random.below(countMax);
    for (let nth = 0; nth < count; nth++) {
      const faults = drawFault(kind, random, setup, focus);
      const as = { kind };
      drawn.push({ kind, faults: faults.map((fault) => ({ ...fault, drawn: as })) });
    }
  }
  const planned = random.chance(0.5) ? inTurn(drawn, setup.durationMs, random) : drawn;
  const counts = new Map<FaultName, number>();
  for (const { kind } of planned) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return { faults: planned.flatMap(({ faults }) => faults), counts };
}

/** As many as find a place, each a while after the one before has ended. */
function inTurn<G extends { readonly faults: readonly Fault[] }>(
  groups: readonly G[],
  durationMs: Millis,
  random: Random,
): G[] {
  const beginOf = ({ faults }: G): Millis => Math.min(...faults.map(({ atMs }) => atMs));
  const placed: G[] = [];
  let free = 0;
  for (const group of [...groups].sort((a, b) => beginOf(a) - beginOf(b))) {
    const beginMs = free + gapMsMax * random.next();
    if (beginMs >= durationMs) break;
    const laterMs = beginMs - beginOf(group);
    const faults = group.faults.map((fault) => ({ ...fault, atMs: fault.atMs + laterMs }));
    placed.push({ ...group, faults });
    free = Math.max(...faults.map(({ atMs, forMs }) => atMs + forMs));
  }
  return placed;
}

function drawFault(kind: FaultName, random: Random, setup: SwarmSetup, focus: Focus): Fault[] {
  const { nodes, durationMs, holdMsMax } = setup;
  const span = {
    atMs: random.next() * durationMs,
    // Mostly short, now and then most of the run.
    forMs: 5 + (durationMs / 2) * power(random.next(), 3),
    whenBusy: random.chance(0.5),
  };
  // What concerns some directions only may last: the others go on.
  const lasting = { atMs: span.atMs, forMs: 5 + (durationMs / 2) * random.next() };
  const node = random.chance(focus.share) ? focus.node : random.pick(nodes);
  const atLeader = random.chance(0.4);
  const all = pairs(nodes, nodes);
  const drawStall = (stallMs: Millis): Fault => {
    const forMs = Math.min(stallMs, holdMsMax);
    return { ...span, type: 'stall', node, to: drawSide(nodes, random), atLeader, forMs };
  };
  const some = (chance: number): ChanceRule[] => {
    const directions = random.chance(0.5) ? all : drawSome(all, random);
    return directions.map((direction) => ({ ...direction, chance }));
  };
  switch (kind) {
    case 'kill':
    case 'power cut': {
      const how = kind === 'kill' ? 'kill' : 'power';
      return [{ ...span, type: 'crash', node, how, atLeader, isMidway: random.chance(0.5) }];
    }
    case 'untimely power cut':
      return [{ ...span, type: 'untimely power cut', node, atLeader }];
    case 'blackout':
      return nodes.map((each) => {
        const forMs = span.forMs * random.next();
        return { type: 'crash', node: each, how: 'power', atMs: span.atMs, forMs };
      });
    case 'pause':
      return [{ ...span, type: 'pause', node, atLeader }];
    case 'one-way cut':
      return [{ ...lasting, type: 'links', rules: { cuts: [random.pick(all)] } }];
    case 'isolation':
      return [{ ...span, type: 'isolate', node, atLeader }];
    case 'stall':
      return [drawStall(span.forMs)];
    case 'absence':
      return drawAbsence(random, span, node, drawStall);
    case 'split':
      return [{ ...span, type: 'links', rules: { cuts: between(drawSide(nodes, random), nodes) } }];
    case 'flapping':
      return drawFlaps(span.atMs, durationMs, all, random);
    case 'delay': {
      // Mostly short; a link delays by twice the mean at most.
      const meanMs = 1 + (holdMsMax / 2) * power(random.next(), holdMsMax > 500 ? 4 : 1.5);
      const delays = drawSome(all, random).map((direction) => ({ ...direction, meanMs }));
      return [{ ...lasting, type: 'links', rules: { delays } }];
    }
    case 'loss':
      return [{ ...span, type: 'links', rules: { losses: some(0.5 * random.next() ** 2) } }];
    case 'duplication':
      return [{ ...span, type: 'links', rules: { duplications: some(random.next()) } }];
    case 'stragglers': {
      const heldMsMax = holdMsMax * random.next() ** 2;
      const reorderings = some(0.3 * random.next()).map((rule) => ({ ...rule, heldMsMax }));
      return [{ ...span, type: 'links', rules: { reorderings } }];
    }
    case 'clock jump':
    case 'slow disk':
    case 'failing syncs':
    case 'full disk':
      return [{ ...span, type: 'node', node, faults: drawNodeFaults(kind, random) }];
    case 'rot':
      return [{ ...span, type: 'rot', node }];
    case 'add node':
      return [{ ...span, type: kind }];
    case 'remove node':
      return [{ ...span, type: kind, node }];
    case 'takeovers':
      return drawTakeovers(random, setup, node);
  }
}

function drawNodeFaults(
  kind: 'clock jump' | 'slow disk' | 'failing syncs' | 'full disk',
  random: Random,
): Partial<NodeFaults> {
  switch (kind) {
    case 'clock jump':
      // Up to ten seconds ahead or behind, mostly by far less.
      return { clock: { skewMs: 10_000 * cubeOf(2 * random.next() - 1), drift: 0, sinceMs: 0 } };
    case 'slow disk':
      return { disk: { syncDelayMs: 500 * power(random.next(), 3) } };
    case 'failing syncs':
      return { disk: { failsSyncs: true } };
    case 'full disk':
      return { disk: { roomBytes: random.below(2048) } };
  }
}

/** A node is stopped for long enough to be replaced, if it leads. */
function drawAbsence(
  random: Random,
  span: Pick<Fault, 'atMs' | 'whenBusy'>,
  node: NodeId,
  drawStall: (forMs: Millis) => Fault,
): Fault[] {
  const atLeader = random.chance(0.7);
  const forMs = 150 + 350 * random.next();
  if (random.chance(0.6)) {
    // Meanwhile some hear late of what it had just said.
    const stall = drawStall(forMs * (0.5 + 0.5 * random.next()));
    const atMs = span.atMs + 40 * random.next();
    return [
      { ...stall, atLeader, whenBusy: false },
      { type: 'pause', node, atLeader, atMs, forMs, whenBusy: true },
    ];
  }
  // When it goes on it does not hear of it at once.
  const isolated = { ...span, type: 'isolate', node, atLeader, forMs: 2 * forMs } as const;
  return [isolated, { ...isolated, type: 'pause', forMs }];
}

/**
 * Two to four leaders, one after the other. The first is cut off with what only it has accepted; the next goes on to have
 * commands accepted and hears so, but nobody hears of it any more; then the first may be back, and tell whoever leads then.
 */
function drawTakeovers(random: Random, setup: SwarmSetup, node: NodeId): Fault[] {
  const { nodes: to, durationMs, holdMsMax } = setup;
  const atMs = (durationMs / 2) * random.next();
  return Array.from({ length: 2 + random.below(3) }, (_, nth) => {
    const forMs = Math.min(150 + 250 * random.next(), holdMsMax);
    const shared = { node, atNextLeader: true, whenBusy: true, atMs: atMs + nth, forMs };
    return nth % 2 === 0 ? { ...shared, type: 'isolate' } : { ...shared, type: 'stall', to };
  });
}

/**
 * Many brief cuts of changing directions, one after the other. They leave writes on some replicas and not on others,
 * again and again, which is when reads go wrong.
 */
function drawFlaps(
  beginMs: Millis,
  durationMs: Millis,
  all: readonly Direction[],
  random: Random,
): Fault[] {
  const meanMs = 5 + 50 * random.next();
  const endMs = Math.min(durationMs, beginMs + durationMs / 3);
  const flaps: Fault[] = [];
  for (let atMs = beginMs; atMs < endMs; ) {
    const forMs = 2 * meanMs * random.next();
    flaps.push({ type: 'links', rules: { cuts: drawSome(all, random) }, atMs, forMs });
    atMs += forMs + 0.2 * meanMs * random.next();
  }
  return flaps;
}

/** Some of the nodes, not all and not none. */
function drawSide(nodes: readonly NodeId[], random: Random): NodeId[] {
  const shuffled = [...nodes];
  for (let at = shuffled.length - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [shuffled[at], shuffled[other]] = [shuffled[other] as NodeId, shuffled[at] as NodeId];
  }
  return shuffled.slice(0, 1 + random.below(nodes.length - 1));
}

function drawSome<T>(items: readonly T[], random: Random): T[] {
  const share = random.next();
  const some = items.filter(() => random.chance(share));
  return some.length > 0 ? some : [random.pick(items)];
}

/** Breaks a random share of the links, both ways: anything from a full graph over lines and trees to lone nodes. */
export function drawBroken(nodes: readonly NodeId[], random: Random): Direction[] {
  const share = random.next();
  return linksOf('full', nodes).flatMap(([from, to]) =>
    random.chance(share) ? between([from], [from, to]) : [],
  );
}

const cubeOf = (x: number): number => Math.sign(x) * power(Math.abs(x), 3);
