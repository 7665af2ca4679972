/** Does what the page asks of its worker, one task after another; only `cancel` is heard at once. */
import type { Millis } from '../core/ids.js';
import { oneLine } from '../core/show.js';
import type { AfterPromises } from '../sim/virtual-time.js';
import type { SliceFinder } from '../trace/slices.js';
import { shivizLog } from './export.js';
import { findBug } from './find.js';
import type { LabReply, LabRequest, LabTask, LabTasks, PlainRecording } from './messages.js';
import { recordModes } from './modes.js';
import { type Recorded, record } from './record.js';
import { ScenarioError } from './scenario-error.js';

export interface LabPlace {
  readonly afterPromises: AfterPromises;
  /** Monotonic. */
  readonly now: () => Millis;
  readonly reply: (reply: LabReply) => void;
}

interface TaskContext<T extends LabTask> {
  readonly signal: AbortSignal;
  readonly tell: (told: LabTasks[T]['told']) => void;
}

type Handlers = {
  readonly [T in LabTask]: (
    asked: LabTasks[T]['asked'],
    context: TaskContext<T>,
  ) => Promise<LabTasks[T]['answered']>;
};

/** Of the recordings whose slices can be asked for, the last ones. */
const eventsKept = 500_000;
const toldEveryMs: Millis = 100;

export class LabWork {
  readonly #place: LabPlace;
  readonly #open = new Map<number, AbortController>();
  readonly #slices = new Map<number, SliceFinder>();
  #last: Promise<void> = Promise.resolve();
  #recordings = 0;

  constructor(place: LabPlace) {
    this.#place = place;
  }

  take(request: LabRequest): void {
    const { id } = request;
    if (request.task === 'cancel') {
      this.#open.get(id)?.abort();
      return;
    }
    const controller = new AbortController();
    this.#open.set(id, controller);
    this.#last = this.#last.then(() => this.#do(request, controller.signal));
  }

  async #do(request: Exclude<LabRequest, { task: 'cancel' }>, signal: AbortSignal): Promise<void> {
    const { id, task, asked } = request;
    const { reply, now } = this.#place;
    let toldAt = now();
    const tell = (told: unknown): void => {
      if (now() - toldAt < toldEveryMs) return;
      toldAt = now();
      reply({ id, type: 'told', told });
    };
    try {
      if (signal.aborted) throw new Error('cancelled');
      const handle = this.#handlers[task] as (asked: unknown, context: unknown) => Promise<unknown>;
      reply({ id, type: 'answered', answer: await handle(asked, { signal, tell }) });
    } catch (error) {
      if (error instanceof ScenarioError) reply({ id, type: 'problems', problems: error.problems });
      else {
        const message = oneLine(error instanceof Error ? error.message : String(error), 500);
        reply({ id, type: 'failed', message, isCancelled: signal.aborted });
      }
    } finally {
      this.#open.delete(id);
    }
  }

  readonly #handlers: Handlers = {
    record: async ({ key, eventsMax }, { signal, tell }) => {
      const { afterPromises, now } = this.#place;
      const bounds = eventsMax === undefined ? {} : { eventsMax };
      const options = { afterPromises, now, signal, ...bounds, onProgress: tell };
      return this.#kept(await record(key, options));
    },
    slice: async ({ recording, event }) =>
      this.#slices.get(recording)?.sliceOf(event) ?? Uint32Array.of(event),
    modes: async ({ key, eventsMax }, { signal, tell }) => {
      const { afterPromises, now } = this.#place;
      const bounds = eventsMax === undefined ? {} : { eventsMax };
      let done = 0;
      const runs = await recordModes(key, { afterPromises, now, signal, ...bounds }, () =>
        tell(++done),
      );
      return runs.map((run) => ({
        ...run,
        recording: run.recording === null ? null : this.#kept(run.recording),
      }));
    },
    find: async (request, { signal, tell }) => {
      const { afterPromises, now } = this.#place;
      const isCancelled = (): boolean => signal.aborted;
      return findBug(request, { afterPromises, now, says: tell, isCancelled });
    },
    shiviz: async (key) => shivizLog(key, this.#place.afterPromises),
  };

  #kept({ recording, slices }: Recorded): PlainRecording {
    const id = ++this.#recordings;
    this.#slices.set(id, slices);
    let events = 0;
    for (const [each, { count }] of [...this.#slices].reverse()) {
      events += count;
      if (each !== id && events > eventsKept) this.#slices.delete(each);
    }
    return { ...recording, id };
  }
}
