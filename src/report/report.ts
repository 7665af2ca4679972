/** What a report page tells. Whoever has it can write the page; the page has all of it in itself. */
import type { CheckReport } from '../check/report.js';
import type { Millis } from '../core/ids.js';
import type { History } from '../history/history.js';
import type { LanesData } from '../trace/lanes.js';

/** Which run it was, and how to see it again. */
export interface About {
  /** `kvx bench register`, as it was typed. */
  readonly command: string;
  readonly kind: 'bench' | 'run' | 'check' | 'sim' | 'compare';
  /** Of what had one. */
  readonly seed: number | null;
  /** How to see the same again, where that is another command. */
  readonly replay: string | null;
  /** Since 1970. */
  readonly atMs: number;
  /** `kvx 0.1.0`, `Node 20.20.2`, `Linux 6.1 x64, 2 × Xeon`. */
  readonly versions: readonly string[];
  /** Of the cluster: mode, nodes, runtime, options; what there is to say, in pairs. */
  readonly cluster: readonly (readonly [name: string, value: string])[];
}

export interface Report {
  readonly about: About;
  /** `null`: nobody judged. */
  readonly check: CheckReport | null;
  /** What clients asked and were told; `null`: not recorded. Of very long values only the beginning is there. */
  readonly history: History | null;
  /** When the history's clock stood at 0, as the trace dates it; `null`: nobody knows. */
  readonly historyBeginMs: Millis | null;
  /** What nodes did; `null`: not traced. */
  readonly lanes: LanesData | null;
  /** Events of {@link lanes} that led to the evidence, in their order. */
  readonly slice: Uint32Array | null;
  /** A script, and what it printed; `null`: there was none. */
  readonly script: { readonly text: string; readonly output: string } | null;
  /** Of a comparison: those that were compared, each with its own verdict and history, and the report has none else. */
  readonly runs: readonly ReportRun[];
  /** Further tables: of a comparison, of many seeds. */
  readonly tables: readonly ReportTable[];
  /** What else is to be said, a paragraph each. */
  readonly notes: readonly string[];
}

/** One of those that were compared. */
export interface ReportRun {
  /** `quorum --read one`. */
  readonly title: string;
  readonly check: CheckReport | null;
  readonly history: History | null;
}

export interface ReportTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Of which there is nothing to tell yet. */
export const nothingTold: Omit<Report, 'about'> = {
  ...{ check: null, history: null, historyBeginMs: null, lanes: null, slice: null, script: null },
  ...{ runs: [], tables: [], notes: [] },
};
