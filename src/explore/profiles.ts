/** The profiles of the modes that exist. Times are short, so that all that takes time happens within a second or two. */
import type { Millis, NodeId } from '../core/ids.js';
import { keyFromText } from '../core/key.js';
import type { Level } from '../core/operation.js';
import type { Random } from '../core/random.js';
import { type ModeProfile, profileOf } from '../protocols/catalog.js';
import { isAdded } from '../protocols/own/own-mode.js';
import { majorityOf, neededFor } from '../protocols/quorum/levels.js';
import type { QuorumOptions } from '../protocols/quorum/options.js';
import { type CoreCircumstances, drawSome, type Levels, type SwarmProfile } from './profile.js';

type Part = Omit<
  SwarmProfile,
  'transactions' | 'exactlyOnce' | 'sessions' | 'stabilizes' | 'atomicConditionals'
>;

const same = (levels: readonly (Level | null)[]): Levels => ({ read: levels, write: levels });

/** What holds of a mode that says nothing else. */
const usual = {
  levels: () => same([null]),
  restsOnHints: () => false,
  elects: false,
  conditions: (random: Random) => ({ reorder: random.chance(0.33) }),
  nodesMin: 3,
  holdMsMax: () => 1500,
  mayRot: () => true,
  copies: () => 0,
  keepsOneCopy: () => false,
  successShareMin: 0.5,
} satisfies Partial<SwarmProfile>;

const paxos: Part = {
  ...usual,
  elects: true,
  modeOptions(random, nodes) {
    const heartbeatMs = random.pick([25, 25, 50]);
    return {
      heartbeatMs,
      // So short that coordinators duel when messages straggle.
      suspicionMs: heartbeatMs * random.pick([4, 4, 6]),
      failRate: random.chance(0.25) ? 0.3 * random.next() : 0,
      priority: random.chance(0.3) ? drawSome(nodes, 0, random) : [],
    };
  },
  levels: (random) =>
    random.chance(0.7)
      ? same(['linearizable'])
      : { read: ['linearizable', 'leader', 'local', null], write: ['linearizable'] },
  core: (random, { nodes }) => drawSome(nodes, majorityOf(nodes.length), random),
  // With slow disks and links it takes a core long to elect somebody; one that never does answers nobody.
  successShareMin: 0.3,
  takeoverMs: 700,
};

/** The workers that hold all data, as the coordinator knows them; none while it is down. */
function poolOf(nodes: readonly NodeId[], view: CoreCircumstances['view']): readonly NodeId[] {
  const coordinator = view(nodes[0] as NodeId);
  return coordinator?.ownersOf(keyFromText('')) ?? [];
}

const twoPhaseCommit: Part = {
  ...usual,
  // So short that workers leave the pool and come back within a run, and that it shows in time who is in it.
  modeOptions: (random) => ({ voteTimeoutMs: random.pick([150, 150, 250]) }),
  nodesMin: 2,
  // The last worker of the pool has what nobody else has; which is the last, nobody knows before the others have left it.
  mayRot(node, { view, nodes }) {
    const pool = poolOf(nodes, view);
    return node !== nodes[0] && pool.length > 0 && !pool.includes(node);
  },
  core(random, { view, nodes }) {
    const [coordinator, ...workers] = nodes as [NodeId, ...NodeId[]];
    const pool = poolOf(nodes, view);
    const kept = pool[random.below(pool.length)];
    if (kept === undefined) return nodes;
    return [coordinator, ...workers.filter((node) => node === kept || random.chance(0.6))];
  },
  takeoverMs: 900,
  // A worker that was away has left the pool, and comes back.
  gathersMs: 300,
};

const quorumLevels: readonly Levels[] = [
  same(['quorum']),
  same(['quorum']),
  same(['linearizable']),
  same(['linearizable']),
  same(['one']),
  { read: ['one', 'quorum'], write: ['all'] },
  { read: ['one', 'quorum'], write: ['quorum', 'all'] },
  { read: ['one', 'quorum', 'all'], write: ['one', 'quorum'] },
  same(['one', 'two', 'quorum', 'all', 'linearizable']),
];

/** Longer than any run waits for replicas to agree: they compare what they hold when they start, and not again. */
const rareMs = 60_000;

const shortGraceOf = ({ graceMs }: Readonly<Record<string, unknown>>): Millis =>
  Math.min(300, Number(graceMs));

const neededAt = (level: Level | null, replicas: number): number =>
  level === null ? majorityOf(replicas) : neededFor(level, replicas);

const quorum: Part = {
  ...usual,
  modeOptions(random, nodes) {
    const lot = random.next();
    const [restsOnHints, hasHints] = [lot < 0.25, lot < 0.85];
    // So short that tombstones go while clients still ask.
    const isBrisk = random.chance(0.4);
    return {
      virtualNodes: 8,
      heartbeatMs: isBrisk ? 40 : 80,
      suspicionMs: restsOnHints ? rareMs : isBrisk ? 120 : 200,
      resendMs: 60,
      handoffMs: 60,
      antiEntropyMs: restsOnHints ? rareMs : 150,
      ...(hasHints ? {} : { hintsMax: 0 }),
      graceMs: isBrisk ? 200 : random.pick([300, 300, 1000]),
      // A coordinator that is no replica compares nothing: it has hints, or it has nothing.
      replicas: Math.min(nodes.length, random.pick(restsOnHints ? [2, 3] : [3, 3, 3, 2, 5])),
    };
  },
  levels: (random) => random.pick(quorumLevels),
  restsOnHints: ({ antiEntropyMs }) => antiEntropyMs === rareMs,
  // Both together less than the grace period: what the collection of tombstones counts on.
  conditions: (_, options) => ({ latencyMsMax: 0.3 * shortGraceOf(options) }),
  holdMsMax: (options) => 0.5 * shortGraceOf(options),
  copies: (level, options) => neededAt(level, (options as QuorumOptions).replicas),
  // What a read at level `one` shows need not be anywhere else.
  keepsOneCopy: ({ read, write }) => [...read, ...write].some((level) => level === 'one'),
  core(random, { nodes, options, levels }) {
    const { replicas } = options as QuorumOptions;
    const needed = [...levels.read, ...levels.write].map((level) => neededAt(level, replicas));
    const spare = replicas - Math.max(...needed);
    return drawSome(nodes, nodes.length - spare, random);
  },
  takeoverMs: 400,
};

const gossip: Part = {
  ...usual,
  modeOptions: (random) => ({
    intervalMs: random.pick([20, 40, 40, 80]),
    fanout: 1 + random.below(3),
  }),
  // No message is under way for longer than stabilize waits for a sign of life: that would be a broken link to it.
  conditions: (random) => ({ latencyMsMax: 150, reorder: random.chance(0.33) }),
  // Nothing is told to be stable while links hold messages.
  holdMsMax: () => 1000,
  keepsOneCopy: () => true,
  core: (random, { nodes }) => drawSome(nodes, 1, random),
  takeoverMs: 100,
};

const parts: Readonly<Partial<Record<string, Part>>> = {
  paxos,
  '2pc': twoPhaseCommit,
  quorum,
  gossip,
};

/** Of a mode of which nobody has told more than its profile says. */
function partOfOwn(mode: ModeProfile): Part {
  const { options, ...said } = isAdded(mode) ? mode.simulation : {};
  const { levels, defaultLevels, acknowledgedBy, copiesByItself, coordinatesAlone, membership } =
    mode;
  const mayRot = copiesByItself || membership !== null;
  const enoughOf = {
    'one node': () => 1,
    'a majority': majorityOf,
    'its level': (count: number) => count,
    'all in the pool': (count: number) => count,
  }[acknowledgedBy];
  return {
    ...usual,
    elects: mode.features.includes('leader or coordinator'),
    modeOptions: (random, nodes) => options?.(random, nodes) ?? {},
    levels: (random) =>
      levels.length === 1 || random.chance(0.7)
        ? same([null])
        : { read: [...levels, null], write: [defaultLevels.write] },
    immuneTo: [
      ...(membership === null ? (['add node', 'remove node'] as const) : []),
      ...(mayRot ? [] : (['rot'] as const)),
    ],
    mayRot: () => mayRot,
    keepsOneCopy: () => acknowledgedBy === 'one node',
    core(random, { nodes }) {
      const [first, ...others] = nodes as [NodeId, ...NodeId[]];
      const least = enoughOf(nodes.length);
      if (!coordinatesAlone) return drawSome(nodes, least, random);
      return [first, ...drawSome(others, least - 1, random)];
    },
    takeoverMs: 700,
    successShareMin: 0.3,
    ...said,
  };
}

export function swarmProfileOf(mode: string): SwarmProfile {
  const profile = profileOf(mode);
  const { features, exactlyOnce, sessions } = profile;
  return {
    ...(parts[profile.id] ?? partOfOwn(profile)),
    transactions: features.includes('transactions'),
    // Who can check and write several keys at once can do so with one.
    atomicConditionals: features.includes('transactions'),
    exactlyOnce,
    sessions,
    stabilizes: features.includes('stabilize'),
  };
}

/** For protocols that no registry names: nothing is asked of them but single keys, and of all nodes. */
export const plainProfile: SwarmProfile = {
  ...usual,
  modeOptions: () => ({}),
  conditions: () => ({}),
  atomicConditionals: false,
  transactions: false,
  exactlyOnce: false,
  sessions: null,
  stabilizes: false,
  mayRot: () => false,
  core: (_random, { nodes }) => nodes,
  takeoverMs: 400,
};
