import { describe, expect, it } from 'vitest';
import type { EvidenceFault, EvidenceOperation } from '../report.js';
import { timeline } from './timeline.js';

const drawn = (operations: readonly EvidenceOperation[], width: number) =>
  timeline({ operations }, width);

function operation(
  client: number,
  label: string,
  invokedAt: number,
  returnedAt: number | null,
  isCulprit = false,
): EvidenceOperation {
  return {
    ...{ index: 0, line: 1, process: client, session: null, node: null, key: 'x', f: 'get' },
    ...{ outcome: 'ok', label, who: `client ${client}`, invokedAt, returnedAt, isCulprit },
  };
}

const ms = 1e6;
const stale = [
  operation(1, 'put 7', 0, 10 * ms),
  operation(1, 'put 9', 20 * ms, 30 * ms),
  operation(2, 'get → 7', 40 * ms, 50 * ms, true),
];

describe('a timeline', () => {
  it('has a row for each client, and draws what should not have been heavily', () => {
    expect(drawn(stale, 80)).toEqual([
      '          0         10 20        30 40          50 ms',
      'client 1  ├─ put 7 ─┤  ├─ put 9 ─┤',
      'client 2                            ┣━ get → 7 ━┫',
    ]);
  });

  it('gives numbers instead of labels where it is narrow, and up where it is too narrow', () => {
    expect(drawn(stale, 40)).toEqual([
      '          0   10    30    50 ms',
      'client 1  ├─1─┤ ├─2─┤',
      'client 2              ┣━3━┫',
    ]);
    expect(drawn(stale, 20)).toEqual([]);
  });

  it('fits into every width that it takes', () => {
    for (let width = 1; width < 90; width++) {
      for (const line of drawn(stale, width)) expect(line.length).toBeLessThanOrEqual(width);
    }
  });

  it('keeps left what is earlier, however long the pause, and lets bars overlap that did', () => {
    const lines = drawn(
      [operation(1, 'put 1', 0, 9e9), operation(2, 'a', 5, 6), operation(3, 'b', 8e9, 9.5e9)],
      80,
    );
    const [long = '', short = '', late = ''] = lines.slice(1);
    expect(short.indexOf('├')).toBeGreaterThan(long.indexOf('├'));
    expect(short.indexOf('┤')).toBeLessThan(late.indexOf('├'));
    expect(late.indexOf('├')).toBeLessThan(long.indexOf('┤'));
    expect(late.indexOf('┤')).toBeGreaterThan(long.indexOf('┤'));
  });

  it('lets run out to the right what has no end', () => {
    const [, first, second] = drawn(
      [operation(1, 'put 9', 0, null), operation(2, 'get → 9', 10, 20)],
      80,
    );
    expect(first).toMatch(/^client 1 {2}├─+ put 9 ┄+▸$/);
    expect(second).toMatch(/^client 2 {5}├─ get → 9 ─┤$/);
  });

  it('gives a client a second row where its operations overlap', () => {
    const lines = drawn([operation(1, 'a', 0, 20), operation(1, 'b', 10, 30)], 80);
    expect(lines.slice(1)).toHaveLength(2);
  });

  it('takes a beginning for earlier than an end at the same time: intervals are closed', () => {
    const [, first = '', second = ''] = drawn(
      [operation(1, 'a', 0, 10), operation(2, 'b', 10, 20)],
      80,
    );
    expect(second.indexOf('├')).toBeLessThan(first.indexOf('┤'));
  });

  describe('with faults', () => {
    const fault = (words: string, from: number, to: number | null): EvidenceFault => ({
      ...{ words, by: 'user', line: 1, beganAt: from * ms, endedAt: to === null ? null : to * ms },
    });
    const faults = [
      fault('fault partition n1/n2,n3', -5, 35),
      fault('node pause n2', 15, null),
      fault('fault delay n1>n3 20ms', 20, 25),
      fault('bitflip n1', 45, 45),
    ];

    it('shades them, from after what was before to before what was after', () => {
      const lines = [
        '          0         10 20        30 40          50 ms',
        'client 1  ├─ put 7 ─┤  ├─ put 9 ─┤',
        'client 2                            ┣━ get → 7 ━┫',
        'faults    ░ partition n1/n2,n3 ░░░░',
        '                      ░ n2 paused ░░░░░░░░░░░░░░░',
        '                       ░░░░░░ delay n1>n3 20ms',
        '                                          ░ bitflip n1',
      ];
      expect(timeline({ operations: stale, faults }, 80)).toEqual(lines);
      expect(timeline({ operations: stale, faults }, 60)).toEqual(lines);
    });

    it('names them beside their shade where it is narrow, or shortens their names', () => {
      expect(timeline({ operations: stale, faults }, 36)).toEqual([
        '          0   10    30    50 ms',
        'client 1  ├─1─┤ ├─2─┤',
        'client 2              ┣━3━┫',
        'faults    ░ partiti… ░',
        '               ░ n2 paus… ░',
        '                ░░░',
        '             bitflip n1 ░',
      ]);
    });

    it('fits into every width, however many there are and whatever they are called', () => {
      const many = [...faults, ...faults].map((each, at) => ({
        ...each,
        words: `${each.words} ${'x'.repeat(at * 12)}`,
      }));
      for (let width = 1; width < 90; width++) {
        const lines = timeline({ operations: stale, faults: many }, width);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
        expect([0, 9, 10]).toContain(lines.length);
      }
    });
  });
});
