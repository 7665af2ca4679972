import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../core/trace-event.js';
import { modeNames } from '../protocols/catalog.js';
import { runScript } from './testing/run-script.js';

/** All that happened, and what was said. */
async function traced(lines: readonly string[], how: Parameters<typeof runScript>[1] = {}) {
  const events: TraceEvent[] = [];
  const said = await runScript(lines.join('\n'), { ...how, sink: (event) => events.push(event) });
  return { ...said, events };
}

/** With the number of its place, so that what differs is told. */
const asText = (events: readonly TraceEvent[]): string[] =>
  events.map((event, at) => `${at} ${JSON.stringify(event)}`);

describe('at TIME', () => {
  describe.each(modeNames)('in mode %s', (mode) => {
    const head = `cluster up --mode ${mode} -n 3`;
    const body = [
      ...['try put a 1 --timeout 1s', 'try put b 2 --node n2 --timeout 1s', 'wait 30ms'],
      ...['try get a --node n3 --timeout 1s', 'try put a 3 --timeout 1s'],
    ];

    it.each(['of all', 'of its type'])(
      'loses one message %s, and nothing before it is another',
      async (which) => {
        const before = await traced([head, ...body]);
        const sent = before.events.filter(({ data }) => data.type === 'sent');
        const middle = sent[sent.length >> 1] as TraceEvent;
        // As a page does it that loses this message: a microsecond knows no half.
        const fromMs = Math.floor(middle.atMs * 1000) / 1000;
        const { to, message } = middle.data as Extract<TraceEvent['data'], { type: 'sent' }>;
        const link = `${middle.node}>${to}`;
        const type = which === 'of its type' ? ` --type ${message.type}` : '';
        const isCounted = ({ node, data, atMs }: TraceEvent): boolean =>
          atMs >= fromMs &&
          data.type === 'sent' &&
          `${node}>${data.to}` === link &&
          (type === '' || data.message.type === message.type);
        const since = before.events.filter(isCounted);
        const nth = 1 + since.indexOf(middle);
        const line = `at ${fromMs}ms fault drop "${link}" --nth ${nth}${type}`;
        const after = await traced([head, line, ...body]);
        expect(after.error).toBeNull();
        const place = before.events.indexOf(middle);
        const isNode = ({ data }: TraceEvent): boolean => data.type !== 'fault';
        const same = after.events.filter(isNode);
        expect(asText(same.slice(0, place + 1))).toEqual(asText(before.events.slice(0, place + 1)));
        const lost = after.events.filter(({ data }) => data.type === 'lost');
        expect(lost).toMatchObject([
          { node: middle.node, atMs: middle.atMs, data: { to, why: `dropped, number ${nth}` } },
        ]);
        expect(lost[0]?.clock).toEqual(middle.clock);
        const begun = after.events.find(({ data }) => data.type === 'fault');
        expect(begun?.atMs).toBe(fromMs);
      },
    );

    it('comes before what else happens at that time, and leaves a run as it is that it changes nothing of', async () => {
      const before = await traced([head, ...body]);
      const event = before.events[before.events.length >> 1] as TraceEvent;
      const atMs = event.atMs;
      const idle = await traced([head, `at ${atMs}ms echo now`, ...body]);
      expect(idle.out).toContain('now\n');
      expect(idle.traceHash).toBe(before.traceHash);
      const killed = await traced([head, `at ${atMs}ms node kill ${event.node}`, ...body]);
      expect(killed.error).toBeNull();
      const first = before.events.findIndex((each) => each.atMs === event.atMs);
      expect(asText(killed.events.slice(0, first))).toEqual(asText(before.events.slice(0, first)));
      const atThatTime = killed.events.filter((each) => each.atMs === event.atMs);
      expect(atThatTime.filter(({ node }) => node === event.node)).toMatchObject([
        { data: { type: 'stop', why: 'kill' } },
      ]);
    });
  });

  const head = 'cluster up -n 3';
  const whole = ['put a 1', 'wait 10ms', 'get a'];

  it('does nothing when the script is over before', async () => {
    const usual = await traced([head, ...whole]);
    const { error, out, traceHash } = await traced([head, 'at 20m node kill n1', ...whole]);
    expect(error).toBeNull();
    expect([out, traceHash]).toEqual([usual.out, usual.traceHash]);
  });

  it('is left to its end when it has begun', async () => {
    const { out, error } = await traced([head, 'at 9ms node restart n3', 'put a 1', 'wait 8ms']);
    expect(error).toBeNull();
    expect(out).toMatch(/n3 running\n$/);
  });

  it('fails the script where it fails itself, unless it is tried', async () => {
    const wrong = 'node resume n2';
    const lines = [head, 'node kill n2', `at 9ms ${wrong}`, 'wait 20ms', 'echo on'];
    const { error, out } = await traced(lines);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^test\.kvx:3: at 9ms node resume n2: .*dead/),
    });
    expect(out).not.toContain('on\n');
    const tried = await traced(lines.toSpliced(2, 1, `at 9ms try ${wrong}`));
    expect(tried.error).toBeNull();
    expect(tried.err).toEqual([expect.stringContaining('n2: it is dead')]);
    expect(tried.out).toContain('on\n');
  });

  it('asks as a client of its own, while others ask', async () => {
    const { out, report, error } = await traced([
      ...[head, 'at 5.125ms put a 2 --level one', 'fault delay 20ms', 'put a 1'],
      ...['wait 100ms', 'expect history linearizable'],
    ]);
    expect(error).toBeNull();
    expect(out).toContain('line 2: OK\n');
    expect(report?.failed).toBe(false);
  });

  it('may come before the cluster is whole, and after it is gone', async () => {
    const early = await traced([head, 'at 0ms fault cut "n1>n2"', 'fault list']);
    expect(early.out).toMatch(/n1 +- +cut/);
    const late = await traced([head, 'at 20ms node kill n1', 'cluster down', 'wait 30ms']);
    expect(late.error).toMatchObject({ code: 'cluster' });
  });

  it('is the same under the same seed', async () => {
    const lines = [head, 'at 3ms fault drop 20%', 'at 4ms put b 2', 'put a 1', 'wait 50ms'];
    const [one, other] = [await traced(lines), await traced(lines)];
    expect(asText(one.events)).toEqual(asText(other.events));
  });
});

describe('a message that is meant alone', () => {
  const lostAt = async (...lines: readonly string[]) => {
    const { events, error } = await traced(['cluster up --mode quorum -n 3', ...lines]);
    expect(error).toBeNull();
    return events.filter(({ data }) => data.type === 'lost').map(({ node }) => node);
  };

  it('is lost once, though its sender starts again', async () => {
    const rule = 'fault drop "n1>n2" --nth 2';
    expect(await lostAt(rule, 'wait 1s', 'node restart n1', 'wait 1s')).toEqual(['n1']);
    expect(await lostAt('fault drop "n1>n2" --nth 200', 'node restart n1', 'wait 1s')).toEqual([]);
  });

  it('ends the fault with the last that it means', async () => {
    const { events } = await traced([
      ...['cluster up --mode quorum -n 3', 'fault drop n1-n2 --nth 2', 'fault drop n3 5%'],
      ...['wait 2s', 'echo all', 'wait 1s'],
    ]);
    const told = events.filter(({ data }) => data.type === 'fault' || data.type === 'lost');
    const ended = told.findIndex(({ data }) => data.type === 'fault' && data.change === 'end');
    const single = told.filter(({ data }) => data.type === 'lost' && data.why.includes('number'));
    expect(told[ended]).toMatchObject({ data: { fault: { words: 'fault drop n1-n2 --nth=2' } } });
    expect(single.map(({ node }) => node).sort()).toEqual(['n1', 'n2']);
    expect(told[ended]?.atMs).toBe(single[1]?.atMs);
  });

  it('may be one of several, and the same words again mean another', async () => {
    const rule = 'fault drop "n1>n2" --nth 1';
    expect(await lostAt(rule, rule, 'wait 1s')).toEqual(['n1']);
    expect(await lostAt(rule, 'wait 1s', rule, 'wait 1s')).toEqual(['n1', 'n1']);
    expect(await lostAt('fault drop --nth 1', 'wait 1s')).toHaveLength(6);
  });
});
