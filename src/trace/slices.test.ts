import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { TraceEvent } from '../core/trace-event.js';
import { runScript } from '../scenario/testing/run-script.js';
import { lanesOf } from './lanes.js';
import { LanesBuilder } from './lanes-builder.js';
import { isFate } from './merge.js';
import { SliceFinder } from './slices.js';

async function traceOf(scenario: string, bug?: string) {
  const events: TraceEvent[] = [];
  const builder = new LanesBuilder();
  const sink = (event: TraceEvent): void => {
    builder.add(event);
    if (!isFate(event)) events.push(event);
  };
  await runScript(scenario, { sink, bug });
  const lanes = lanesOf(builder.end());
  return { events, lanes, slices: new SliceFinder(events, lanes) };
}

const zoo = (bug: string) =>
  readFileSync(join(import.meta.dirname, `../../scenarios/zoo/${bug}.kvx`), 'utf8');

it('goes back over the operations on the same key, and leaves out what led to nothing', async () => {
  const { events, slices } = await traceOf(
    [
      ...['cluster up --mode paxos -n 3 --priority n1', 'wait 1s', 'put other 0', 'put x 1'],
      ...['fault cut n3', 'wait 300ms', 'put x 2', 'wait 300ms', 'get x --node n1'],
    ].join('\n'),
  );
  const last = events.findLastIndex(({ data }) => data.type === 'return');
  const slice = [...slices.sliceOf(last)].map((at) => events[at] as TraceEvent);
  expect(slice.at(-1)).toBe(events[last]);
  const asked = slice.flatMap(({ data }) => (data.type === 'call' ? [data.operation] : []));
  expect(asked).toMatchObject([
    ...[
      { type: 'put', key: 'x' },
      { type: 'put', key: 'x' },
    ],
    { type: 'get', key: 'x' },
  ]);
  const types = slice.map(({ data }) =>
    data.type === 'sent' || data.type === 'delivered' ? data.message.type : data.type,
  );
  expect(types).toEqual(expect.arrayContaining(['accept', 'accepted', 'persist', 'fault']));
  expect(types).not.toContain('heartbeat');
  expect(slice.length).toBeLessThan(80);
});

it('knows what led to a contradiction between nodes', async () => {
  const bug = '2pc-unilateral-abort';
  const { events, slices } = await traceOf(zoo(bug), bug);
  const violation = events.findIndex(({ data }) => data.type === 'violation');
  const slice = [...slices.sliceOf(violation)].map((at) => (events[at] as TraceEvent).data);
  expect(slice.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['call', 'fault', 'persist']),
  );
  expect(slice.some((data) => data.type === 'persist' && data.record.type === 'prepared')).toBe(
    true,
  );
  expect(slice.at(-1)).toMatchObject({ type: 'violation' });
});

it('has no event before its cause', async () => {
  const { events, lanes, slices } = await traceOf(zoo('quorum-no-write-back'));
  for (let event = 0; event < events.length; event += 7) {
    const slice = slices.sliceOf(event);
    const has = new Set(slice);
    expect([...slice]).toEqual([...slice].sort((a, b) => a - b));
    expect(has.has(event)).toBe(true);
    for (const at of slice) {
      const message = lanes.events.message[at] as number;
      const isTaken = events[at]?.data.type === 'delivered' && message < lanes.messages.count;
      if (isTaken) expect(lanes.messages.sent[message]).toBeLessThan(at);
    }
  }
});
