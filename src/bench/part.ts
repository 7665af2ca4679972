/** One part of a load: its share of the clients, in this thread. */
import { Client, type ClientOptions } from '../client/client.js';
import type { ClientLinks } from '../client/client-links.js';
import { Connections } from '../client/connections.js';
import type { Endpoint, Timing } from '../client/endpoint.js';
import type { OperationOptions } from '../client/pending-operation.js';
import { KvxError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import type { Level } from '../core/operation.js';
import { SeededRandom } from '../core/random.js';
import type { Recorder } from '../history/recorder/recorder.js';
import {
  fillOf,
  markOf,
  multiset,
  OperationGenerator,
  type OperationSpec,
  type Part,
  rapidset,
} from '../workload/generator.js';
import { Load, type LoadEnd, type LoadOptions } from './load.js';
import { PhasedTally, type TallyNews } from './phased-tally.js';
import type { BenchPlan } from './plan.js';
import { Tally } from './tally.js';

/** What a part may know wherever it is: a thread is told it as it is. */
export interface PartPlan {
  readonly plan: BenchPlan;
  readonly part: Part;
  /** `null`: the cluster's own. */
  readonly level: Level | null;
  /** For one operation, or one attempt of those that are tried again. */
  readonly timeoutMs: Millis;
  /** Of the keys that are drawn. */
  readonly keyPrefix: string;
}

export interface PartSetup extends PartPlan {
  readonly timing: Timing;
  /** The nodes to ask now; called for every operation. */
  readonly endpoints: () => readonly Endpoint[];
  /** Around `endpoints`: see {@link ClientOptions}. */
  readonly links: ClientLinks | null;
  readonly recorder: Recorder | null;
  /** Ends it at once. */
  readonly signal: AbortSignal;
  /** How busy this thread was since the function was called before, from 0 to 1. */
  readonly busyShare: () => number;
}

export interface PartEnd extends LoadEnd {
  /** Of the time of its thread, at most. */
  readonly busyShare: number;
}

/** Here or elsewhere. */
export interface LoadPart {
  /**
   * Connects, fills and warms up. Rejects with a definite `unavailable` when no node can be reached, and with what ended the
   * filling.
   */
  prepare(): Promise<void>;
  run(): Promise<PartEnd>;
  /** From now on another phase, see {@link PhasedTally}. */
  begin(phase: number, isFault: boolean): void;
  take(): Promise<TallyNews>;
  /** It asks nothing new. */
  stop(): void;
  close(): void;
}

/** How long that is tried again which must not fail. */
export const insistMs: Millis = 30_000;
/** A node that is gone is not looked for more often, however many ask. */
const reconnectMs: Millis = 100;

export class LocalPart implements LoadPart {
  readonly #setup: PartSetup;
  readonly #connections: Connections;
  readonly #clients: readonly Client[];
  readonly #spec: OperationSpec;
  readonly #generator: OperationGenerator;
  #tally: PhasedTally | null = null;
  #load: Load | null = null;
  #isOver = false;

  constructor(setup: PartSetup) {
    const { plan, part, keyPrefix } = setup;
    this.#setup = setup;
    this.#connections = new Connections(setup.timing, reconnectMs);
    this.#clients = clientsOf(setup, this.#connections);
    this.#spec = specOf(plan, keyPrefix);
    const random = new SeededRandom(plan.seed + part.index * 2 ** 32);
    this.#generator = new OperationGenerator(this.#spec, markOf(plan.seed), random, part);
  }

  async prepare(): Promise<void> {
    const { endpoints, plan, part, timeoutMs } = this.#setup;
    await this.#connections.openAny(endpoints(), timeoutMs);
    if (plan.fills) {
      // No value of theirs is one of the load's.
      const [mark, random] = [markOf(plan.seed + 1), new SeededRandom(plan.seed)];
      const source = new OperationGenerator(fillOf(this.#spec), mark, random, part);
      const operationsMax = shareOf(plan.keyCount, part);
      const workload = () => source.next();
      await this.#before({ operationsMax, workload, endsOnFailure: true, options: insisting });
    }
    if (plan.warmUpMs > 0) await this.#before({ durationMs: plan.warmUpMs });
  }

  async run(): Promise<PartEnd> {
    const { plan, part, timing, busyShare } = this.#setup;
    const { rate, operationsMax, durationMs } = plan;
    const tally = new PhasedTally(timing.now());
    this.#tally = tally;
    const everyMs = rate === null ? 0 : 1000 / rate;
    const pace =
      rate === null ? null : { firstMs: part.index * everyMs, everyMs: part.count * everyMs };
    const load = this.#loadOf({
      ...{ tally, operationsMax: shareOf(operationsMax, part), durationMs, pace },
      endsOnFailure: insists(plan),
    });
    this.#load = load;
    busyShare();
    const end = await load.run();
    this.#isOver = true;
    return { ...end, busyShare: busyShare() };
  }

  begin(phase: number, isFault: boolean): void {
    this.#tally?.begin(phase, isFault, this.#setup.timing.now());
  }

  async take(): Promise<TallyNews> {
    const now = this.#isOver ? Number.POSITIVE_INFINITY : this.#setup.timing.now();
    return this.#tally?.take(now) ?? { phases: [], slots: [] };
  }

  stop(): void {
    this.#load?.stop();
  }

  close(): void {
    for (const client of this.#clients) client.close();
    this.#connections.close();
  }

  /** What comes before it is measured. Throws what ended it. */
  async #before(how: Partial<LoadOptions>): Promise<void> {
    const { failure } = await this.#loadOf(how).run();
    if (failure !== null) throw new KvxError(failure.message, failure);
  }

  /** Endless, counted by nobody, and of what the workload asks, unless it is said otherwise. */
  #loadOf(how: Partial<LoadOptions>): Load {
    const { timing, signal, plan } = this.#setup;
    const generator = this.#generator;
    const saw = generator.remembers ? { saw: generator.saw.bind(generator) } : {};
    return new Load(
      this.#clients.flatMap((client) => Array(plan.pipeline).fill(client)),
      {
        ...{ timing, signal, tally: new Tally(), endsOnFailure: false, ...saw },
        ...{ operationsMax: Number.POSITIVE_INFINITY, durationMs: Number.POSITIVE_INFINITY },
        workload: () => generator.nextTask(),
        ...how,
      },
    );
  }
}

const insisting: OperationOptions = { retry: 'always', timeoutMs: insistMs };

/** What a workload sets is looked for at the end. */
export const insists = ({ workload }: BenchPlan): boolean =>
  workload === 'rapidset' || workload === 'multiset';

/** Of so many, how many are this part's. */
const shareOf = (count: number, { index, count: parts }: Part): number =>
  Number.isFinite(count) ? Math.max(0, Math.ceil((count - index) / parts)) : count;

/**
 * What fails is counted, not mended; but a set of those that are looked for at the end is tried again, as the same
 * command, for longer than any take-over or recovery lasts.
 */
export function clientOptions({ plan, level, timing, links, timeoutMs: attemptMs }: PartSetup) {
  const patience: Partial<ClientOptions> = insists(plan)
    ? { retry: 'always', exactlyOnce: true, attemptMs, timeoutMs: Math.max(insistMs, attemptMs) }
    : { retry: 'never', timeoutMs: attemptMs };
  return { timing, links, level, ...patience };
}

function clientsOf(setup: PartSetup, connections: Connections): Client[] {
  const { plan, part, endpoints, recorder, level } = setup;
  // A read at this level is answered by whoever is asked.
  const followsLeader = !plan.spreads && level !== 'local';
  const common = { ...clientOptions(setup), connections, followsLeader };
  return Array.from({ length: shareOf(plan.clientCount, part) }, (_, nth) => {
    const start = part.index + nth * part.count;
    return new Client(endpoints, { ...common, start, record: recorder?.client() ?? null });
  });
}

export function specOf(plan: BenchPlan, keyPrefix: string): OperationSpec {
  const { workload, operationsMax, mix, keyCount, keyBytes, valueBytes, skew } = plan;
  if (workload === 'rapidset') return rapidset(valueBytes);
  if (workload === 'multiset') return multiset(valueBytes, operationsMax);
  const keys = { prefix: keyPrefix, first: 0, count: keyCount, skew };
  return { keys: keyBytes === null ? keys : { ...keys, bytes: keyBytes }, mix, valueBytes };
}
