import { describe, expect, test } from 'vitest';
import { exposition, formatFor, together } from './exposition.js';
import type { MetricFamily } from './family.js';
import { TimeHistogram } from './histogram.js';

const counter: MetricFamily = {
  ...{ name: 'a_total', type: 'counter', help: 'With "quotes", a \\ and\nan end of line.' },
  samples: [{ suffix: '', labels: [['who', 'a"b\\c\nd']], value: 3 }],
};

describe('metrics as text', () => {
  test('in the format of Prometheus escape what is in quotes, and in helps but the quotes', () => {
    expect(exposition([counter, { ...counter, name: 'b_total', samples: [] }], 'prometheus')).toBe(
      [
        '# HELP a_total With "quotes", a \\\\ and\\nan end of line.',
        '# TYPE a_total counter',
        'a_total{who="a\\"b\\\\c\\nd"} 3\n',
      ].join('\n'),
    );
  });

  test('as OpenMetrics name a family of a counter without its end, and end themselves', () => {
    expect(exposition([counter], 'openmetrics')).toBe(
      [
        '# HELP a With \\"quotes\\", a \\\\ and\\nan end of line.',
        '# TYPE a counter',
        'a_total{who="a\\"b\\\\c\\nd"} 3',
        '# EOF\n',
      ].join('\n'),
    );
  });

  test('are OpenMetrics for who asks for that', () => {
    const prometheus =
      'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4';
    expect([prometheus, 'text/plain', undefined].map(formatFor)).toEqual([
      ...['openmetrics', 'prometheus', 'prometheus'],
    ]);
  });

  test('of several nodes have each family once', () => {
    const [family, ...more] = together([[counter], [counter]]);
    expect(more).toEqual([]);
    expect(family?.samples).toHaveLength(2);
  });
});

test('a histogram counts in each bucket what took as long or less, and sums in seconds', () => {
  const times = new TimeHistogram();
  for (const ms of [0.1, 0.11, 3, 99_999]) times.note(ms);
  const samples = [...times.samples([['kind', 'x']])];
  const within = (le: string) =>
    samples.find(({ labels }) => labels.some(([name, text]) => name === 'le' && text === le))
      ?.value;
  expect(['0.0001', '0.00025', '0.0025', '0.005', '10', '+Inf'].map(within)).toEqual([
    ...[1, 2, 2, 3, 3, 4],
  ]);
  const [sum, count] = samples.slice(-2);
  expect(sum?.value).toBeCloseTo(100.00221, 9);
  expect(count).toEqual({ suffix: '_count', labels: [['kind', 'x']], value: 4 });
});
