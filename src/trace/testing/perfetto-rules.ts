/**
 * What Perfetto's importer of Chrome's trace events counts as an error or drops, as its sources have it
 * (src/trace_processor/importers/json/json_trace_tokenizer.cc and json_trace_parser.cc, importers/common/slice_tracker.cc and
 * flow_tracker.cc in github.com/google/perfetto). Throws for each; and for what would be no error, but is not shown whole.
 */
interface ChromeEvent {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly cat?: string;
  readonly ts: number;
  readonly dur?: number;
  readonly s?: string;
  readonly id?: string;
  readonly bind_id?: string;
  readonly flow_in?: boolean;
  readonly flow_out?: boolean;
  readonly args?: Readonly<Record<string, unknown>>;
}

interface Imported {
  /** By what they are called: how many slices and instants. */
  readonly tracks: ReadonlyMap<string, number>;
  readonly asyncSlices: number;
  readonly arrows: number;
}

export function importedByPerfetto(file: string): Imported {
  // So it tells that it is one.
  if (!/^\s*(\{\s*"|\[\s*\{\s*")/.test(file)) throw new Error('it is no JSON trace');
  const { traceEvents } = JSON.parse(file) as { traceEvents: ChromeEvent[] };
  if (!Array.isArray(traceEvents)) throw new Error('traceEvents is not an array');
  for (const event of traceEvents) checkFields(event);
  const names = namesOf(traceEvents);
  // Events of the same time stay in their order.
  const inTime = traceEvents.filter(({ ph }) => ph !== 'M').sort((a, b) => a.ts - b.ts);
  return {
    tracks: tracksOf(inTime, names),
    asyncSlices: asyncSlicesOf(inTime),
    arrows: arrowsOf(inTime),
  };
}

const isId = (id: unknown): boolean => typeof id === 'string' && /^0x[0-9a-f]{1,16}$/.test(id);
const isUint32 = (number: unknown): boolean =>
  Number.isSafeInteger(number) && (number as number) > 0 && (number as number) < 2 ** 32;

function checkFields(event: ChromeEvent): void {
  const { ph, name, pid, tid, ts, dur, s, id, bind_id: bindId } = event;
  const refuse = (why: string): never => {
    throw new Error(`${why}: ${JSON.stringify(event)}`);
  };
  if (typeof name !== 'string' || name === '') refuse('it has no name');
  // Without a tid it would be the pid's own.
  if (!isUint32(pid) || !isUint32(tid)) refuse('pid and tid must be numbers');
  if (ph === 'M') return;
  if (typeof ts !== 'number' || !Number.isFinite(ts) || ts < 0) refuse('it has no time');
  switch (ph) {
    case 'X':
      if (typeof dur !== 'number' || dur < 0) refuse('a slice has a length');
      break;
    case 'i':
      if (s !== 't' && s !== 'p' && s !== 'g') refuse('an instant has a scope');
      break;
    case 'b':
    case 'e':
      if (!isId(id)) refuse('an asynchronous slice has an id');
      break;
    default:
      refuse('such events are not known here');
  }
  const isFlow = event.flow_in === true || event.flow_out === true;
  if (isFlow !== (bindId !== undefined)) refuse('an arrow has an id and a direction');
  if (isFlow && (!isId(bindId) || ph !== 'X')) refuse('an arrow binds to a slice');
}

/** Of threads and processes. */
function namesOf(events: readonly ChromeEvent[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { ph, name, pid, tid, args = {} } of events) {
    if (ph !== 'M') continue;
    if (name === 'thread_sort_index' && Number.isSafeInteger(args['sort_index'])) continue;
    if (name !== 'process_name' && name !== 'thread_name') throw new Error(`metadata ${name}`);
    if (typeof args['name'] !== 'string' || args['name'] === '') throw new Error('a name is empty');
    names.set(name === 'process_name' ? `${pid}` : `${pid}/${tid}`, args['name']);
  }
  return names;
}

function tracksOf(events: readonly ChromeEvent[], names: ReadonlyMap<string, string>) {
  const tracks = new Map<string, number>();
  const ends = new Map<string, number>();
  for (const { ph, name, pid, tid, ts, dur = 0 } of events) {
    if (!names.has(`${pid}`)) throw new Error(`process ${pid} has no name`);
    if (ph !== 'X' && ph !== 'i') continue;
    const track = names.get(`${pid}/${tid}`);
    if (track === undefined) throw new Error(`thread ${pid}/${tid} has no name`);
    // Slices may nest, 512 deep; ours have no reason to.
    if (ts <= (ends.get(track) ?? -1)) throw new Error(`${name} overlaps what is before it`);
    ends.set(track, ts + dur);
    tracks.set(track, (tracks.get(track) ?? 0) + 1);
  }
  return tracks;
}

function asyncSlicesOf(events: readonly ChromeEvent[]): number {
  const open = new Map<string, string>();
  let count = 0;
  for (const { ph, pid, cat, id, name } of events) {
    const cookie = `${pid} ${cat} ${id}`;
    if (ph === 'b') {
      if (open.has(cookie)) throw new Error(`${cookie} begins twice`);
      open.set(cookie, name);
      count++;
    } else if (ph === 'e') {
      if (open.get(cookie) !== name) throw new Error(`${cookie} ends and has not begun`);
      open.delete(cookie);
    }
  }
  if (open.size > 0) throw new Error(`${open.size} slices never end`);
  return count;
}

function arrowsOf(events: readonly ChromeEvent[]): number {
  const begun = new Set<string>();
  let count = 0;
  for (const { bind_id: id = '', flow_in: isIn, flow_out: isOut } of events) {
    if (isOut) {
      if (begun.has(id)) throw new Error(`arrow ${id} begins twice`);
      begun.add(id);
    } else if (isIn) {
      if (!begun.has(id)) throw new Error(`arrow ${id} ends and has not begun`);
      count++;
    }
  }
  return count;
}
