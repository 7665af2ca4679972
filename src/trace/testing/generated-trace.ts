/** Traces of nodes that do nothing in particular, as a cluster would write them: for tests of what reads traces. */
import type { Millis, NodeId } from '../../core/ids.js';
import { keyFromText } from '../../core/key.js';
import { SeededRandom } from '../../core/random.js';
import type { TraceData, TracedFate, TraceEvent, VectorClock } from '../../core/trace-event.js';
import type { TraceSource } from '../merge.js';

interface Options {
  readonly seed: number;
  readonly nodes?: number;
  readonly events?: number;
  /** Nodes are killed, and start again past what they have not written. */
  readonly kills?: boolean;
  /** How far the clocks of two nodes may lie apart. */
  readonly skewMs?: Millis;
}

interface Message {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly clock: VectorClock;
  readonly message: { readonly type: string };
}

const keys = ['x', 'y', 'z'].map(keyFromText);

/** What each node has written, by its name. */
export function generatedTrace(options: Options): Map<NodeId, TraceEvent[]> {
  const { seed, nodes = 4, events = 200, kills = false, skewMs = 0 } = options;
  const random = new SeededRandom(seed);
  const names = Array.from({ length: nodes }, (_, at) => `n${at + 1}`);
  const files = new Map(names.map((node): [NodeId, TraceEvent[]] => [node, []]));
  const clocks = new Map(names.map((node): [NodeId, VectorClock] => [node, {}]));
  const skews = new Map(names.map((node) => [node, random.next() * skewMs]));
  const underWay: Message[] = [];
  const calls: { node: NodeId; request: number }[] = [];
  let now = 1_000_000;
  let requests = 0;

  const write = (node: NodeId, clock: VectorClock, data: TraceData, writer = node): void => {
    files.get(writer)?.push({ node, atMs: now + (skews.get(writer) as number), clock, data });
  };
  const happen = (node: NodeId, data: TraceData, known: VectorClock = {}): VectorClock => {
    const before = clocks.get(node) as VectorClock;
    const clock: Record<NodeId, number> = { ...before };
    for (const [other, count] of Object.entries(known)) {
      clock[other] = Math.max(count, clock[other] ?? 0);
    }
    clock[node] = (before[node] ?? 0) + 1;
    clocks.set(node, clock);
    write(node, clock, data);
    return clock;
  };
  const kill = (node: NodeId): void => {
    const written = files.get(node) as TraceEvent[];
    written.splice(Math.max(0, written.length - random.below(5)));
    const clock = clocks.get(node) as VectorClock;
    clocks.set(node, { ...clock, [node]: (clock[node] ?? 0) + 1000 });
    for (const call of calls.filter((each) => each.node === node)) {
      calls.splice(calls.indexOf(call), 1);
    }
    happen(node, { type: 'start', incarnation: 2 });
  };
  const step = (node: NodeId): void => {
    const what = random.below(kills ? 41 : 40);
    if (what < 14) {
      const to = random.pick(names.filter((each) => each !== node));
      const type = random.pick(['ask', 'tell', 'note']);
      const message = { type, key: random.pick(keys), number: random.below(100) };
      const clock = happen(node, { type: 'sent', to, message });
      underWay.push({ from: node, to, clock, message });
    } else if (what < 32) {
      const arrived = underWay.findIndex(({ to }) => to === node);
      if (arrived < 0) return;
      const [{ from, to, clock, message }] = underWay.splice(arrived, 1) as [Message];
      const sent = clock[from] as number;
      const fate = random.below(20);
      const isLost = fate === 0;
      const type: TracedFate['type'] = isLost ? 'lost' : 'doubled';
      if (fate < 2) write(from, clock, { type, to, sent, why: 'chance' }, random.pick([from, to]));
      if (isLost) return;
      happen(node, { type: 'delivered', from, sent, message }, clock);
    } else if (what < 36) {
      const operation = { type: 'get', key: random.pick(keys) } as const;
      const client = random.pick(['ann', 'bob', null]);
      happen(node, { type: 'call', request: ++requests, client, operation, level: null });
      calls.push({ node, request: requests });
    } else if (what < 40) {
      const at = calls.findIndex((call) => call.node === node);
      if (at < 0) return;
      const [{ request }] = calls.splice(at, 1) as [{ node: NodeId; request: number }];
      const result = { type: 'value', value: null, version: null } as const;
      happen(node, { type: 'return', request, result });
    } else kill(node);
  };

  for (const node of names) happen(node, { type: 'start', incarnation: 1 });
  for (let at = 0; at < events; at++) {
    now += random.below(3) / 4;
    step(random.pick(names));
  }
  return files;
}

/** The events in their order, all at once. */
export function sourceOf(events: Iterable<TraceEvent>, node: NodeId | null = null): TraceSource {
  const iterator = events[Symbol.iterator]();
  return {
    ...{ node, isCut: false },
    next() {
      const { done, value } = iterator.next();
      return done ? null : value;
    },
  };
}
