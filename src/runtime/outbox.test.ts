import { describe, expect, it } from 'vitest';
import { DurabilityGate, TurnOutput } from './outbox.js';

function output(text: string): TurnOutput<string> {
  const made = new TurnOutput<string>();
  made.send('n2', text);
  return made;
}

function gateTo(left: string[]): DurabilityGate<string> {
  return new DurabilityGate((released) =>
    left.push(...released.batches.flatMap(({ messages }) => messages)),
  );
}

describe('the durability gate', () => {
  it('lets through at once what is durable already', () => {
    const left: string[] = [];
    gateTo(left).pass(output('a'), 3, 3);
    expect(left).toEqual(['a']);
  });

  it('holds what is not, and lets it go in order as durability grows', () => {
    const left: string[] = [];
    const gate = gateTo(left);
    gate.pass(output('a'), 1, 0);
    gate.pass(output('b'), 1, 0);
    gate.pass(output('c'), 2, 0);
    gate.open(1);
    expect([left, gate.heldCount]).toEqual([['a', 'b'], 1]);
    gate.open(2);
    expect([left, gate.heldCount]).toEqual([['a', 'b', 'c'], 0]);
  });

  it('keeps nothing of a turn that says nothing', () => {
    const gate = gateTo([]);
    gate.pass(new TurnOutput(), 1, 0);
    expect(gate.heldCount).toBe(0);
  });
});
