/** What is replicated: keys and values, exactly-once, views for snapshots. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { transactionLimits } from '../../../core/limits.js';
import type { ClientResult, TransactionStep } from '../../../core/operation.js';
import { errorResult } from '../../../core/results.js';
import { heapHeld } from '../../../core/testing/heap.js';
import { bytes, key } from '../../testing/operations.js';
import type { Command, LoggedOperation } from '../command.js';
import { bounds } from '../options.js';
import { captureState, restoreItem } from '../records.js';
import { type Outcome, outcomeBytes } from './outcomes.js';
import { Sessions } from './sessions.js';
import { StateMachine } from './state-machine.js';
import { Store } from './store.js';

function machine(): StateMachine {
  return new StateMachine(0, [{ from: 0, members: ['n1', 'n2', 'n3'] }]);
}

/** Executes one slot, and returns the results. */
function execute(on: StateMachine, ...commands: Command[]): ClientResult[] {
  const results: ClientResult[] = [];
  on.apply(on.applied + 1, { proposer: 'n1', commands }, (_, result) => results.push(result));
  return results;
}

let last = 0;
function command(operation: LoggedOperation, client = 'c', sequence = ++last): Command {
  return { client, sequence, operation };
}

const [a, b] = [key('a'), key('b')];
const [x, y] = [bytes('x'), bytes('y')];
const isDone = { type: 'done' };

describe('commands', () => {
  test('put and delete say whether there was a value; versions grow in the order of the log', () => {
    const on = machine();
    const results = execute(
      on,
      command({ type: 'put', key: a, value: x }),
      command({ type: 'put', key: a, value: y }),
      command({ type: 'delete', key: a }),
      command({ type: 'delete', key: a }),
    );
    expect(results.map((result) => 'existed' in result && result.existed)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    const stamps = results.map((result) => ('version' in result ? result.version?.stamp : 0));
    expect(stamps).toEqual([4096, 4097, 4098, 4099]);
    expect(on.store.size).toBe(0);
  });

  test('insert, update and cas write only if their condition holds', () => {
    const on = machine();
    const results = execute(
      on,
      command({ type: 'update', key: a, value: x }),
      command({ type: 'insert', key: a, value: x }),
      command({ type: 'insert', key: a, value: y }),
      command({ type: 'cas', key: a, expected: y, value: y }),
      command({ type: 'cas', key: a, expected: x, value: y }),
      command({ type: 'cas', key: a, expected: null, value: x }),
      command({ type: 'cas', key: a, expected: y, value: null }),
      command({ type: 'cas', key: a, expected: null, value: x }),
    );
    expect(results).toMatchObject([
      { type: 'refused', reason: 'absent', actual: null, version: null },
      isDone,
      { type: 'refused', reason: 'exists', actual: x, version: { stamp: 4097 } },
      { type: 'refused', reason: 'different', actual: x },
      isDone,
      { type: 'refused', reason: 'exists', actual: y },
      isDone,
      isDone,
    ]);
  });

  test('a transaction sees its own writes, and is executed as a whole or not at all', () => {
    const on = machine();
    const txn = (...steps: TransactionStep[]) => command({ type: 'txn', steps });
    const [first, second, third] = execute(
      on,
      txn(
        { type: 'put', key: a, value: x },
        { type: 'get', key: a },
        { type: 'delete', key: a },
        { type: 'check', key: a, expected: null },
        { type: 'put', key: a, value: y },
      ),
      txn({ type: 'put', key: b, value: x }, { type: 'check', key: a, expected: x }),
      txn({ type: 'get', key: a }, { type: 'get', key: b }),
    );
    expect(first).toMatchObject({ type: 'committed', values: [x] });
    expect(second).toMatchObject({ type: 'refused', reason: 'different', actual: y });
    expect(third).toMatchObject({ type: 'committed', values: [y, null] });
  });

  test('a transaction that would return too much is refused, and writes nothing', () => {
    const on = machine();
    const value = new Uint8Array(transactionLimits.readBytesMax / 2);
    execute(on, command({ type: 'put', key: a, value }));
    const get = { type: 'get', key: a } as const;
    const [result] = execute(
      on,
      command({ type: 'txn', steps: [get, get, get, { type: 'put', key: b, value: x }] }),
    );
    expect(result).toMatchObject({ type: 'error', code: 'bad-request', definite: true });
    expect(on.store.get(b)).toBeUndefined();
  });
});

describe('exactly once', () => {
  test('a command that comes again is answered as before, and not executed', () => {
    const on = machine();
    const insert = command({ type: 'insert', key: a, value: x }, 'c', 7);
    const [first, second] = execute(on, insert, insert);
    const [third] = execute(on, insert);
    expect(first).toMatchObject(isDone);
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    // Others' commands of the same number are theirs.
    const [other] = execute(on, { ...insert, client: 'd' });
    expect(other).toMatchObject({ type: 'refused' });
  });

  test('commands of one client may come in any order', () => {
    const on = machine();
    const put = (sequence: number) => command({ type: 'put', key: a, value: x }, 'c', sequence);
    const results = execute(on, put(3), put(1), put(2), put(1));
    expect(results[3]).toEqual(results[1]);
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(3);
  });

  test('what is too old to be remembered is not executed either, and said to be unknown', () => {
    const sessions = new Sessions();
    const done: ClientResult = { type: 'done', version: { stamp: 1, node: 'n1' }, existed: null };
    for (let sequence = 1; sequence <= bounds.outcomesMax + 10; sequence++) {
      sessions.remember('c', sequence, done);
    }
    expect([...sessions.capture().outcomes].length).toBe(bounds.outcomesMax);
    expect(sessions.recall('c', 10)).toMatchObject({ type: 'error', definite: false });
    expect(sessions.recall('c', 11)).toEqual(done);
    expect(sessions.recall('c', bounds.outcomesMax + 11)).toBeNull();
  });

  test('what is forgotten is not kept alive', () => {
    const sessions = new Sessions();
    let sequence = 0;
    const rememberMany = () => {
      for (let at = 1; at < bounds.outcomesMax; at++) {
        const version = { stamp: ++sequence, node: 'n1' };
        sessions.remember('c', sequence, { type: 'done', version, existed: null });
      }
      return heapHeld();
    };
    const full = rememberMany();
    // Places in tables are all that those of the first round may leave; they themselves are 9 MiB.
    expect(rememberMany() - full).toBeLessThan(5);
    expect(sessions.recall('c', sequence)).toMatchObject(isDone);
  });

  test('of too many clients the least recently used go, with all that is known of them', () => {
    const sessions = new Sessions();
    const conflict = errorResult('conflict', true, '');
    const remember = (client: string, sequence: number) =>
      sessions.remember(client, sequence, conflict);
    for (let at = 0; at < bounds.clientsMax; at++) remember(`c${at}`, 1);
    remember('c0', 2);
    remember('new', 1);
    expect(sessions.clientCount).toBe(bounds.clientsMax);
    expect(sessions.recall('c1', 1)).toBeNull();
    expect(sessions.recall('c0', 1)).not.toBeNull();
    expect([...sessions.capture().outcomes].length).toBe(bounds.clientsMax + 1);
    for (let at = 0; at < 4 * bounds.outcomesMax; at++) remember(`d${at}`, 1);
    expect([...sessions.capture().outcomes].length).toBe(bounds.clientsMax);
  });

  test('the table is what a list of all results would be, and what was captured stays as it was', () => {
    const large = new Uint8Array(bounds.outcomeBytesMax / 8);
    const step = fc.record({ client: fc.nat(3), sequence: fc.nat(40), isLarge: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.nat(120), (steps, captureAt) => {
        const sessions = new Sessions();
        let list: Outcome[] = [];
        let captured: readonly [Iterable<Outcome>, readonly Outcome[]] = [[], []];
        for (const [at, { client: number, sequence, isLarge }] of steps.entries()) {
          const client = `c${number}`;
          if (at === captureAt) captured = [sessions.capture().outcomes, list];
          const known = list.find((each) => each.client === client && each.sequence === sequence);
          const before = sessions.recall(client, sequence);
          if (known !== undefined) expect(before).toEqual(known.result);
          if (before !== null) continue;
          const version = { stamp: at, node: 'n1' };
          const result: ClientResult = isLarge
            ? { type: 'value', value: large, version }
            : { type: 'done', version, existed: at % 3 === 0 ? null : at % 3 === 1 };
          sessions.remember(client, sequence, result);
          list = [...list, { type: 'outcome', client, sequence, result }];
          while (list.reduce((sum, each) => sum + outcomeBytes(each), 0) > bounds.outcomeBytesMax) {
            list = list.slice(1);
          }
          expect([...sessions.capture().outcomes]).toEqual(list);
        }
        expect([...captured[0]]).toEqual(captured[1]);
      }),
    );
  });

  test('a table that went through a snapshot goes on like the original', () => {
    const step = fc.record({ client: fc.nat(5), sequence: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(step), fc.array(step), (before, after) => {
        const original = machine();
        const run = (on: StateMachine, { client, sequence }: (typeof before)[number]) =>
          execute(on, command({ type: 'put', key: a, value: x }, `c${client}`, sequence));
        for (const each of before) run(original, each);
        const copy = new StateMachine(original.applied, []);
        for (const item of captureState(original).items) restoreItem(copy, item);
        for (const each of after) expect(run(copy, each)).toEqual(run(original, each));
        const table = (of: StateMachine) => {
          const { floors, outcomes } = of.sessions.capture();
          return [floors, [...outcomes]];
        };
        expect(table(copy)).toEqual(table(original));
      }),
    );
  });
});

describe('a view of the store', () => {
  test('shows the state at its slot, whatever is executed while it is drawn', () => {
    const change = fc.record({ name: fc.nat(6), isDelete: fc.boolean() });
    const changes = fc.array(change, { maxLength: 12 });
    fc.assert(
      fc.property(changes, fc.array(changes, { maxLength: 12 }), (before, between) => {
        const store = new Store();
        let slot = 1;
        const apply = (each: { name: number; isDelete: boolean }) => {
          const name = key(`k${each.name}`);
          if (each.isDelete) store.remove(name);
          else store.put(name, bytes(String(slot)), { stamp: slot * 4096, node: 'n1' });
        };
        for (const each of before) apply(each);
        const expected = new Map([...store.entries()].map((entry) => [entry.key, entry.value]));
        const view = store.view(slot);
        const drawn = view.entries();
        const seen = new Map<string, Uint8Array>();
        const draw = (entry: IteratorResult<{ key: string; value: Uint8Array }>) => {
          if (entry.done) return;
          expect(seen.has(entry.value.key)).toBe(false);
          seen.set(entry.value.key, entry.value.value);
        };
        for (const each of between) {
          slot += 1;
          for (const one of each) apply(one);
          draw(drawn.next());
        }
        for (let entry = drawn.next(); !entry.done; entry = drawn.next()) draw(entry);
        view.close();
        expect(seen).toEqual(expected);
      }),
    );
  });
});
