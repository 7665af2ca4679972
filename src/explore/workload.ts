import type { Millis } from '../core/ids.js';
import type { Level } from '../core/operation.js';
import type { Random } from '../core/random.js';
import { defaultGuarantees, type Guarantee, guarantees } from '../core/session.js';
import type { Mix, OperationSpec } from '../workload/generator.js';
import type { SwarmProfile } from './profile.js';

/** What the simulated clients do. */
export interface Workload extends OperationSpec {
  readonly clients: number;
  /** Mean pause of a client between an answer and its next operation. */
  readonly thinkMsMean: Millis;
  /** Clients ask together, at multiples of this; 0: each when it likes. */
  readonly burstMs: Millis;
  /** What the node is told. */
  readonly requestTimeoutMs: Millis;
  /** When the client gives up, further attempts included. */
  readonly clientTimeoutMs: Millis;
  /** Each read, and each write, draws one; `null`: the cluster's own. */
  readonly readLevels: readonly (Level | null)[];
  readonly writeLevels: readonly (Level | null)[];
  /** Probability that an operation goes to another node than its client's own. */
  readonly roaming: number;
  /** Probability that a client looks at the key once more that it has just asked for, through any node. */
  readonly rereading: number;
  /** What clients' sessions promise; `null`: they keep none. */
  readonly sessions: readonly Guarantee[] | null;
  /** Clients number their commands, and ask again what is in doubt. */
  readonly exactlyOnce: boolean;
}

/** A workload like no other: few clients or many, hot keys or cold. About as many operations whatever is drawn. */
export function drawWorkload(random: Random, profile: SwarmProfile): Workload {
  const clients = 2 + random.below(7);
  const levels = profile.levels(random);
  const rereading = random.pick([0, 0, 0.3, 0.6]);
  const exactlyOnce = random.chance(0.5) && profile.exactlyOnce;
  return {
    clients,
    keys: {
      prefix: 'k',
      first: 0,
      // Of many keys most were written once, and last while some fault was on.
      count: random.chance(0.2) ? 30 : 1 + random.below(8),
      skew: 1 + 3 * random.next() ** 2,
    },
    thinkMsMean: (clients * (2 + 10 * random.next() ** 2)) / (1 - rereading),
    burstMs: random.pick([0, 5, 10, 25]),
    requestTimeoutMs: 400,
    clientTimeoutMs: exactlyOnce ? random.pick([450, 900, 1500]) : random.pick([100, 450, 600]),
    mix: drawMix(random, profile),
    readLevels: levels.read,
    writeLevels: levels.write,
    roaming: random.next() ** 2,
    rereading,
    sessions: drawSessions(random, profile),
    exactlyOnce,
    valueBytes: 12 + random.below(120),
  };
}

function drawMix(random: Random, { transactions }: SwarmProfile): Mix {
  // Every other run has conditional writes and deletes only now and then, or deletes galore.
  const conditional = random.pick([1, 1, 4]);
  const deleting = random.pick([0, 1, 2, 5]);
  const mix = {
    get: 8,
    put: 6,
    delete: deleting,
    insert: conditional,
    update: 1,
    cas: conditional,
  };
  if (!(random.chance(0.5) && transactions)) return mix;
  const share = () => random.below(10);
  return {
    ...mix,
    delete: Math.min(deleting, 1),
    transfer: 1 + share(),
    append: share(),
    registers: 1 + share(),
  };
}

function drawSessions(random: Random, { sessions }: SwarmProfile): readonly Guarantee[] | null {
  const wanted = random.chance(0.6);
  if (!wanted || sessions === null) return null;
  return sessions.ordersWrites ? guarantees : defaultGuarantees;
}
