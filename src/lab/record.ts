/** Runs a scenario in the simulator as `kvx run --runtime sim` does, and writes down all that can be seen of it. */
import { check } from '../check/check.js';
import { interrupted, KvxError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import type { TraceEvent } from '../core/trace-event.js';
import { KeptHistory } from '../explore/kept-history.js';
import { Recorder } from '../history/recorder/recorder.js';
import type { Program } from '../scenario/program.js';
import { Runner } from '../scenario/runner.js';
import type { AfterPromises } from '../sim/virtual-time.js';
import { SimTarget } from '../targets/sim.js';
import { tracedPauses } from '../targets/told-faults.js';
import type { LanesData } from '../trace/lanes.js';
import { LanesBuilder } from '../trace/lanes-builder.js';
import { isFate } from '../trace/merge.js';
import { SliceFinder } from '../trace/slices.js';
import { fallsIn } from './model-falls.js';
import { OperationEvents } from './operation-events.js';
import type { Recording, RunKey, StateChange } from './recording.js';
import { programOfScenario, scenarioSource } from './scenario-program.js';
import { ScriptWatch } from './script-watch.js';
import { StateWatch } from './state-watch.js';

export interface RecordOptions {
  readonly afterPromises: AfterPromises;
  /** Of the run and of judging it, for its bounds; monotonic. */
  readonly now: () => Millis;
  readonly signal?: AbortSignal;
  /** More are not kept, and the run ends. */
  readonly eventsMax?: number;
  /** How long the run may take, on the clock of `now`. */
  readonly tookMsMax?: Millis;
  /** Now and then: events so far. */
  readonly onProgress?: (events: number) => void;
}

/** A recording without what its page makes of it, and who can say more of it. */
export interface Recorded {
  readonly recording: Omit<Recording, 'lanes'> & { readonly lanes: LanesData };
  readonly slices: SliceFinder;
  /** What ended the script, where it was an error that users may meet. */
  readonly error: KvxError | null;
}

const eventsMaxDefault = 200_000;
const tookMsMaxDefault: Millis = 20_000;
const judgingMsMax: Millis = 5_000;
/** What happens without a trace: most of what does has one. */
const stepsPerEvent = 20;
const stepsPerLook = 1024;
/** Throws {@link ScenarioError}, and `interrupted` once the signal says so. */
export async function record(key: RunKey, options: RecordOptions): Promise<Recorded> {
  const run = new Run(key, options);
  await run.run(programOfScenario(key.scenario));
  if (options.signal?.aborted) throw interrupted();
  return run.recorded();
}

/** The run has become too long. */
class CutOffError extends Error {
  override readonly name = 'CutOffError';
}

class Run {
  readonly #key: RunKey;
  readonly #options: RecordOptions;
  readonly #target: SimTarget;
  readonly #events: TraceEvent[] = [];
  readonly #lanes = new LanesBuilder();
  readonly #changes: StateChange[] = [];
  readonly #states: StateWatch;
  readonly #script: ScriptWatch;
  readonly #operations = new OperationEvents(() => this.#lanes.count);
  readonly #kept = new KeptHistory(this.#operations);
  readonly #controller = new AbortController();
  readonly #deadline: Millis;
  #steps = 0;
  #isOver = false;
  #isCut = false;
  #failure: string | null = null;
  #failureLine = 0;
  #error: KvxError | null = null;
  #traceHash = '';
  #endMs: Millis = 0;

  constructor(key: RunKey, options: RecordOptions) {
    const { seed, bug } = key;
    this.#key = key;
    this.#options = options;
    this.#deadline = options.now() + (options.tookMsMax ?? tookMsMaxDefault);
    this.#target = new SimTarget({
      ...{ seed, afterPromises: options.afterPromises, bug: bug ?? undefined },
      sink: (event) => this.#take(event),
      watch: (lane) => this.#step(lane),
    });
    this.#states = new StateWatch({
      now: () => this.#target.timing.now() - (this.#events[0]?.atMs ?? 0),
      cluster: () => this.#target.cluster,
      count: () => this.#lanes.count,
      onChange: (change) => this.#changes.push(change),
    });
    this.#script = new ScriptWatch({
      count: () => this.#lanes.count,
      onCommand: () => this.#bound(),
    });
  }

  async run(program: Program): Promise<void> {
    const target = this.#target;
    const { signal } = this.#controller;
    const now = () => target.timing.now();
    const recorder = new Recorder({ sink: this.#kept, now });
    const unwatch = await target.watchFaults(recorder);
    await target.watchFaults(tracedPauses(target.tellTrace));
    const runner = new Runner(target, this.#script, signal, { recorder, kept: this.#kept });
    const abort = (): void => this.#controller.abort();
    this.#options.signal?.addEventListener('abort', abort, { once: true });
    try {
      const { failed } = await runner.run(program);
      if (failed) this.#unmet();
    } catch (error) {
      this.#broken(error);
    }
    this.#states.look(-1);
    this.#traceHash = target.traceHash;
    this.#endMs = now();
    this.#isOver = true;
    runner.close();
    // What is on at the end was never mended.
    unwatch();
    await target.close().catch(() => {});
    recorder.close();
    this.#options.signal?.removeEventListener('abort', abort);
  }

  async recorded(): Promise<Recorded> {
    const history = this.#kept.history();
    const { now } = this.#options;
    const judged = { timeoutMs: judgingMsMax, now };
    const report = history.count === 0 ? null : await check(history, judged);
    const lanes = this.#lanes.end();
    const slices = new SliceFinder(this.#events, lanes);
    const run = { history, report, slices, operations: this.#operations };
    const falls = report === null ? [] : fallsIn({ ...run, report }, judged);
    const { names } = lanes;
    const recording = {
      ...{ key: this.#key, traceHash: this.#traceHash, lanes },
      nodes: names.filter((name) => name !== 'clients' && name !== 'faults'),
      ...{ changes: this.#changes, output: this.#script.lines, history, check: report, falls },
      ...{ failure: this.#failure, failureLine: this.#failureLine, isCut: this.#isCut },
      durationMs: this.#endMs - (this.#events[0]?.atMs ?? 0),
    };
    return { recording, slices, error: this.#error };
  }

  #take(event: TraceEvent): void {
    if (this.#isOver) return;
    this.#lanes.add(event);
    if (isFate(event)) return;
    this.#events.push(event);
    this.#states.event(event);
  }

  #step(lane: number): void {
    if (this.#isOver) return;
    this.#states.look(lane);
    this.#steps++;
    if (this.#steps % stepsPerLook === 0) this.#bound();
  }

  /** Throws when it has gone on for too long: then everything that waits for something in this world ends. */
  #bound(): void {
    const { eventsMax = eventsMaxDefault, now, onProgress, signal } = this.#options;
    onProgress?.(this.#events.length);
    const isLong =
      this.#events.length >= eventsMax ||
      this.#steps >= eventsMax * stepsPerEvent ||
      now() > this.#deadline;
    if (!isLong && !signal?.aborted) return;
    this.#isCut = true;
    this.#controller.abort();
    throw new CutOffError('the run is too long');
  }

  #unmet(): void {
    const { unmet } = this.#script;
    if (unmet === null) return;
    const { line, expected, seen } = unmet;
    // Where a checker has judged, its sentence says all.
    this.#failure = expected === 'ok' ? seen : `expected ${expected}, seen ${seen}`;
    this.#failureLine = line;
  }

  #broken(error: unknown): void {
    if (this.#isCut) {
      this.#script.failure(`cut off after ${this.#events.length} events`);
      return;
    }
    this.#error = error instanceof KvxError ? error : null;
    const text = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
    // What users may meet says its line itself.
    const line =
      error instanceof KvxError ? new RegExp(`^${scenarioSource}:(\\d+)`).exec(text) : null;
    this.#failure = error instanceof KvxError ? text : `crash-only: ${text}`;
    this.#failureLine = Number(line?.[1] ?? 0);
    this.#script.failure(this.#failure);
  }
}
