/**
 * For Perfetto (ui.perfetto.dev) and whatever else opens Chrome's trace events ("Trace Event Format", JSON object form).
 *
 * Each node is a thread. Its events are slices without a length and instants; those of the same time would stand on top of
 * each other, so no two have the same. An arrow goes from a message's sending to where it arrived. A call of a client is an
 * asynchronous slice up to its return, a fault one of another process, which is called `faults`.
 */
import type { Millis, NodeId } from '../core/ids.js';
import type { TraceData } from '../core/trace-event.js';
import type { TraceExport } from './export.js';
import type { KnownEvent } from './recall.js';
import { Recent } from './recent.js';
import { detailOf } from './text.js';

type Fields = Readonly<Record<string, unknown>>;
type Nanos = number;
type Fault = Extract<TraceData, { readonly type: 'fault' }>;

const nodesPid = 1;
const faultsPid = 2;

interface Track {
  readonly tid: number;
  lastNs: Nanos;
  /** What is under way, by the number of the request. */
  readonly calls: Map<number, Fields>;
}

interface Arrow {
  readonly id: string;
  readonly sentNs: Nanos;
}

/** Of messages that were sent last. */
const arrowsMax = 100_000;

export class PerfettoExport implements TraceExport {
  readonly #tracks = new Map<NodeId, Track>();
  readonly #arrows = new Recent<Arrow>(arrowsMax);
  /** Of what is broken now, by the fault's number. */
  readonly #faults = new Map<number, Fields>();
  #ids = 0;
  #beginMs: Millis | null = null;
  #lastNs: Nanos = 0;

  begin(): string {
    const names = [named('process', 'nodes', nodesPid), named('process', 'faults', faultsPid)];
    return `{"displayTimeUnit":"ms","traceEvents":[\n${names.map(asJson).join(',\n')}`;
  }

  event(known: KnownEvent): string {
    const { event } = known;
    this.#beginMs ??= event.atMs;
    const atNs = Math.max(0, Math.round((event.atMs - this.#beginMs) * 1e6));
    this.#lastNs = Math.max(this.#lastNs, atNs);
    const found =
      event.data.type === 'fault' ? this.#fault(event.data, atNs) : this.#of(known, atNs);
    return found.map((each) => `,\n${asJson(each)}`).join('');
  }

  end(): string {
    const calls = [...this.#tracks.values()].flatMap((track) => [...track.calls.values()]);
    const open = [...calls, ...this.#faults.values()].map((begun) => ended(begun, this.#lastNs));
    return `${open.map((each) => `,\n${asJson(each)}`).join('')}\n]}\n`;
  }

  /** The event, and what begins or ends with it. */
  #of(known: KnownEvent, atNs: Nanos): Fields[] {
    const { node, data, clock } = known.event;
    const found: Fields[] = [];
    const track = this.#tracks.get(node) ?? {
      tid: this.#tracks.size + 1,
      lastNs: -1,
      calls: new Map(),
    };
    if (!this.#tracks.has(node)) found.push(...threadOf(node, track.tid));
    this.#tracks.set(node, track);
    const arrived =
      data.type === 'delivered' ? this.#arrows.get(`${data.from}:${data.sent}`) : undefined;
    const ns = Math.max(atNs, track.lastNs + 1, (arrived?.sentNs ?? -1) + 1);
    track.lastNs = ns;
    this.#lastNs = Math.max(this.#lastNs, ns);
    const where = { pid: nodesPid, tid: track.tid, ts: ns / 1000 };
    const args = { is: detailOf(known), clock };
    const itself = { name: nameOf(known), cat: data.type, ...where, args };
    if (data.type === 'sent') {
      const arrow = { id: this.#newId(), sentNs: ns };
      this.#arrows.set(`${node}:${clock[node]}`, arrow);
      found.push({ ...itself, ph: 'X', dur: 0, bind_id: arrow.id, flow_out: true });
    } else if (arrived !== undefined) {
      found.push({ ...itself, ph: 'X', dur: 0, bind_id: arrived.id, flow_in: true });
    } else found.push({ ...itself, ph: 'i', s: 't' });
    switch (data.type) {
      case 'call': {
        const name = `${data.operation.type} at ${node}`;
        const begun = { name, cat: 'call', id: this.#newId(), ...where, args };
        track.calls.set(data.request, begun);
        found.push({ ...begun, ph: 'b' });
        break;
      }
      case 'return': {
        const begun = track.calls.get(data.request);
        track.calls.delete(data.request);
        if (begun !== undefined) found.push(ended(begun, ns, args));
        break;
      }
      case 'start':
        for (const begun of track.calls.values()) found.push(ended(begun, ns));
        track.calls.clear();
        break;
      default:
    }
    return found;
  }

  #fault({ change, fault: { id, words, by } }: Fault, ns: Nanos): Fields[] {
    const where = { pid: faultsPid, tid: faultsPid };
    const begun = this.#faults.get(id) ?? {
      ...{ name: words, cat: 'fault', id: this.#newId(), ...where, ts: 0, args: { by } },
    };
    const isKnown = this.#faults.delete(id);
    if (change === 'begin') {
      const now = { ...begun, ts: ns / 1000 };
      this.#faults.set(id, now);
      return [{ ...now, ph: 'b' }];
    }
    // It began before the trace does.
    return [...(isKnown ? [] : [{ ...begun, ph: 'b' }]), ended(begun, ns, {})];
  }

  #newId(): string {
    return `0x${(++this.#ids).toString(16)}`;
  }
}

const asJson = (fields: Fields): string => JSON.stringify(fields);

const ended = (
  begun: Fields,
  ns: Nanos,
  args: Fields = { is: 'no end in this trace' },
): Fields => ({
  ...{ ...begun, ph: 'e', ts: ns / 1000, args },
});

const named = (what: 'process' | 'thread', name: string, pid: number, tid = pid): Fields => ({
  ...{ name: `${what}_name`, ph: 'M', pid, tid, args: { name } },
});

/** Its name, and its place among the others: by the number in it. */
function threadOf(node: NodeId, tid: number): Fields[] {
  const thread = { ph: 'M', pid: nodesPid, tid };
  const place = Number(/\d{1,9}$/.exec(node)?.[0] ?? tid);
  return [
    named('thread', node, nodesPid, tid),
    { name: 'thread_sort_index', ...thread, args: { sort_index: place } },
  ];
}

/** What stands on the slice. */
function nameOf({ event: { data }, typed }: KnownEvent): string {
  switch (data.type) {
    case 'sent':
      return `${data.message.type} → ${data.to}`;
    case 'delivered':
      return `${data.message.type} ← ${data.from}`;
    case 'lost':
    case 'held':
    case 'doubled':
      return `${data.type} ${typed?.type ?? 'message'} → ${data.to}`;
    case 'timer':
      return `timer ${data.name}`;
    case 'persist':
      return `persist ${data.record.type}`;
    case 'call':
      return `call ${data.operation.type}`;
    case 'return':
      return `return ${data.result.type}`;
    case 'role':
      return data.role;
    case 'tell':
      return data.event.what;
    default:
      return data.type;
  }
}
