import { expect, test } from 'vitest';
import type { Context, ProtocolTypes, Replica } from '../../core/replica.js';
import type { Fault } from '../../faults/fault.js';
import { modeNames } from '../../protocols/catalog.js';
import { runSeed } from '../seed-run.js';
import { simulate } from '../simulate.js';
import { ModeSum } from '../swarm-sum.js';
import { marksOf, phase, undurable } from './phase.js';
import { cellOf, PhaseWatch } from './phase-watch.js';

interface Toy extends ProtocolTypes {
  readonly message:
    | { readonly type: 'ask' | 'answer'; readonly ids: readonly number[] }
    | { readonly type: 'done'; readonly upTo: number };
  readonly record: { readonly type: 'kept' };
}

const { sent, received, receivedUpTo, persisted } = marksOf<Toy>();
const idsOf = ({ ids }: { readonly ids: readonly number[] }) => ids;

const phases = [
  phase('asks', sent('ask', idsOf), [
    received('answer', idsOf),
    receivedUpTo('done', ({ upTo }) => upTo),
  ]),
  undurable('keeps', 'kept'),
  phase('keeps, has not asked', persisted('kept'), [sent('ask')]),
];

/** A replica that does what it is told, and a watch on it. */
function watched() {
  const watch = new PhaseWatch(phases);
  const context = { send() {}, persist() {} } as unknown as Context<Toy>;
  let does: (ctx: Context<Toy>) => void = () => {};
  const replica = { onMessage() {}, onTurnEnd: (ctx: Context<Toy>) => does(ctx) };
  const protocol = watch.watched<Toy, null>({
    message: null as never,
    record: null as never,
    create: () => replica as unknown as Replica<Toy>,
  });
  const start = () => protocol.create({ self: 'n1', nodes: ['n1'], options: null });
  let made = start();
  const hit = (undurableCount = 0): string[] => {
    const before = new Map(watch.cells);
    const fault: Fault = { type: 'pause', node: 'n1', atMs: 0, forMs: 1, drawn: { kind: 'pause' } };
    watch.hit(fault, [{ id: 'n1', role: 'toy', undurable: undurableCount }]);
    return phases.flatMap(({ name }, at) => {
      const cell = cellOf(at, 'pause');
      return watch.cells.get(cell) === before.get(cell) ? [] : [name];
    });
  };
  return {
    ...{ watch, hit },
    ask: (...ids: number[]) => {
      does = (ctx) => ctx.send('n2', { type: 'ask', ids });
      made.onTurnEnd(context);
    },
    keep: () => {
      does = (ctx) => ctx.persist({ type: 'kept' });
      made.onTurnEnd(context);
    },
    hear: (message: Toy['message']) => made.onMessage('n2', message, context),
    restart: () => {
      made = start();
    },
  };
}

test('a node is in a phase from a message on until its successor, of each id by itself', () => {
  const { ask, hear, hit } = watched();
  expect(hit()).toEqual([]);
  ask(1, 2);
  hear({ type: 'answer', ids: [1] });
  expect(hit()).toEqual(['asks']);
  hear({ type: 'answer', ids: [2] });
  expect(hit()).toEqual([]);
  // It has been answered: what is said again begins nothing.
  ask(2);
  expect(hit()).toEqual([]);
  ask(3, 7);
  hear({ type: 'done', upTo: 6 });
  expect(hit()).toEqual(['asks']);
  ask(5);
  hear({ type: 'done', upTo: 7 });
  expect(hit()).toEqual([]);
});

test('a phase without ids begins and ends at every mark', () => {
  const { ask, keep, hear, hit } = watched();
  for (const id of [1, 2]) {
    keep();
    expect(hit()).toEqual(['keeps, has not asked']);
    ask(id);
    hear({ type: 'answer', ids: [id] });
    expect(hit()).toEqual([]);
  }
});

test('what is not durable is known by the number of such records; a node that restarts is in no phase', () => {
  const { ask, keep, hit, restart } = watched();
  keep();
  ask(1);
  expect(hit(1)).toEqual(['asks', 'keeps']);
  expect(hit(0)).toEqual(['asks']);
  restart();
  expect(hit(0)).toEqual([]);
});

test('a fault that hits several nodes one after the other is one; states are counted once', () => {
  const { watch, ask, hit } = watched();
  const drawn = { kind: 'blackout' } as const;
  const fault: Fault = { type: 'pause', node: 'n1', atMs: 0, forMs: 1, drawn };
  for (const id of ['n1', 'n2']) watch.hit(fault, [{ id, role: 'toy', undurable: 0 }]);
  expect(watch.faults).toEqual(new Map([['blackout', 1]]));
  expect(watch.states.size).toBe(1);
  ask(1);
  hit();
  hit();
  expect(watch.states.size).toBe(2);
});

test.each(modeNames)('who watches a run of %s changes nothing in it', (mode) => {
  const options = { mode, seed: 3, durationMs: 300 };
  const { outcome } = runSeed(options);
  expect(outcome.traceHash).toBe(simulate(options).traceHash);
  expect(outcome.met.cells.size).toBeGreaterThan(3);
  expect(outcome.met.faults.size).toBeGreaterThan(2);
});

test('a sum says since when nothing new was met, and what failed', () => {
  const { outcome } = runSeed({ mode: 'gossip', seed: 1, durationMs: 200 });
  const sum = new ModeSum('gossip');
  sum.add(outcome);
  expect(sum).toMatchObject({ seeds: 1, seedsSinceNews: 0, failedCount: 0, unknownCount: 0 });
  const verdicts = new Map([['regular unknown', 2]]);
  const violations = [{ check: 'liveness', key: null, message: 'nobody answers' }];
  sum.add({ ...outcome, verdicts, violations, demandsLiveness: true });
  sum.add(outcome);
  expect(sum).toMatchObject({ seeds: 3, seedsSinceNews: 2, failedCount: 1, unknownCount: 2 });
  expect([sum.newStates(2), sum.newStates(3)]).toEqual([0, sum.stateCount]);
  expect(sum.failures).toMatchObject([{ seed: 1, violations }]);
});
