import type { TraceEvent } from '../../core/trace-event.js';
import { FileSink } from '../../history/files/file-sink.js';
import type { TraceTaker } from '../../targets/place.js';
import { traceLineOf } from '../../trace/line.js';
import { eventsWritten } from '../programs/trace-source.js';

/** The trace of a script's own cluster, in causal order: in one file, or kept to be drawn, or both. */
export class RunTrace implements TraceTaker {
  readonly #file: FileSink | null;
  readonly #kept: TraceEvent[] = [];
  readonly #keptMax: number;
  #problem: unknown = null;
  /** Events so far. */
  count = 0;
  #isLeft = false;

  /** `keptMax`: of the last ones, so many are kept. */
  constructor(path: string | null, keptMax: number) {
    this.#file = path === null ? null : new FileSink(path, 'the trace');
    this.#keptMax = keptMax;
  }

  get kept(): readonly TraceEvent[] {
    return this.#keptMax === 0 ? [] : this.#kept.slice(-this.#keptMax);
  }

  /** Of what happens as it is told, no more. */
  leave(): void {
    this.#isLeft = true;
  }

  readonly event = (event: TraceEvent): void => {
    if (this.#isLeft) return;
    this.#keep(event);
    if (this.#file !== null) this.#write(traceLineOf(event));
  };

  readonly folder = (folder: string): void => {
    try {
      for (const event of eventsWritten(folder)) {
        this.#keep(event);
        this.#write(JSON.stringify(event));
      }
    } catch (error) {
      this.#problem = error;
    }
  };

  /** Throws what was wrong with it. */
  close(): void {
    this.#file?.close();
    if (this.#problem !== null) throw this.#problem;
  }

  #keep(event: TraceEvent): void {
    if (this.#keptMax === 0) return;
    this.#kept.push(event);
    const tooMany = this.#kept.length - this.#keptMax;
    if (tooMany > this.#keptMax / 4) this.#kept.splice(0, tooMany);
  }

  #write(line: string): void {
    this.#file?.write(Buffer.from(`${line}\n`));
    this.count++;
  }
}
