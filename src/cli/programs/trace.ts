import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { setImmediate as breath, setTimeout as sleep } from 'node:timers/promises';
import { chooseCluster } from '../../cluster/cluster.js';
import { traceFile, traceLimits } from '../../cluster/state/trace-files.js';
import { toDuration } from '../../config/duration.js';
import { definiteError, usageError } from '../../core/errors.js';
import type { Millis, NodeId } from '../../core/ids.js';
import { operationShape } from '../../core/operation.js';
import { quantity, show } from '../../core/show.js';
import { didYouMean } from '../../core/suggest.js';
import { toNode } from '../../operations/given.js';
import { note, outputClosed, outputWidth, styleFor, write } from '../../render/output.js';
import { faultTrack } from '../../runtime/tracing/fault-track.js';
import { Around } from '../../trace/around.js';
import { type ExportName, exportAs } from '../../trace/exports.js';
import { tracedTypes } from '../../trace/line.js';
import { isGap, Merge, type Merged, type TraceGap } from '../../trace/merge.js';
import { type KnownEvent, Recall } from '../../trace/recall.js';
import { Selection } from '../../trace/select.js';
import { gapText, type Paint, TraceLines } from '../../trace/text.js';
import type { Perform } from '../command.js';
import { TraceFileSource, tracedIn } from './trace-source.js';

interface TraceFlags {
  readonly cluster?: string;
  readonly follow: boolean;
  readonly node?: readonly string[];
  readonly link?: readonly string[];
  readonly type?: readonly string[];
  readonly client?: readonly string[];
  readonly key?: string;
  readonly around?: string;
  readonly since?: string;
  readonly until?: string;
  readonly export?: ExportName;
  readonly out?: string;
  readonly wide: boolean;
  readonly json: boolean;
}

const perform: Perform = async ({ words: files, flags: typed }, signal) => {
  const flags = typed as unknown as TraceFlags;
  checkFlags(files, flags);
  const trace = files.length > 0 ? traceOfFiles(files) : traceOfCluster(flags.cluster);
  for (const node of flags.node ?? []) if (trace.nodes !== null) toNode(node, trace.nodes);
  if (flags.type !== undefined) await checkTypes(flags.type);
  const stop = AbortSignal.any([signal, outputClosed]);
  const around = flags.around === undefined ? null : await aroundIn(trace, flags.around, stop);
  const selection = selectionOf(flags);
  const view = viewOf(flags, trace.nodes ?? []);
  const output = new Output(flags.out);
  /** What is missing before the next event that is shown. */
  const gaps: TraceGap[] = [];
  let count = 0;
  let beginMs: Millis | null = null;
  try {
    output.add(view.begin());
    for await (const { batch, isNews } of batchesOf(trace, flags.follow, stop)) {
      for (const each of batch) {
        if (isGap(each)) {
          if (isNews && (flags.node?.includes(each.node) ?? true)) gaps.push(each);
          continue;
        }
        if (isNews) beginMs ??= each.event.atMs;
        const sinceMs = each.event.atMs - (beginMs ?? each.event.atMs);
        const isWanted = selection.takes(each, sinceMs) && (around === null || around.takes(each));
        if (!isNews || !isWanted) continue;
        count++;
        for (const gap of gaps.splice(0)) output.add(view.gap(gap));
        output.add(view.event(each, sinceMs));
      }
      if (flags.follow) output.flush();
    }
    if (stop.aborted) return;
    if (count > 0) for (const gap of gaps) output.add(view.gap(gap));
    output.add(view.end());
  } finally {
    output.close();
  }
  selection.checkNames();
  if (count === 0) note('No event of the trace is such.');
  else if (flags.out !== undefined) note(`${quantity(count, 'event')} in ${flags.out}`);
};

export default { perform };

function checkFlags(files: readonly string[], flags: TraceFlags): void {
  const { follow, around, cluster, out, json } = flags;
  const form = flags.export;
  if (json && form !== undefined && form !== 'jsonl') {
    throw usageError(`--json is --export jsonl, not --export ${form}`);
  }
  if (files.length > 0 && cluster !== undefined) {
    throw usageError('files or --cluster: one of them is enough');
  }
  if (out !== undefined && form === undefined && !json) {
    throw usageError('--out takes what --export makes', 'Say --export shiviz, perfetto or jsonl.');
  }
  if (!follow) return;
  if (files.length > 0) throw usageError('--follow is for a cluster, whose files grow');
  if (around !== undefined) throw usageError('--around needs the whole trace: without --follow');
  if (form === undefined || form === 'jsonl') return;
  throw usageError(`--export ${form} needs the whole trace: without --follow`);
}

/** Throws a definite `bad-request` for a type that no event, message, record or operation of any mode has. */
async function checkTypes(types: readonly string[]): Promise<void> {
  const { modes } = await import('../../protocols/registry.js');
  const shapes = modes.flatMap(({ protocol }) => [protocol.message, protocol.record]);
  const spoken = [operationShape, ...shapes].flatMap((shape) => shape.types ?? []);
  const known = [...new Set([...tracedTypes, ...spoken])].sort();
  const wrong = types.find((type) => !known.includes(type));
  if (wrong === undefined) return;
  const what = `no event, message, record or operation has type ${show(wrong)}`;
  throw usageError(
    `${what}${didYouMean(wrong, known)}`,
    `Events are ${tracedTypes.join(', ')}; all else is called as it is shown.`,
  );
}

function selectionOf(flags: TraceFlags): Selection {
  const { node = [], link = [], type = [], client = [], key, since, until } = flags;
  return new Selection({
    ...{ node, link, type, client, key: key ?? null },
    sinceMs: since === undefined ? Number.NEGATIVE_INFINITY : toDuration(since, '--since'),
    untilMs: until === undefined ? Number.POSITIVE_INFINITY : toDuration(until, '--until'),
  });
}

interface Trace {
  /** `null`: not known before it is read. */
  readonly nodes: readonly NodeId[] | null;
  /** The files, each from its beginning. */
  open(follows: boolean): TraceFileSource[];
  /** Those that have come since. */
  openNew(): TraceFileSource[];
}

function traceOfFiles(files: readonly string[]): Trace {
  for (const file of files) {
    if (existsSync(file)) continue;
    throw definiteError('config', `${file}: there is no such file`);
  }
  return {
    nodes: null,
    open: () =>
      files.map((file) => new TraceFileSource({ file, node: null, copiesMax: 0, follows: false })),
    openNew: () => [],
  };
}

function traceOfCluster(name: string | undefined): Trace {
  const { record, folder } = chooseCluster(name);
  const nodes = tracedIn(folder);
  if (nodes.length === 0) {
    const what = `cluster ${record.name} has no trace`;
    throw definiteError('cluster', what, 'It has one when it was started with `--trace`.');
  }
  const opened = new Set<NodeId>();
  const source = (node: NodeId, follows: boolean): TraceFileSource => {
    opened.add(node);
    // Whoever follows wants to know what comes, and of what was no more than it takes to understand that.
    const copiesMax = follows ? 0 : traceLimits.oldFilesMax;
    return new TraceFileSource({ file: traceFile(folder, node), node, copiesMax, follows });
  };
  return {
    nodes,
    open: (follows) => nodes.map((node) => source(node, follows)),
    openNew: () =>
      tracedIn(folder)
        .filter((node) => !opened.has(node))
        .map((node) => source(node, true)),
  };
}

async function aroundIn(trace: Trace, name: string, stop: AbortSignal): Promise<Around> {
  const around = new Around(name);
  for await (const { batch } of batchesOf(trace, false, stop)) {
    for (const each of batch) if (!isGap(each)) around.find(each);
  }
  if (!stop.aborted) around.check();
  return around;
}

interface Batch {
  readonly batch: readonly (KnownEvent | TraceGap)[];
  /** Of who follows: it was not there from the beginning. */
  readonly isNews: boolean;
}

const batchMax = 1000;
const pollMs = 100;
/** How long an event waits for one that it knows of, which a node that was killed has maybe never written. */
const patienceMs = 1000;

/** In causal order. Gives way between batches, so that signals, and that nobody listens any more, get through. */
async function* batchesOf(
  trace: Trace,
  follows: boolean,
  stop: AbortSignal,
): AsyncGenerator<Batch> {
  const sources = trace.open(follows);
  const merge = new Merge(sources);
  const recall = new Recall();
  let isNews = !follows;
  let idleSince = performance.now();
  try {
    while (!stop.aborted) {
      const isPatient = performance.now() - idleSince < patienceMs;
      const batch: (KnownEvent | TraceGap)[] = [];
      let next: Merged | 'later' | null = null;
      while (batch.length < batchMax) {
        next = merge.next(isPatient);
        if (next === null || next === 'later') break;
        batch.push(isGap(next) ? next : recall.take(next));
      }
      if (batch.length > 0) yield { batch, isNews };
      if (next === null) return;
      if (batch.length > 0 || !merge.isWaiting) idleSince = performance.now();
      if (next !== 'later') await breath();
      else {
        isNews = true;
        for (const source of trace.openNew()) merge.add(source);
        await sleep(pollMs, undefined, { signal: stop }).catch(() => {});
      }
    }
  } finally {
    for (const source of sources) source.close();
  }
}

interface View {
  begin(): string;
  event(known: KnownEvent, sinceMs: Millis): string;
  gap(gap: TraceGap): string;
  end(): string;
}

function viewOf({ wide, json, export: form }: TraceFlags, nodes: readonly NodeId[]): View {
  if (json || form !== undefined) {
    const to = exportAs(form ?? 'jsonl');
    const gap = (each: TraceGap): string => {
      note(gapText(each));
      return '';
    };
    return {
      ...{ begin: () => to.begin(), event: (known) => to.event(known), end: () => to.end(), gap },
    };
  }
  const width = wide ? Number.POSITIVE_INFINITY : outputWidth();
  const named = nodes.filter((node) => node !== faultTrack);
  const lines = new TraceLines({ width, nodes: named, paint: paintFor(process.stdout) });
  return {
    ...{ begin: () => '', event: (known, sinceMs) => lines.event(known, sinceMs), end: () => '' },
    gap: (each) => lines.gap(each),
  };
}

function paintFor(stream: NodeJS.WriteStream): Paint {
  const { cyan, yellow, green, magenta, blue, dim, red } = styleFor(stream);
  const colours = [cyan, yellow, green, magenta, blue];
  const ofNode = new Map<NodeId, (typeof colours)[number]>();
  return {
    dim,
    alarm: red,
    node(text, node) {
      // The same in every trace, where names have numbers.
      const place = Number(/\d{1,9}$/.exec(node)?.[0] ?? ofNode.size + 1) - 1;
      const colour = ofNode.get(node) ?? colours[place % colours.length] ?? cyan;
      ofNode.set(node, colour);
      return colour(text);
    },
  };
}

const chunkChars = 64 * 1024;

/** Standard output or a file, some kilobytes at a time. */
class Output {
  readonly #file: string | null;
  readonly #descriptor: number | null;
  #text = '';

  constructor(file: string | undefined) {
    this.#file = file ?? null;
    this.#descriptor = file === undefined ? null : this.#written(() => openSync(file, 'w'));
  }

  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= chunkChars) this.flush();
  }

  flush(): void {
    const text = this.#text;
    const descriptor = this.#descriptor;
    this.#text = '';
    if (descriptor === null) write(text);
    else this.#written(() => writeFileSync(descriptor, text));
  }

  close(): void {
    this.flush();
    if (this.#descriptor !== null) closeSync(this.#descriptor);
  }

  #written<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw usageError(`can't write ${this.#file}: ${(error as Error).message}`);
    }
  }
}
