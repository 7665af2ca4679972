import { describe, expect, it } from 'vitest';
import { toEdn } from './edn/write.js';
import { FaultSpans } from './faults.js';
import type { History } from './history.js';
import { toJsonLines } from './json/write.js';
import { parseHistory } from './read.js';

const invoke = '{:process 0, :type :invoke, :f :read, :value nil, :time 5}';
const ok = '{:process 0, :type :ok, :f :read, :value 7, :time 90}';

/** As `words from-to`. */
const shown = ({ faults }: History) =>
  faults.map(({ words, beganAt, endedAt }) => `${words} ${beganAt}-${endedAt}`);

/** What the nemesis says at 10, 20, 30 …, in EDN. */
function said(...events: readonly string[]): string[] {
  const lines = events.map(
    (event, at) => `{:process :nemesis, :type :info, :f ${event}, :time ${(at + 1) * 10}}`,
  );
  return shown(parseHistory([invoke, ...lines, ok].join('\n'), { name: 'h' }));
}

describe("what Jepsen's nemeses say", () => {
  it.each([
    [
      'a beginning and an end, each before it is done and after',
      [
        ':start-partition :value :one',
        ':start-partition :value [:isolated {"n1" #{"n2"}}]',
        ...[':stop-partition :value nil', ':stop-partition :value :network-healed'],
      ],
      ['partition isolated n1: n2 10-40'],
    ],
    ['only once', [':start :value "n1 is cut off"', ':stop'], ['n1 is cut off 10-20']],
    ['without a value', [':start', ':stop'], ['start 10-20']],
    ['no end', [':pause :value ["n1" "n2"]'], ['pause n1 n2 10-Infinity']],
    ['one end for all', [':start', ':start', ':start', ':stop'], ['start 10-40', 'start 30-40']],
    [
      'several at once',
      [':kill :value "n1"', ':pause :value "n2"', ':start', ':resume'],
      ['kill n1 10-30', 'pause n2 20-40'],
    ],
    ['nodes that are started twice', [':kill', ':start', ':start', ':start'], ['kill 10-30']],
    [
      'nodes that are started before any is killed',
      [':start', ':kill', ':start'],
      ['start 10-10', 'kill 20-30'],
    ],
    ['what is healed', [':isolate :value "n1"', ':heal'], ['isolate n1 10-20']],
    [
      'what nobody heals',
      [':isolate :value "n1"', ':kill'],
      ['isolate n1 10-10', 'kill 20-Infinity'],
    ],
    ['an end of nothing', [':stop', ':heal', ':resume', ':stop-partition'], []],
    [
      'what does not last',
      [':bitflip :value 1', ':bitflip :value {"n1" 3}'],
      ['bitflip n1: 3 10-20'],
    ],
    ['what is like no other', [':toString'], ['toString 10-10']],
    ['what is no word', ['nil', '[:a :b]', '{:odd}'], ['a b 20-20']],
    ['what nobody can read', [':kill :value {:odd}', ':kill :value [08]'], ['kill 10-Infinity']],
  ])('%s', (_, events, spans) => {
    expect(said(...events)).toEqual(spans);
  });

  it('in their logs, where lines are all that is known of time', () => {
    const log = [
      '0\t:invoke\t:read\tnil',
      ':nemesis\t:info\t:start\tnil',
      ':nemesis\t:info\t:start\t"Cut off {:n5 #{:n2}}"',
      '0\t:ok\t:read\t7',
      ':nemesis\t:info\t:stop\tnil',
    ];
    expect(shown(parseHistory(log.join('\n')))).toEqual(['Cut off {:n5 #{:n2}} 1-2']);
  });

  it('as JSON, by whatever clock', () => {
    const json = [
      '{"process":"nemesis","type":"info","f":"kill","value":{"n1":":killed"},"time":"soon"}',
      '{"process":0,"type":"invoke","f":"read","value":null,"time":50}',
      '{"process":":nemesis","type":"info","f":":start","value":null,"time":-3}',
      '{"process":0,"type":"ok","f":"read","value":7,"time":60}',
    ];
    const spans = ['kill n1: :killed 0-50'];
    expect(shown(parseHistory(json.join('\n')))).toEqual(spans);
    expect(shown(parseHistory(`[${json.join(',\n')}]`))).toEqual(spans);
  });
});

describe('faults with ids', () => {
  const client = [
    '{"process":0,"type":"invoke","f":"put","key":"k","value":"1","time":1}',
    '{"process":0,"type":"ok","f":"put","key":"k","value":"1","time":9}',
  ];
  const event = (f: string, fault: number | string, time: number) =>
    JSON.stringify({ process: 'nemesis', type: 'info', f, value: `fault ${fault}`, time, fault });
  const read = (...lines: string[]) =>
    parseHistory([client[0], ...lines, client[1]].join('\n'), { name: 'h' });

  it('end each with its own, and may begin again', () => {
    const history = read(
      ...[event('start', 1, 2), event('start', 1, 2), event('start', 'b', 3), event('stop', 1, 4)],
      ...[
        event('start', 1, 5),
        event('stop', 'c', 6),
        event('stop', 'b', 7),
        event('stop', 'b', 8),
      ],
    );
    expect(shown(history)).toEqual(['fault 1 2-4', 'fault b 3-8', 'fault 1 5-Infinity']);
    expect(history.faults.map(({ line }) => line)).toEqual([2, 4, 6]);
  });

  it("are written as pairs, in the order of time, which Jepsen's tools read", () => {
    const history = read(event('start', 7, 1), event('stop', 7, 9));
    expect(
      [...toJsonLines(history)].map((line) => /"f":"(\w+)".*"time":(\d)/.exec(line)?.slice(1)),
    ).toEqual([
      ['start', '1'],
      ['start', '1'],
      ['put', '1'],
      ['put', '9'],
      ['stop', '9'],
      ['stop', '9'],
    ]);
    expect([...toEdn(history)][0]).toBe(
      '{:process :nemesis, :type :info, :f :start, :value "fault 7", :time 1, :fault 1}\n',
    );
  });

  it('are kept up to a bound', () => {
    const spans = new FaultSpans();
    for (let fault = 0; fault < 100_003; fault++) spans.take({ f: 'start', fault }, 2, 2);
    for (let fault = 0; fault < 100_003; fault++) spans.take({ f: 'stop', fault }, 3, 3);
    expect(spans.finish()).toHaveLength(100_000);
  });

  it('have words of a length that a person reads', () => {
    const long = JSON.stringify({
      process: 'nemesis',
      type: 'info',
      f: 'start',
      value: 'x'.repeat(9e5),
    });
    const deep = `{"process":"nemesis","f":"a","value":${'['.repeat(9e4)}1${']'.repeat(9e4)}}`;
    const wide = JSON.stringify({
      process: 'nemesis',
      f: 'b',
      value: Array.from({ length: 1e5 }, () => ({})),
    });
    for (const { words } of read(long, deep, wide).faults) expect(words.length).toBeLessThan(220);
  });
});
