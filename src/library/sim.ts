/** What `import … from 'kvx/sim'` gives: runs on virtual time, and small worlds searched whole. */
import { keyToText } from '../core/key.js';
import { presetNamed, smallWorldOf } from '../explore/exhaustive/presets.js';
import { Search, type SearchEnd } from '../explore/exhaustive/search.js';
import { transcriptOf } from '../explore/exhaustive/transcript.js';
import { simulate as run, type SimulationReport } from '../explore/simulate.js';
import type { FaultName } from '../faults/fault.js';
import type { NemesisName } from '../faults/nemeses.js';
import type { History } from '../history/history.js';
import { LiveObjects } from '../node/live-objects.js';
import { useOwnModes } from '../node/own-modes.js';
import { profileOf } from '../protocols/catalog.js';
import { addMode, type ModeFactory } from '../protocols/own/own-mode.js';
import { shrinkFailure } from '../shrink/shrink.js';

export type { FaultName } from '../faults/fault.js';
export type { NemesisName } from '../faults/nemeses.js';
export type { History } from '../history/history.js';

function idOf(mode: string | ModeFactory): string {
  useOwnModes();
  return (typeof mode === 'string' ? profileOf(mode) : addMode(null, mode)).id;
}

/** What is not said is drawn from the seed, as `kvx sim` draws it. */
export interface SimulateOptions {
  /** The same options and the same seed are the same run, bit by bit. */
  readonly seed: number;
  /** Left out: `quorum`. */
  /** Or a mode of one's own: its module's path, or what that exports. */
  readonly mode?: string | ModeFactory;
  readonly nodes?: number;
  /** The mode's own settings, as a config file has them. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** A mistake that its nodes make, by its name in the bug zoo. */
  readonly bug?: string;
  /** The kinds of fault that may be drawn; empty: none. Left out: all. */
  readonly faults?: readonly FaultName[];
  /** What these do, instead of faults that are drawn. */
  readonly nemesis?: readonly NemesisName[];
  /** For how long clients ask and things break, in virtual time. Left out: a second. */
  readonly durationMs?: number;
}

/** Something that the mode has promised, and that did not hold. */
export interface SimulationFailure {
  /** What looked: a model, or an invariant. */
  readonly check: string;
  /** `null`: of no key in particular, or of one that is no text. */
  readonly key: string | null;
  readonly message: string;
}

export interface ShrunkScenario {
  /** For `kvx run`, and to read. */
  readonly scenario: string;
  readonly seed: number;
  /** What the checker says of it. */
  readonly sentence: string;
}

/** What came of one simulated run. */
export interface Simulation {
  readonly seed: number;
  readonly mode: string;
  /** Empty: all that the mode promises held. */
  readonly failures: readonly SimulationFailure[];
  /** Of all that happened; the same for the same options and seed. */
  readonly traceHash: string;
  readonly virtualMs: number;
  readonly events: number;
  /** How often what happened: messages, records, crashes, verdicts. */
  readonly facts: Readonly<Record<string, number>>;
  /** What clients asked and were told. */
  history(): History;
  /**
   * A scenario of a few lines that fails alike; `null`: none was found in so many milliseconds (left out: 20,000), or there was
   * no failure.
   */
  shrink(forMs?: number): Promise<ShrunkScenario | null>;
}

/** One run: a cluster, its clients and a swarm of faults on virtual time, judged. Throws `bad-request` for what there is not. */
export function simulate(options: SimulateOptions): Simulation {
  const { mode: named = 'quorum', options: modeOptions = {}, bug, ...more } = options;
  const mode = idOf(named);
  const report = run({ ...more, mode, modeOptions, bug });
  const { seed, violations, recorded, traceHash, virtualMs, events, facts } = report;
  return {
    ...{ seed, mode, traceHash, virtualMs, events },
    failures: violations.map(({ check, key, message }) => ({
      ...{ check, message, key: key === null ? null : keyToText(key) },
    })),
    facts: Object.fromEntries(facts),
    history: () => recorded,
    shrink: (forMs = 20_000) => shrunk({ mode, bug }, report, forMs),
  };
}

async function shrunk(
  subject: { readonly mode: string; readonly bug: string | undefined },
  report: SimulationReport,
  forMs: number,
): Promise<ShrunkScenario | null> {
  if (report.violations.length === 0) return null;
  const now = () => performance.now();
  const found = await shrinkFailure(subject, report, { forMs, now, afterPromises: setImmediate });
  if (found === null) return null;
  const { scenario, seed, sentence } = found;
  return { scenario, seed, sentence };
}

/** How often each may happen, on the whole. */
export interface ExploreFaults {
  /** Messages that never arrive. */
  readonly losses?: number;
  /** Messages that come twice. */
  readonly duplicates?: number;
  /** Power cuts and kills. */
  readonly crashes?: number;
  /** Timers that fire, each however early. */
  readonly timers?: number;
}

export interface ExploreOptions {
  /** A small world by its name: `kvx explore --list` has them. Left out: the first of the mode, or that in which the bug shows. */
  readonly world?: string;
  /** Or a mode of one's own: its module's path, or what that exports. */
  readonly mode?: string | ModeFactory;
  readonly nodes?: number;
  readonly bug?: string;
  readonly faults?: ExploreFaults;
  /** Distinct states to look at, at most. Left out: 100,000. */
  readonly states?: number;
  /** Moves from the beginning, at most. Left out: any number. */
  readonly depth?: number;
}

export interface Exploration {
  readonly world: string;
  readonly mode: string;
  /** `exhausted`: there are no other states, and nothing is wrong in any; `states` and `depth`: that bound was reached. */
  readonly end: 'exhausted' | 'counterexample' | 'states' | 'depth';
  /** Distinct ones. */
  readonly states: number;
  /** A shortest one; `null`: none was met. */
  readonly counterexample: {
    readonly violation: string;
    /** Every move, for a person and for `kvx explore --replay`. */
    readonly transcript: string;
  } | null;
}

/** Every order of delivery, and all faults that are allowed, in a small world. Throws `bad-request` for what there is not. */
export function explore(options: ExploreOptions = {}): Exploration {
  const { world: name, mode: named, nodes, bug, faults = {} } = options;
  const mode = named === undefined ? undefined : idOf(named);
  const { states = 100_000, depth = Number.POSITIVE_INFINITY } = options;
  const preset = presetNamed({ name, mode, bug });
  const reader = new LiveObjects();
  try {
    const world = smallWorldOf(preset, { nodes, bug, bounds: faults, reader, isSymmetric: true });
    const search = new Search(world, { states, depth });
    const end = search.run(Number.POSITIVE_INFINITY) satisfies SearchEnd | null;
    const found = search.counterexample;
    const first = ['cluster', preset.mode, world.nodes.length, ...(bug ? [`bug=${bug}`] : [])];
    return {
      ...{ world: preset.name, mode: preset.mode, states: search.progress.distinct },
      end: end ?? 'states',
      counterexample: found && {
        violation: found.violation,
        transcript: transcriptOf(search.states, found, first.join(' ')),
      },
    };
  } finally {
    reader.close();
  }
}
