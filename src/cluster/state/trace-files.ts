/**
 * What a cluster writes down of all that happens in it, when it was made with `--trace`: `traces/<node>.jsonl`, a file a node,
 * and `traces/faults.jsonl` of what was broken on purpose.
 */
import { join } from 'node:path';
import type { ClusterSpec } from '../../config/spec.js';
import type { TraceEvent, VectorClock } from '../../core/trace-event.js';
import { faultChanges, faultTrack, type TracedFault } from '../../runtime/tracing/fault-track.js';
import { eventOfTraceLine, traceLineOf } from '../../trace/line.js';
import { isFate } from '../../trace/merge.js';
import { readIfThere } from './files.js';
import { type KeptBytes, RotatingFile, tailOf } from './log.js';

/** 16 MiB a node. */
export const traceLimits: KeptBytes = { fileBytesMax: 4 * 1024 * 1024, oldFilesMax: 3 };

/** What a process that is killed may leave unwritten. */
const unwrittenMax = { events: 1000, chars: 256 * 1024 } as const;

export const traceFile = (folder: string, who: string): string =>
  join(folder, 'traces', `${who}.jsonl`);

/** Takes events of one node. They are in the file once what the process does now is over. */
export class TraceFile {
  readonly #file: RotatingFile;
  #text = '';
  #events = 0;

  constructor(folder: string, who: string, kept = traceLimits) {
    const file = traceFile(folder, who);
    this.#file = new RotatingFile(file, kept);
    // A crash may have cut the last line.
    if (/[^\n]$/.test(readIfThere(file) ?? '')) this.#file.append('\n');
  }

  readonly add = (event: TraceEvent): void => {
    this.#text += `${traceLineOf(event)}\n`;
    this.#events++;
    if (this.#events === 1) setImmediate(() => this.flush());
    if (this.#events >= unwrittenMax.events || this.#text.length >= unwrittenMax.chars) {
      this.flush();
    }
  };

  close(): void {
    this.flush();
    this.#file.close();
  }

  flush(): void {
    if (this.#events === 0) return;
    this.#file.append(this.#text);
    this.#text = '';
    this.#events = 0;
  }
}

/**
 * Where the next start of a node goes on counting. What the last one has not written, if it did not end in good order, may
 * have been told to others: its numbers are not given again.
 */
export function clockToGoOnFrom(folder: string, who: string): VectorClock {
  const last = lastEvent(folder, who);
  if (last === null) return {};
  const unwritten = last.data.type === 'stop' ? 0 : unwrittenMax.events;
  return { ...last.clock, [who]: (last.clock[who] ?? 0) + unwritten };
}

/** Something was broken on purpose, or mended. The caller holds the cluster's lock. Does nothing unless the cluster traces. */
export function traceFaults(
  folder: string,
  { trace }: ClusterSpec,
  before: readonly TracedFault[],
  after: readonly TracedFault[],
): void {
  const changes = faultChanges(before, after);
  if (trace !== 'on' || changes.length === 0) return;
  let count = lastEvent(folder, faultTrack)?.clock[faultTrack] ?? 0;
  const file = new TraceFile(folder, faultTrack);
  for (const data of changes) {
    file.add({ node: faultTrack, atMs: Date.now(), clock: { [faultTrack]: ++count }, data });
  }
  file.close();
}

/** Of what others did to its messages a node's file tells, too: those are no events of its own. */
function lastEvent(folder: string, who: string): TraceEvent | null {
  for (const line of tailOf(traceFile(folder, who), unwrittenMax.events).reverse()) {
    try {
      const event = eventOfTraceLine(line);
      if (event.node === who && !isFate(event)) return event;
    } catch {
      // A crash has cut it.
    }
  }
  return null;
}
