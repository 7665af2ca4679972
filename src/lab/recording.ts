/** One run of a scenario, recorded whole: what the laboratory plays, forwards and backwards. */

import type { ModelName } from '../check/models.js';
import type { CheckReport } from '../check/report.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { History } from '../history/history.js';
import type { Lanes } from '../trace/lanes.js';

/** What makes a run: the same, the same run. */
export interface RunKey {
  readonly scenario: string;
  readonly seed: number;
  /** A name of `zoo/bugs.ts`. */
  readonly bug: string | null;
}

/** A state that an event has changed: names and values as text; `null`: it is gone. */
export interface StateChange {
  /** After this event of {@link Recording.lanes}. */
  readonly event: number;
  readonly node: NodeId;
  /** Which panel: `node` is up, paused, its role; the others have what their names say. */
  readonly part: 'node' | 'facts' | 'keys' | 'timers' | 'disk';
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What the script printed, and when. */
export interface OutputLine {
  /** Events of {@link Recording.lanes} before it. */
  readonly event: number;
  /** Of the script, from 1; 0: of none. */
  readonly line: number;
  readonly text: string;
  readonly isError: boolean;
}

/** From this event on a model does not hold any more. */
export interface ModelFall {
  readonly model: ModelName;
  readonly event: number;
  /** The operation of the history after which it does not. */
  readonly operation: number;
  readonly sentence: string;
  /** Those that violate it, as far as was known by then. */
  readonly operations: readonly number[];
  /** Why it may have been violated earlier, such as `time limit`; `null`: it was not. */
  readonly doubt: string | null;
  /** Events that led to it, in their order. */
  readonly slice: Uint32Array;
}

export interface Recording {
  readonly key: RunKey;
  readonly traceHash: string;
  readonly lanes: Lanes;
  readonly nodes: readonly NodeId[];
  /** In the order of their events. */
  readonly changes: readonly StateChange[];
  readonly output: readonly OutputLine[];
  readonly history: History | null;
  /** Of the whole. */
  readonly check: CheckReport | null;
  /** In the order of their events. */
  readonly falls: readonly ModelFall[];
  /** What the script expected and did not see; `null`: it held, or nothing was expected. */
  readonly failure: string | null;
  /** Of the script, from 1; 0: of none. */
  readonly failureLine: number;
  /** It was cut off: there are more events than are kept. */
  readonly isCut: boolean;
  /** Virtual. */
  readonly durationMs: Millis;
}

/** What is wrong with a scenario, with its place (from 1). */
export interface ScenarioProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}
