import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { traceFile, traceLimits } from '../../cluster/state/trace-files.js';
import { definiteError, type KvxError } from '../../core/errors.js';
import type { NodeId } from '../../core/ids.js';
import { compareNodes } from '../../core/node-order.js';
import type { TraceEvent } from '../../core/trace-event.js';
import { ShapeError } from '../../core/wire.js';
import { eventOfTraceLine } from '../../trace/line.js';
import { isFate, isGap, Merge, ownOf, type TraceSource } from '../../trace/merge.js';
import { Tail } from './tail.js';

interface TraceFileSetup {
  readonly file: string;
  /** Whose it is; `null`: of anybody. */
  readonly node: NodeId | null;
  /** How many files of before are read first: those that the file was copied to when it had grown large. */
  readonly copiesMax: number;
  /** It grows: what is added is read for as long as somebody asks. */
  readonly follows: boolean;
}

/** The events of one file, and of those that it was copied to. Throws `config` for a line that no crash explains. */
export class TraceFileSource implements TraceSource {
  readonly node: NodeId | null;
  readonly #setup: TraceFileSetup;
  readonly #tail: Tail;
  #lines: readonly string[] = [];
  #at = 0;
  #linesBefore = 0;
  /** How many events of its node are known to be written. */
  #own = 0;
  /** What is wrong with the line before, if that is wrong. */
  #problem: KvxError | null = null;

  constructor(setup: TraceFileSetup) {
    this.node = setup.node;
    this.#setup = setup;
    this.#tail = new Tail(setup.file, 'begin', setup.copiesMax);
  }

  /** A crash has cut the last line. */
  get isCut(): boolean {
    return this.#problem !== null;
  }

  next(): TraceEvent | 'later' | null {
    for (;;) {
      const line = this.#nextLine();
      if (line === null) return this.#setup.follows ? 'later' : null;
      const event = this.#eventOf(line);
      if (event === null) continue;
      if (isFate(event) || event.node !== this.node) return event;
      // While a file is being copied, it is there twice.
      if (ownOf(event) <= this.#own) continue;
      this.#own = ownOf(event);
      return event;
    }
  }

  close(): void {
    this.#tail.close();
  }

  #nextLine(): string | null {
    if (this.#at === this.#lines.length) {
      this.#linesBefore += this.#at;
      this.#at = 0;
      this.#lines = this.#tail.newLines();
    }
    if (this.#at < this.#lines.length) return this.#lines[this.#at++] as string;
    this.#linesBefore++;
    return this.#setup.follows ? null : this.#tail.takeRest() || null;
  }

  /** `null`: there is none. A node that was killed leaves half a line before its next start, or at the end. */
  #eventOf(line: string): TraceEvent | null {
    const before = this.#problem;
    if (line === '') return null;
    try {
      const event = eventOfTraceLine(line);
      if (before !== null && event.data.type !== 'start') throw before;
      this.#problem = null;
      return event;
    } catch (error) {
      if (before !== null) throw before;
      if (!(error instanceof ShapeError)) throw error;
      const { file, copiesMax } = this.#setup;
      // Lines of copies have numbers of their own.
      const where = copiesMax > 0 ? file : `${file}:${this.#linesBefore + this.#at}`;
      this.#problem = definiteError('config', `${where}: ${error.message}`);
      return null;
    }
  }
}

/** Whose traces are in the folder of a cluster. */
export function tracedIn(folder: string): NodeId[] {
  const traces = join(folder, 'traces');
  if (!existsSync(traces)) return [];
  const names = readdirSync(traces).filter((file) => file.endsWith('.jsonl'));
  return names.map((file) => file.slice(0, -'.jsonl'.length)).sort(compareNodes);
}

/** All that the nodes of a cluster have written. */
export const traceSourcesOf = (folder: string): TraceFileSource[] =>
  tracedIn(folder).map((node) => {
    const { oldFilesMax: copiesMax } = traceLimits;
    return new TraceFileSource({ file: traceFile(folder, node), node, copiesMax, follows: false });
  });

/** The same in causal order, without what is missing in it. */
export function* eventsWritten(folder: string): Generator<TraceEvent> {
  const sources = traceSourcesOf(folder);
  try {
    const merge = new Merge(sources);
    for (let next = merge.next(); next !== null && next !== 'later'; next = merge.next()) {
      if (!isGap(next)) yield next;
    }
  } finally {
    for (const source of sources) source.close();
  }
}
