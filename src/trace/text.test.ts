import { expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { TraceData, TraceEvent } from '../core/trace-event.js';
import { Recall } from './recall.js';
import { TraceLines, unpainted } from './text.js';

function linesOf(width: number, ...data: TraceData[]): string[] {
  const lines = new TraceLines({ width, nodes: ['n1', 'n10'], paint: unpainted });
  const recall = new Recall();
  return data.map((each, at) => {
    const node = each.type === 'fault' ? 'faults' : 'n1';
    const clock = 'why' in each && 'sent' in each ? { n1: each.sent } : { [node]: at + 1 };
    const event: TraceEvent = { node, atMs: at * 1.5, clock, data: each };
    return lines.event(recall.take(event), at * 1.5);
  });
}

const promise = { type: 'promise', ballot: { round: 3, node: 'n2' }, accepted: [] };
const key = keyFromText('x');

it('shows each event on a line', () => {
  expect(
    linesOf(
      100,
      { type: 'start', incarnation: 2 },
      { type: 'sent', to: 'n2', message: promise },
      { type: 'lost', to: 'n2', sent: 2, why: 'cut' },
      { type: 'lost', to: 'n2', sent: 99, why: 'cut' },
      { type: 'delivered', from: 'n2', sent: 4, message: { type: 'heartbeat' } },
      { type: 'call', request: 7, client: 'ann', operation: { type: 'get', key }, level: 'one' },
      { type: 'return', request: 7, result: { type: 'value', value: null, version: null } },
      { type: 'return', request: 8, result: { type: 'value', value: null, version: null } },
      { type: 'persist', record: promise },
      { type: 'sync' },
      { type: 'durable', position: 3 },
      { type: 'timer', name: 'tick' },
      { type: 'role', role: 'leader' },
      { type: 'tell', event: { what: 'follows', node: 'n2', detail: 'ballot 3.n2' } },
      { type: 'fault', change: 'begin', fault: { id: 4, words: 'fault cut n1>n2', by: 'user' } },
      { type: 'stop', why: null },
    ),
  ).toEqual([
    '      0.000 n1  start     incarnation 2\n',
    '      1.500 n1  sent      → n2 promise(ballot 3.n2, accepted [])\n',
    '      3.000 n1  lost      → n2 (cut) promise(ballot 3.n2, accepted [])\n',
    '      4.500 n1  lost      → n2 (cut)\n',
    '      6.000 n1  delivered ← n2 heartbeat\n',
    '      7.500 n1  call      #7 get(key x) at one of ann\n',
    '      9.000 n1  return    #7 get(key x) in 1.5 ms → value(value null, version null)\n',
    '     10.500 n1  return    #8 → value(value null, version null)\n',
    '     12.000 n1  persist   promise(ballot 3.n2, accepted [])\n',
    '     13.500 n1  sync\n',
    '     15.000 n1  durable   3 records\n',
    '     16.500 n1  timer     tick\n',
    '     18.000 n1  role      leader\n',
    '     19.500 n1  tell      follows n2 (ballot 3.n2)\n',
    '     21.000     fault     begin 4: fault cut n1>n2 (user)\n',
    '     22.500 n1  stop      in good order\n',
  ]);
});

it('cuts what is too long, and lets nothing through that a terminal would obey', () => {
  const long = { type: 'note', text: 'a'.repeat(100) } as never;
  const [line = ''] = linesOf(60, { type: 'sent', to: 'n2', message: long });
  expect(line).toBe(`      0.000 n1  sent      → n2 note(text ${'a'.repeat(18)}…\n`);
  expect(line.trimEnd()).toHaveLength(60);
  const [sneaky] = linesOf(80, { type: 'stop', why: 'a\u001b[2J\nb' });
  expect(sneaky).toBe('      0.000 n1  stop      a\\u001b[2J\\u000ab\n');
});

it('tells of gaps in their place', () => {
  const lines = new TraceLines({ width: 80, nodes: [], paint: unpainted });
  expect(lines.gap({ node: 'n2', gap: 'killed' })).toBe(
    '----------- what n2 did last before this start is not in the trace\n',
  );
});
