import type { Millis } from '../core/ids.js';
import type { Violation } from './invariants.js';
import { type Met, PhaseWatch } from './phases/phase-watch.js';
import { phasesOfMode } from './phases/phases.js';
import { type SimulateOptions, type SimulationReport, simulate } from './simulate.js';

/** What one seed came to: plain data, small enough to be handed on from thread to thread. */
export interface SeedOutcome {
  readonly seed: number;
  readonly traceHash: string;
  readonly events: number;
  readonly virtualMs: Millis;
  readonly violations: readonly Violation[];
  /** How many histories were judged so, by `model verdict`. */
  readonly verdicts: ReadonlyMap<string, number>;
  /** Some nodes were left broken, and the others had to go on. */
  readonly demandsLiveness: boolean;
  readonly met: Met;
}

export interface WatchedReport {
  readonly report: SimulationReport;
  readonly outcome: SeedOutcome;
}

const verdictPrefix = 'verdict: ';

/** Throws as {@link simulate} does. */
export function runSeed(options: SimulateOptions): WatchedReport {
  const watch = new PhaseWatch(phasesOfMode(options.mode));
  const report = simulate({ ...options, watch });
  const { seed, traceHash, events, virtualMs, violations, facts, leftBroken } = report;
  const verdicts = [...facts].flatMap(([name, count]) =>
    name.startsWith(verdictPrefix) ? [[name.slice(verdictPrefix.length), count] as const] : [],
  );
  const { faults, cells, states } = watch;
  const outcome = {
    ...{ seed, traceHash, events, virtualMs, violations, verdicts: new Map(verdicts) },
    ...{ demandsLiveness: leftBroken.length > 0, met: { faults, cells, states } },
  };
  return { report, outcome };
}
