/** Each model of an object against its definition, on small histories at random; and as a person meets it. */
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import { parseHistory } from '../../history/read.js';
import { check } from '../check.js';
import type { ModelName } from '../models.js';
import { fuzzObjects, objectFuzzers } from './testing/fuzz.js';

describe('at random', () => {
  it.each(Object.keys(objectFuzzers))('%s', async (name) => {
    const report = await fuzzObjects(name, new SeededRandom(1), 60);
    expect(report.failures).toEqual([]);
    expect(Math.min(report.holds, report.violated)).toBeGreaterThan(3);
  });
});

const op = (process: number, type: string, f: string, value = 'nil') =>
  `{:process ${process}, :type :${type}, :f :${f}, :value ${value}}`;
/** One after the other; `value>answer`. */
const done = (...said: string[]) =>
  said.flatMap((each) => {
    const [process = '', f = '', value = 'nil', answer = value] = each.split(/ (?![^[{]*[\]}])/);
    return [op(Number(process), 'invoke', f, value), op(Number(process), 'ok', f, answer)];
  });

async function verdicts(lines: readonly string[], models?: readonly ModelName[]) {
  const report = await check(
    parseHistory(lines.join('\n')),
    models === undefined ? {} : { models },
  );
  return report.models.map(({ model, verdict, reason }) => `${model} ${verdict}: ${reason}`);
}

describe('what a person is told', () => {
  it.each<[string, string[], string[]]>([
    [
      'a set that lost an element',
      done('0 add 1', '1 add 2', '2 read nil [2]'),
      [
        "linearizable violated: client 2 read the set without 1 after client 0's add of it had been acknowledged",
        "set violated: client 2 read the set without 1 after client 0's add of it had been acknowledged, and no later read has it",
      ],
    ],
    [
      'a set that shows an element late',
      done('0 add 1', '2 read nil []', '2 read nil #{1}'),
      [
        "linearizable violated: client 2 read the set without 1 after client 0's add of it had been acknowledged",
        'set holds: 1 of 1 were missing from reads that began after they were known',
      ],
    ],
    [
      'a set with what nobody added',
      done('0 add 1', '2 read nil [1 9]'),
      [
        'linearizable violated: client 2 read 9, which nobody added',
        'set violated: client 2 read 9, which nobody added',
      ],
    ],
    [
      'a set that nobody read',
      done('0 add 1'),
      ['linearizable holds: ', 'set unknown: nobody read the set'],
    ],
    [
      'a set with what surely was not added, which Jepsen takes for an attempt',
      [
        ...done('0 add 1'),
        op(1, 'invoke', 'add', '2'),
        op(1, 'fail', 'add', '2'),
        ...done('2 read nil [1 2]'),
      ],
      [
        'linearizable violated: client 2 read 2, which surely was not added',
        'set holds: 1 were seen that nobody knew to be added',
      ],
    ],
    [
      'a list in two orders',
      done('0 append 1', '1 append 2', '2 read nil [1 2]', '3 read nil [2 1]'),
      [
        'linearizable violated: in place 1 of the list, client 2 read 1, and client 3 read 2',
        'list violated: in place 1 of the list, client 2 read 1, and client 3 read 2',
      ],
    ],
    [
      'a counter that forgot',
      done('0 add 5', '1 add 2', '2 read nil 2'),
      [
        'linearizable violated: client 2 read 2 after adds that come to 7 had been acknowledged',
        'counter violated: client 2 read 2 after adds that come to 7 had been acknowledged',
      ],
    ],
    [
      'a counter that counts too much',
      done('0 add 1', '2 read nil 2'),
      [
        'linearizable violated: client 2 read 2, but all adds begun by then come to 1 at most',
        'counter violated: client 2 read 2, but all adds begun by then come to 1 at most',
      ],
    ],
    [
      'a bank that lost money',
      done(
        '0 read nil {0 10, 1 10}',
        '1 transfer {:from 0, :to 1, :amount 5}',
        '0 read nil {0 5, 1 10}',
      ),
      [
        'linearizable violated: client 0 read a total of 15, and client 0 read a total of 20',
        'bank violated: client 0 read a total of 15, and client 0 read a total of 20',
      ],
    ],
    [
      'a bank that gives credit',
      done(
        '0 read nil {0 10, 1 10}',
        '1 transfer {:from 0, :to 1, :amount 15}',
        '0 read nil {0 -5, 1 25}',
      ),
      ['linearizable holds: ', 'bank violated: client 0 read -5 in account 0'],
    ],
    [
      'a counter that nobody read',
      done('0 add 1', '0 add 1'),
      ['linearizable holds: ', 'counter holds: '],
    ],
    [
      'a bank that was only read',
      done('0 read nil {0 100, 1 0}', '0 read nil {0 101, 1 -1}'),
      [
        'linearizable violated: client 0 read {"0":101,"1":-1}, which no order of the transfers and reads before it explains',
        'bank violated: client 0 read -1 in account 1',
      ],
    ],
    [
      'a queue that gives twice',
      done('0 enqueue 1', '1 dequeue nil 1', '2 dequeue nil 1'),
      [
        'linearizable violated: client 2 took 1 from the queue, which was enqueued once, and client 1 had taken it already',
        'queue violated: client 2 took 1 from the queue, which was enqueued once, and client 1 had taken it already',
        'total-queue holds: 1 came out more often than they went in',
      ],
    ],
    [
      'a queue that loses',
      done('0 enqueue 1', '0 enqueue 2', '1 drain nil [2]'),
      [
        'linearizable violated: client 1 took 2 from the queue before 1, which never came out, though 1 had gone in before 2 was begun',
        'queue holds: ',
        "total-queue violated: client 0's enqueue of 1 had been acknowledged, and it never came out, though the queue was emptied",
      ],
    ],
    [
      'a queue that nobody emptied',
      done('0 enqueue 1', '0 enqueue 2', '1 dequeue nil 1'),
      [
        'linearizable holds: ',
        'queue holds: ',
        'total-queue unknown: 1 were not dequeued, and nobody emptied the queue in the end',
      ],
    ],
    [
      'a queue found empty that was not',
      done('0 enqueue 1', '1 dequeue nil nil', '1 dequeue nil 1'),
      [
        'linearizable violated: client 1 found the queue empty, though 1 was in it all the time',
        'queue holds: ',
        'total-queue holds: ',
      ],
    ],
    [
      'a lock that two hold',
      done('0 acquire', '1 acquire', '0 release'),
      [
        'owned-mutex violated: client 0 and client 1 both acquired the lock, and nobody can have released it between',
        'mutex violated: client 0 and client 1 acquired the lock, and no release can have come between',
      ],
    ],
    [
      'a lock that another releases',
      done('0 acquire', '1 release'),
      [
        "owned-mutex violated: client 1 released the lock, which it can't have held",
        'mutex holds: ',
      ],
    ],
    [
      'ids that two have',
      done('0 generate nil 7', '1 generate nil "7"'),
      ['unique-ids violated: client 0 and client 1 both got the id 7'],
    ],
  ])('of %s', async (_, lines, expected) => {
    expect(await verdicts(lines)).toEqual(expected);
  });

  it('of a reentrant lock, and by what a lock is not judged', async () => {
    const twice = done('0 acquire', '0 acquire', '0 release', '0 release', '1 acquire');
    expect(await verdicts(twice, ['reentrant-mutex', 'linearizable', 'causal'])).toEqual([
      'linearizable violated: client 0 acquired the lock 2 times, and no release can have come between',
      'causal unknown: a lock is judged by owned-mutex, mutex, reentrant-mutex, linearizable only',
      'reentrant-mutex holds: ',
    ]);
  });

  it('of many sets, their keys in the values: the worst counts', async () => {
    const one = (process: number, f: string, value: string, answer = value) => [
      op(process, 'invoke', f, value),
      op(process, 'ok', f, answer),
    ];
    const lines = [
      ...[...one(0, 'add', '[a 1]'), ...one(1, 'add', '[b 1]')],
      ...[...one(2, 'read', '[a nil]', '[a [1]]'), ...one(2, 'read', '[b nil]', '[b []]')],
    ];
    expect(await verdicts(lines, ['set'])).toEqual([
      "set violated: client 2 read the set without 1 after client 1's add of it had been acknowledged, and no later read has it",
    ]);
  });

  it('of a counter that reads lists, of a set by force, of what does not belong together', async () => {
    expect(await verdicts(done('0 add 1', '1 read nil [1]'), ['counter'])).toEqual([
      'counter unknown: what is added to a counter, or read, is a whole number',
    ]);
    expect(await verdicts(done('0 add 1', '1 read nil 1'), ['set'])).toEqual([
      'set unknown: what was read of the set is not always a list',
    ]);
    expect(await verdicts(done('0 add 1', '1 read nil [1]', '1 write 3'))).toEqual([
      'linearizable unknown: there is also put, which no set has',
      'set unknown: there is also put, which no set has',
    ]);
    expect(await verdicts(done('0 write 1'), ['set'])).toEqual([
      'set unknown: no operation is one of a set',
    ]);
  });

  it('of two that went in at one time, the second after the first: they may come out either way', async () => {
    const timed = [
      '0 10 0 enqueue q a',
      '10 20 1 enqueue q b',
      '30 40 2 dequeue q b',
      '50 60 2 dequeue q a',
    ];
    expect(await verdicts(timed, ['linearizable'])).toEqual(['linearizable holds: ']);
  });

  it('by JSON as by EDN', async () => {
    const lines = [
      '{"process":0,"type":"invoke","f":"add","value":1,"time":1}',
      '{"process":0,"type":"ok","f":"add","value":1,"time":2}',
      '{"process":1,"type":"invoke","f":"read","value":null,"time":3}',
      '{"process":1,"type":"ok","f":"read","value":[1],"time":4}',
    ];
    expect(await verdicts(lines)).toEqual(['linearizable holds: ', 'set holds: ']);
  });
});
