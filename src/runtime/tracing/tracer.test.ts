import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../core/trace-event.js';
import * as wire from '../../core/wire.js';
import { simulate } from '../../explore/simulate.js';
import { contradictionsIn } from '../../trace/testing/causality.js';
import { decodeAs, encodeAs } from '../cbor.js';
import { fromTuple } from '../cbor-tuples.js';
import { type CarriedMessage, carriedShape, Tracer } from './tracer.js';

/** A tracer, and what it told. */
function tracer(node = 'n1', clock = {}) {
  const events: TraceEvent[] = [];
  const sink = (event: TraceEvent) => events.push(event);
  return { events, tracer: new Tracer({ node, now: () => 7, sink, clock }) };
}

const hello = (clock: Readonly<Record<string, number>>): CarriedMessage => {
  return { type: 'hello', message: { type: 'hello' }, clock };
};

describe('a tracer', () => {
  it('counts the events of its node, and takes over what is told of others', () => {
    const { events, tracer: n1 } = tracer();
    n1.start(1);
    n1.delivered('n2', hello({ n2: 4, n3: 9 }));
    n1.delivered('n3', hello({ n3: 5 }));
    expect(n1.event({ type: 'sync' })).toEqual({ n1: 4, n2: 4, n3: 9 });
    expect(events.map(({ clock }) => clock)).toEqual([
      { n1: 1 },
      { n1: 2, n2: 4, n3: 9 },
      { n1: 3, n2: 4, n3: 9 },
      { n1: 4, n2: 4, n3: 9 },
    ]);
    expect(events[2]?.data).toMatchObject({ type: 'delivered', from: 'n3', sent: 5 });
  });

  it('goes on from where it is told, and tells nothing between a stop and the next start', () => {
    const { events, tracer: n1 } = tracer('n1', { n1: 1005, n2: 3 });
    n1.event({ type: 'sync' });
    n1.start(2);
    n1.stop('killed');
    n1.event({ type: 'sync' });
    n1.stop(null);
    n1.start(3);
    expect(events.map(({ clock, data }) => [clock['n1'], data.type])).toEqual([
      [1006, 'start'],
      [1007, 'stop'],
      [1008, 'start'],
    ]);
  });

  it('tells a role when it is another, and remarks on what others have sent', () => {
    const { events, tracer: n1 } = tracer();
    n1.start(1);
    for (const role of ['follower', 'follower', 'leader']) n1.role(role);
    n1.fate('lost', 'n2', 'n1', hello({ n2: 6 }), 'cut');
    expect(events.slice(1)).toMatchObject([
      { data: { role: 'follower' } },
      { data: { role: 'leader' } },
      { node: 'n2', clock: { n2: 6 }, data: { type: 'lost', to: 'n1', sent: 6, why: 'cut' } },
    ]);
    expect(n1.event({ type: 'sync' })).toEqual({ n1: 4 });
  });
});

describe('what carries a message', () => {
  const shape = carriedShape(wire.union({ hello: {} })) as unknown as wire.Shape<CarriedMessage>;

  it('arrives with its clock', () => {
    const carried = hello({ n1: 2 ** 40, n2: 1 });
    expect(decodeAs(shape, encodeAs(shape, carried))).toEqual(carried);
  });

  it.each([
    [['hello']],
    [[['hello'], [['n1', -1]]]],
    [[['hello'], [['n 1', 1]]]],
    [[['hello'], Array.from({ length: 1025 }, (_, at) => [`n${at}`, 1])]],
    [[['other'], []]],
  ])('is refused as %j', (raw) => {
    expect(() => fromTuple(shape, raw)).toThrow(wire.ShapeError);
  });
});

/** What a cluster of each mode did under faults of all kinds. */
const traces = new Map(
  Object.entries({ '2pc': 1, quorum: 1, gossip: 3, paxos: 2 }).map(([mode, seed]) => {
    const lossy = ['loss', 'duplication', 'one-way cut', 'kill'] as const;
    const faults = mode === 'gossip' ? { faults: lossy } : {};
    const { trace } = simulate({ mode, seed, durationMs: 300, trace: true, ...faults });
    return [mode, trace as readonly TraceEvent[]];
  }),
);

describe.each([...traces])('the clocks of a simulated %s cluster', (_, events) => {
  it('know of all that happened before, and of nothing else', () => {
    expect(events.length).toBeGreaterThan(500);
    expect(contradictionsIn(events)).toEqual([]);
  });

  it('would show that one of them is off by one', () => {
    const at = events.findIndex(({ data }) => data.type === 'delivered');
    const event = events[at] as TraceEvent;
    const { from } = event.data as { readonly from: string };
    for (const by of [1, -1]) {
      const clock = { ...event.clock, [from]: (event.clock[from] ?? 0) + by };
      expect(contradictionsIn(events.with(at, { ...event, clock })).length).toBeGreaterThan(0);
    }
  });
});

it('says of every message that a link has lost that it is, and delivers none of them', () => {
  const whys = new Set<string>();
  for (const events of traces.values()) {
    const copies = new Map<string, number>();
    const add = (name: string, count: number) => copies.set(name, (copies.get(name) ?? 1) + count);
    for (const { node, data } of events) {
      if (data.type === 'lost') whys.add(data.why);
      if (data.type === 'lost') add(`${node}:${data.sent}`, -1);
      if (data.type === 'doubled') add(`${node}:${data.sent}`, 1);
      if (data.type === 'delivered') add(`${data.from}:${data.sent}`, -1);
    }
    expect([...copies].filter(([, left]) => left < 0)).toEqual([]);
  }
  expect([...whys].sort()).toEqual(expect.arrayContaining(['cut', 'dropped']));
});
