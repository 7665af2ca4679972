import type { TraceEvent } from '../../core/trace-event.js';
import { FileSink } from '../../history/files/file-sink.js';
import type { TraceTaker } from '../../targets/place.js';
import { traceLineOf } from '../../trace/line.js';
import { isGap, Merge } from '../../trace/merge.js';
import { traceSourcesOf } from '../programs/trace-source.js';

/** Of those that are kept to be drawn: the last ones. */
const keptMax = 200_000;

/** The trace of a script's own cluster, in causal order: in one file, or kept to be drawn, or both. */
export class RunTrace implements TraceTaker {
  readonly #file: FileSink | null;
  readonly #kept: TraceEvent[] | null;
  #problem: unknown = null;
  /** Events so far. */
  count = 0;

  constructor(path: string | null, keeps: boolean) {
    this.#file = path === null ? null : new FileSink(path, 'the trace');
    this.#kept = keeps ? [] : null;
  }

  get kept(): readonly TraceEvent[] {
    return this.#kept?.slice(-keptMax) ?? [];
  }

  readonly event = (event: TraceEvent): void => {
    this.#keep(event);
    if (this.#file !== null) this.#write(traceLineOf(event));
  };

  readonly folder = (folder: string): void => {
    const sources = traceSourcesOf(folder);
    try {
      const merge = new Merge(sources);
      for (let next = merge.next(); next !== null && next !== 'later'; next = merge.next()) {
        if (isGap(next)) continue;
        this.#keep(next);
        this.#write(JSON.stringify(next));
      }
    } catch (error) {
      this.#problem = error;
    } finally {
      for (const source of sources) source.close();
    }
  };

  /** Throws what was wrong with it. */
  close(): void {
    this.#file?.close();
    if (this.#problem !== null) throw this.#problem;
  }

  #keep(event: TraceEvent): void {
    const kept = this.#kept;
    if (kept === null) return;
    kept.push(event);
    if (kept.length > 2 * keptMax) kept.splice(0, keptMax);
  }

  #write(line: string): void {
    this.#file?.write(Buffer.from(`${line}\n`));
    this.count++;
  }
}
