import { hash32 } from '../core/hash.js';
import { profileOf } from '../protocols/catalog.js';
import type { SeedOutcome } from './seed-run.js';

/** Of failed seeds so many are kept, the first ones. */
const failuresMax = 1000;

export type SeedFailure = Pick<SeedOutcome, 'seed' | 'violations' | 'traceHash'>;

/** What many seeds of one mode came to, added in the order of seeds. */
export class ModeSum {
  /** As `--mode` names it, and as people read it. */
  readonly mode: string;
  readonly name: string;
  seeds = 0;
  events = 0;
  virtualMs = 0;
  failedCount = 0;
  /** Runs in which a core had to go on, and those in which it did not. */
  livenessDemanded = 0;
  livenessFailed = 0;
  /** Of all runs together, in order. */
  traceHash = '';
  /** Seeds since a fault last met a state that none had met before. */
  seedsSinceNews = 0;
  readonly failures: SeedFailure[] = [];
  /** To be run again, to see whether the same comes of it. */
  first: Pick<SeedOutcome, 'seed' | 'traceHash'> | null = null;
  /** A seed that came out differently when it was run again. */
  driftingSeed: number | null = null;
  readonly verdicts = new Map<string, number>();
  readonly faults = new Map<string, number>();
  readonly cells = new Map<string, number>();
  readonly #states = new Set<number>();
  /** How many states were known after each seed. */
  readonly #stateCounts: number[] = [];

  constructor(mode: string) {
    this.mode = mode;
    this.name = profileOf(mode).name;
  }

  add({ met, ...outcome }: SeedOutcome): void {
    this.seeds++;
    this.first ??= outcome;
    this.events += outcome.events;
    this.virtualMs += outcome.virtualMs;
    this.livenessDemanded += Number(outcome.demandsLiveness);
    const isStuck = outcome.violations.some(({ check }) => check === 'liveness');
    this.livenessFailed += Number(outcome.demandsLiveness && isStuck);
    this.traceHash = hash32(this.traceHash + outcome.traceHash)
      .toString(16)
      .padStart(8, '0');
    addCounts(this.verdicts, outcome.verdicts);
    addCounts(this.faults, met.faults);
    addCounts(this.cells, met.cells);
    const before = this.#states.size;
    for (const state of met.states) this.#states.add(state);
    this.#stateCounts.push(this.#states.size);
    this.seedsSinceNews = this.#states.size > before ? 0 : this.seedsSinceNews + 1;
    if (outcome.violations.length === 0) return;
    this.failedCount++;
    if (this.failures.length >= failuresMax) return;
    const { seed, violations, traceHash } = outcome;
    this.failures.push({ seed, violations, traceHash });
  }

  get stateCount(): number {
    return this.#states.size;
  }

  /** States that were met first by the last so many seeds. */
  newStates(seeds: number): number {
    return this.stateCount - (this.#stateCounts.at(-1 - seeds) ?? 0);
  }

  get faultCount(): number {
    return sumOf(this.faults);
  }

  /** Histories of which some model is neither shown to hold nor to be violated. */
  get unknownCount(): number {
    return sumOf([...this.verdicts].filter(([name]) => name.endsWith(' unknown')));
  }
}

function addCounts(to: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [name, count] of counts) to.set(name, (to.get(name) ?? 0) + count);
}

function sumOf(counts: Iterable<readonly [string, number]>): number {
  let sum = 0;
  for (const [, count] of counts) sum += count;
  return sum;
}
