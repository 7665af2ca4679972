/**
 * What nodes hold, as text, and what each event changes of it. Looks at a node after each event of its lane, and at all nodes
 * after what is of nobody's: so it must be cheap where nothing has changed.
 */
import type { Millis, NodeId } from '../core/ids.js';
import { type Key, keyToBytes } from '../core/key.js';
import { entryOf } from '../core/lookup.js';
import type { ReplicaView, StoredEntry } from '../core/replica.js';
import { oneLine, show } from '../core/show.js';
import type { TraceEvent } from '../core/trace-event.js';
import { decodeUtf8 } from '../core/utf8.js';
import type { SimCluster } from '../sim/cluster.js';
import { nodeLane } from '../sim/event-order.js';
import { nobodysLane } from '../sim/event-queue.js';
import type { Host } from '../sim/host.js';
import { typedText } from '../trace/typed-text.js';
import type { StateChange } from './recording.js';

type Part = StateChange['part'];

/** Keys whose values are shown: those that clients asked for first. */
const keysShownMax = 64;
/** Records that are not durable are named up to so many. */
const recordsShownMax = 4;
const textCharsMax = 120;

export interface StateWatchSetup {
  /** As events are dated. */
  readonly now: () => Millis;
  readonly cluster: () => SimCluster | null;
  /** Events so far. */
  readonly count: () => number;
  readonly onChange: (change: StateChange) => void;
}

/** What was seen of one thing last: what it is compared by, and its text. */
interface Seen {
  raw: unknown;
  text: string;
  /** Of the look that has seen it last. */
  look: number;
}

interface Watched {
  readonly parts: Readonly<Record<Exclude<Part, 'keys'>, Map<string, Seen>>>;
  /** Apart, since there may be many. */
  readonly entries: Map<Key, StoredEntry>;
  /** Records of this start, the last ones; how many are durable. */
  records: string[];
  durable: number;
}

export class StateWatch {
  readonly #setup: StateWatchSetup;
  readonly #nodes = new Map<NodeId, Watched>();
  /** By the key, how it is shown. */
  readonly #keys = new Map<Key, string>();
  #look = 0;

  constructor(setup: StateWatchSetup) {
    this.#setup = setup;
  }

  event({ node, data }: TraceEvent): void {
    if (data.type === 'call') this.#meet(data.operation);
    if (data.type !== 'persist' && data.type !== 'durable' && data.type !== 'start') return;
    const watched = this.#watched(node);
    if (data.type === 'start') Object.assign(watched, { records: [], durable: 0 });
    else if (data.type === 'durable') watched.durable = data.position;
    else {
      watched.records.push(typedText(data.record));
      if (watched.records.length > 1024) watched.records.splice(0, 512);
    }
  }

  /** Something has happened in this lane. */
  look(lane: number): void {
    const cluster = this.#setup.cluster();
    const hosts = cluster?.hosts ?? [];
    if (lane !== nobodysLane) {
      // What arrives on a link waits for a turn of its node.
      const host = hosts.find(({ index }) => nodeLane(index) === lane);
      if (host !== undefined) this.#lookAt(host);
      return;
    }
    for (const host of hosts) this.#lookAt(host);
    for (const node of this.#nodes.keys()) {
      if (cluster?.has(node)) continue;
      this.#lookAt({ id: node });
      this.#nodes.delete(node);
    }
  }

  #watched(id: NodeId): Watched {
    return entryOf(this.#nodes, id, () => {
      const [node, facts, timers, disk] = [new Map(), new Map(), new Map(), new Map()];
      const parts = { node, facts, timers, disk };
      return { parts, entries: new Map(), records: [], durable: 0 };
    });
  }

  /** A host, or what is left of one that was removed. */
  #lookAt(host: AnyHost | { readonly id: NodeId }): void {
    const watched = this.#watched(host.id);
    const look = ++this.#look;
    const see: See = (part, name, raw, text) => {
      const known = watched.parts[part].get(name);
      if (known !== undefined) {
        known.look = look;
        if (known.raw === raw) return;
      }
      const after = text(raw as never);
      this.#change(host.id, part, name, known?.text ?? null, after);
      if (known === undefined) watched.parts[part].set(name, { raw, text: after, look });
      else Object.assign(known, { raw, text: after });
    };
    if ('isUp' in host) {
      const state = host.failure ?? (host.isPaused ? 'paused' : host.isUp ? 'up' : 'dead');
      see('node', 'state', state, (raw: typeof state) =>
        typeof raw === 'string' ? raw : textOf(`failed: ${raw.message}`),
      );
      if (host.isUp) this.#see(host, watched, see);
    }
    this.#seeKeys(host.id, watched, 'isUp' in host ? host.view() : null);
    for (const [part, things] of Object.entries(watched.parts)) {
      for (const [name, { look: last, text }] of things) {
        if (last === look) continue;
        things.delete(name);
        this.#change(host.id, part as Part, name, text, null);
      }
    }
  }

  #see(host: AnyHost, { parts, records, durable }: Watched, see: See): void {
    const view = host.view();
    if (view === null) return;
    see('node', 'role', view.role, String);
    if (view.suspects.length > 0) see('node', 'suspects', view.suspects.join(', '), String);
    for (const [name, value] of view.facts) see('facts', name, value, textOf);
    if (view.unsettledCount > 0) {
      for (const [at, sentence] of view.unsettled().entries()) {
        see('facts', at === 0 ? 'waits' : `waits, ${at + 1}`, sentence, textOf);
      }
    }
    this.#seeTimers(host, parts.timers, see);
    const waiting = host.undurableCount;
    see('disk', 'durable', durable, (count) => `${count} records`);
    if (waiting === 0) return;
    const last = records.slice(-waiting);
    const rest = last.length > recordsShownMax ? `, … ${last.length} in all` : '';
    const named = `${last.slice(0, recordsShownMax).join(', ')}${rest}`;
    see('disk', 'not yet durable', named, textOf);
  }

  #seeKeys(node: NodeId, { entries }: Watched, view: ReplicaView | null): void {
    for (const [key, name] of this.#keys) {
      const [before, after] = [entries.get(key), view?.lookup(key)];
      if (before === after || (before && after && isSame(before, after))) continue;
      const texts = [before, after].map((entry) => (entry ? entryText(entry) : null));
      if (after === undefined) entries.delete(key);
      else entries.set(key, after);
      this.#change(node, 'keys', name, texts[0] ?? null, texts[1] ?? null);
    }
  }

  /** By when they are due in the world: a clock that jumps moves them. */
  #seeTimers(host: AnyHost, known: ReadonlyMap<string, Seen>, see: See): void {
    const now = this.#setup.now();
    for (const [name, leftMs] of host.timers) {
      const due = now + leftMs;
      const before = known.get(name)?.raw as Millis | undefined;
      // It is computed anew each time, and rounded.
      const isSame = before !== undefined && Math.abs(due - before) < 1e-3;
      see('timers', name, isSame ? before : due, (ms: Millis) => `due at ${ms.toFixed(3)} ms`);
    }
  }

  #change(
    node: NodeId,
    part: Part,
    name: string,
    before: string | null,
    after: string | null,
  ): void {
    if (before === after) return;
    const event = Math.max(0, this.#setup.count() - 1);
    this.#setup.onChange({ event, node, part, name, before, after });
  }

  #meet(operation: object): void {
    if (this.#keys.size >= keysShownMax) return;
    const { key, steps = [] } = operation as {
      readonly key?: Key;
      readonly steps?: readonly { readonly key: Key }[];
    };
    for (const each of key === undefined ? steps.map((step) => step.key) : [key]) {
      if (this.#keys.size >= keysShownMax) return;
      this.#keys.set(each, decodeUtf8(keyToBytes(each)) ?? show(each));
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: of whatever protocol.
type AnyHost = Host<any, any>;
type See = (
  part: Exclude<Part, 'keys'>,
  name: string,
  raw: unknown,
  text: (raw: never) => string,
) => void;

const textOf = (value: string | number): string => oneLine(String(value), textCharsMax);

function entryText({ value, version: { stamp, node } }: StoredEntry): string {
  const shown = value === null ? 'deleted' : (decodeUtf8(value) ?? `${value.length} bytes`);
  return `${textOf(shown)} (${stamp}@${node})`;
}

function isSame(one: StoredEntry, other: StoredEntry): boolean {
  if (one.version.stamp !== other.version.stamp || one.version.node !== other.version.node)
    return false;
  const [a, b] = [one.value, other.value];
  if (a === null || b === null || a.length !== b.length) return a === b;
  return a.every((byte, at) => byte === b[at]);
}
