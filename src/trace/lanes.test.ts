import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../core/trace-event.js';
import { simulate } from '../explore/simulate.js';
import { modeNames } from '../protocols/catalog.js';
import {
  laneEventKinds,
  laneRemarkKinds,
  laneSpanKinds,
  lanesOf,
  messageFates,
  noEvent,
} from './lanes.js';
import { LanesBuilder } from './lanes-builder.js';
import { isFate, ownOf } from './merge.js';
import { Recall } from './recall.js';
import { TraceLines, unpainted } from './text.js';

function built(events: Iterable<TraceEvent>) {
  const builder = new LanesBuilder();
  for (const event of events) builder.add(event);
  return lanesOf(builder.end());
}

const at = (node: string, atMs: number, own: number, data: TraceEvent['data']): TraceEvent => ({
  ...{ node, atMs, clock: { [node]: own }, data },
});
const message = { type: 'accept', key: 'k', value: 'v1' };
const put = { type: 'put', key: 'k0', value: new Uint8Array([49]) } as never;

describe.each(modeNames)('the lanes of a simulated run of %s', (mode) => {
  const { trace } = simulate({ mode, seed: 7, durationMs: 400, trace: true });
  const events = trace ?? [];
  const told = events.filter((event) => !isFate(event));
  const lanes = built(events);
  const { names, messages, remarks, spans } = lanes;
  const ofKind = (kind: string) =>
    Array.from({ length: lanes.events.count }, (_, event) => event).filter(
      (event) => laneEventKinds[lanes.events.kind[event] as number] === kind,
    );

  it('have every event in its lane at its time', () => {
    expect(lanes.events.count).toBe(told.length);
    for (const [event, { node, atMs, data }] of told.entries()) {
      const lane = names[lanes.events.lane[event] as number];
      expect(lane).toBe(data.type === 'fault' || data.type === 'violation' ? 'faults' : node);
      expect(lanes.events.atMs[event]).toBeCloseTo(atMs - (told[0]?.atMs ?? 0), 6);
    }
    expect(lanes.durationMs).toBe(lanes.events.atMs.at(-1));
    expect(names[0]).toBe('clients');
  });

  it('name the message of all that is sent, and of all that is delivered the one that was sent', () => {
    expect(messages.count).toBe(ofKind('sent').length);
    expect(messages.count).toBeGreaterThan(50);
    for (const event of ofKind('sent')) {
      const sent = lanes.events.message[event] as number;
      expect(messages.sent[sent]).toBe(event);
      const { data } = told[event] as TraceEvent;
      if (data.type !== 'sent') throw new Error(data.type);
      expect(names[messages.to[sent] as number]).toBe(data.to);
      expect(lanes.types[messages.type[sent] as number]).toBe(data.message.type);
    }
    const named = new Map(
      told.filter(({ data }) => data.type === 'sent').map((e) => [`${e.node} ${ownOf(e)}`, e]),
    );
    for (const event of ofKind('delivered')) {
      const { data } = told[event] as TraceEvent;
      if (data.type !== 'delivered') throw new Error(data.type);
      const its = lanes.events.message[event] as number;
      expect(told[messages.sent[its] as number]).toBe(named.get(`${data.from} ${data.sent}`));
      expect(messages.delivered[its]).toBeLessThanOrEqual(event);
      expect(messageFates[messages.fate[its] as number]).toBe('delivered');
      expect(lanes.labelOf(event)).toBe(lanes.labelOf(messages.sent[its] as number));
    }
  });

  it('remark on what became of messages, each where it belongs', () => {
    const fates = events.filter(isFate);
    expect(remarks.count).toBe(fates.length);
    const said = Array.from({ length: remarks.count }, (_, each) => {
      const sent = messages.sent[remarks.message[each] as number] as number;
      const { node } = told[sent] as TraceEvent;
      return `${node} ${ownOf(told[sent] as TraceEvent)} ${laneRemarkKinds[remarks.kind[each] as number]}`;
    });
    const expected = fates.map(
      ({ node, data }) => `${node} ${'sent' in data ? data.sent : ''} ${data.type}`,
    );
    expect(said.sort()).toEqual(expected.sort());
  });

  it('have a bar for every call, up to its return or to where its node stopped', () => {
    const bars = Array.from({ length: spans.count }, (_, span) => span).filter(
      (span) => laneSpanKinds[spans.kind[span] as number] === 'operation',
    );
    expect(bars.map((span) => spans.begin[span])).toEqual(ofKind('call'));
    const returned = bars.filter((span) => {
      const end = spans.end[span] as number;
      return end !== noEvent && laneEventKinds[lanes.events.kind[end] as number] === 'return';
    });
    expect(returned.length).toBe(ofKind('return').length);
  });

  it('say of each event what a trace says', async () => {
    const recall = new Recall();
    const known = events.map((event) => recall.take(event)).filter(({ event }) => !isFate(event));
    const nodes = names.filter((name) => name !== 'clients' && name !== 'faults');
    const lines = new TraceLines({ width: 10_000, nodes, paint: unpainted });
    for (const [event, each] of known.slice(0, 2000).entries()) {
      const line = lines.event(each, each.event.atMs - lanes.beginMs).trimEnd();
      const [said = ''] = (await lanes.textOf(event)).split('\n');
      expect(said.slice(0, 1500)).toBe(line.slice(0, 1500));
    }
  });
});

describe('lanes', () => {
  it('show what was lost, held and doubled, and by whom', async () => {
    const lanes = built([
      at('n2', 1000, 1, { type: 'sent', to: 'n10', message }),
      at('n2', 1000, 1, { type: 'doubled', to: 'n10', sent: 1, why: 'fault duplicate' }),
      at('n2', 1001, 2, { type: 'sent', to: 'n1', message }),
      at('n2', 1002, 2, { type: 'lost', to: 'n1', sent: 2, why: 'cut' }),
      at('n10', 1003, 1, { type: 'delivered', from: 'n2', sent: 1, message }),
      at('n10', 1004, 2, { type: 'delivered', from: 'n2', sent: 1, message }),
      at('n1', 1005, 1, { type: 'delivered', from: 'n2', sent: 0, message }),
      at('n1', 1006, 2, { type: 'sent', to: 'n2', message }),
    ]);
    expect(lanes.names).toEqual(['clients', 'n1', 'n2', 'n10']);
    expect([...lanes.messages.fate].map((fate) => messageFates[fate])).toEqual([
      ...['delivered', 'lost', 'under way'],
    ]);
    expect([...lanes.messages.delivered]).toEqual([2, noEvent, noEvent]);
    expect([...lanes.messages.endMs]).toEqual([3, 2, 6]);
    expect([...lanes.events.message]).toEqual([0, 1, 0, 0, noEvent, 2]);
    expect(lanes.labelOf(0)).toBe('accept v1');
    expect(await lanes.textOf(1)).toBe(
      '      1.000 n2  sent      → n1 accept(key k, value v1)\n      2.000 lost: cut',
    );
    expect(await lanes.textOf(2)).toBe(
      '      3.000 n10 delivered ← n2 accept(key k, value v1)\n      0.000 doubled: fault duplicate',
    );
    expect(await lanes.textOf(4)).toBe('      5.000 n1  delivered ← n2 accept(key k, value v1)');
  });

  it('span what is not durable, what is down and what clients wait for', async () => {
    const record = { type: 'promise', ballot: 3 };
    const lanes = built([
      at('n1', 0, 1, { type: 'start', incarnation: 1 }),
      at('n1', 1, 2, { type: 'call', request: 1, client: null, operation: put, level: null }),
      at('n1', 1, 3, { type: 'call', request: 2, client: null, operation: put, level: null }),
      at('n1', 2, 4, { type: 'persist', record }),
      at('n1', 3, 5, { type: 'persist', record }),
      at('n1', 4, 6, { type: 'durable', position: 1 }),
      at('n1', 5, 7, { type: 'return', request: 2, result: { type: 'done' } as never }),
      at('n1', 6, 8, { type: 'stop', why: 'kill' }),
      at('n1', 9, 9, { type: 'start', incarnation: 2 }),
    ]);
    const { spans } = lanes;
    const rows = Array.from({ length: spans.count }, (_, span) => [
      laneSpanKinds[spans.kind[span] as number],
      ...[spans.begin[span], spans.end[span], spans.row[span]],
    ]);
    expect(rows).toEqual([
      ...[
        ['operation', 1, 7, 0],
        ['operation', 2, 6, 1],
      ],
      ...[
        ['undurable', 3, 5, 0],
        ['undurable', 5, 7, 0],
        ['down', 7, 8, 0],
      ],
    ]);
    expect(lanes.labelOf(1)).toBe('put k0 1');
    expect(await lanes.textOf(6)).toBe('      5.000 n1 return    #2 put(key k0) in 4.0 ms → done');
  });

  it('have shorter labels once there are too many, and none is wrong', () => {
    const values = Array.from({ length: 70_000 }, (_, nth) =>
      at('n1', nth, nth + 1, { type: 'persist', record: { type: 'write', value: nth } as never }),
    );
    const lanes = built([...values, at('n1', 70_000, 70_001, { type: 'role', role: 'leader' })]);
    expect(lanes.labelOf(10)).toBe('write 10');
    expect(lanes.labelOf(69_999)).toBe('write');
    expect(lanes.labelOf(70_000)).toBe('leader');
  });
});
