import type { TraceEvent } from '../../core/trace-event.js';
import { FileSink } from '../../history/files/file-sink.js';
import type { TraceTaker } from '../../targets/place.js';
import { traceLineOf } from '../../trace/line.js';
import { isGap, Merge } from '../../trace/merge.js';
import { traceSourcesOf } from '../programs/trace-source.js';

/** The trace of a script's own cluster: one file, in causal order. */
export class RunTrace implements TraceTaker {
  readonly #file: FileSink;
  #problem: unknown = null;
  /** Events so far. */
  count = 0;

  constructor(path: string) {
    this.#file = new FileSink(path, 'the trace');
  }

  readonly event = (event: TraceEvent): void => this.#write(traceLineOf(event));

  readonly folder = (folder: string): void => {
    const sources = traceSourcesOf(folder);
    try {
      const merge = new Merge(sources);
      for (let next = merge.next(); next !== null && next !== 'later'; next = merge.next()) {
        if (!isGap(next)) this.#write(JSON.stringify(next));
      }
    } catch (error) {
      this.#problem = error;
    } finally {
      for (const source of sources) source.close();
    }
  };

  /** Throws what was wrong with it. */
  close(): void {
    this.#file.close();
    if (this.#problem !== null) throw this.#problem;
  }

  #write(line: string): void {
    this.#file.write(Buffer.from(`${line}\n`));
    this.count++;
  }
}
