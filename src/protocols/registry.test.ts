import { describe, expect, test } from 'vitest';
import { KvxError } from '../core/errors.js';
import { exactlyOnceModes } from './exactly-once.js';
import { modeNamed, modes, parseModeOptions } from './registry.js';

/** The error that `run` throws, which must be one that a user can meet. */
function complaint(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof KvxError)) throw error;
    expect(error).toMatchObject({ code: 'bad-request', definite: true });
    return error.message;
  }
  return 'no complaint';
}

describe('the registry', () => {
  test('refuses an unknown mode by name, with the modes there are', () => {
    expect(complaint(() => modeNamed('raft'))).toMatch(
      /^there is no mode "raft"; the modes are .*quorum/,
    );
  });

  test('every mode has defaults that it accepts itself, as plain data', () => {
    for (const mode of modes) {
      for (const nodes of [2, 3, 5]) {
        const options = parseModeOptions(mode.name, {}, nodes);
        expect(JSON.parse(JSON.stringify(options))).toEqual(options);
        expect(parseModeOptions(mode.name, options, nodes)).toEqual(options);
      }
    }
  });
});

test('whoever does not load the registry knows as well which modes are exactly-once', () => {
  for (const { name, exactlyOnce = false } of modes) {
    expect([name, exactlyOnceModes.includes(name)]).toEqual([name, exactlyOnce]);
  }
});

describe('options of mode quorum', () => {
  const parse = (given: Record<string, unknown>, nodes = 4) =>
    parseModeOptions('quorum', given, nodes);

  test('keep what is given and fill in the rest', () => {
    expect(parse({ replicas: 2, read: 'one', write: 2 })).toMatchObject({
      replicas: 2,
      read: 'one',
      write: 2,
      virtualNodes: 64,
    });
    expect(parse({}, 2)).toMatchObject({ replicas: 2, read: 'quorum', write: 'quorum' });
  });

  test.each([
    [{ replicas: 5 }, 'option replicas is 5, but there are only 4 nodes'],
    [{ replicas: 0 }, 'option replicas must be a whole number from 1 to 64, not 0'],
    [{ replicas: '3' }, 'option replicas must be a whole number from 1 to 64, not "3"'],
    [
      { read: 'leader' },
      'mode quorum has no level "leader"; it has one, two, quorum, all, linearizable and the numbers 1 to 3',
    ],
    [
      { write: 4 },
      'mode quorum has no level 4; it has one, two, quorum, all, linearizable and the numbers 1 to 3',
    ],
    [{ replicas: 1, write: 'two' }, 'level "two" asks for more replicas than the 1 that a key has'],
    [{ write: true }, 'option write must be a level, not true'],
    [{ graceMs: 1 }, 'option graceMs must be a whole number at least 100 milliseconds, not 1'],
    [
      { suspicionMs: 300 },
      'option suspicionMs is 300, but must be at least twice heartbeatMs (200)',
    ],
    [{ fanout: 2 }, /^mode quorum has no option "fanout"; it has replicas, read, write, /],
    [JSON.parse('{"__proto__": 1}'), /^mode quorum has no option "__proto__"/],
  ])('refuse %j', (given, message) => {
    expect(complaint(() => parse(given))).toMatch(message);
  });
});

describe('what levels of mode quorum promise together', () => {
  const mode = modeNamed('quorum');
  const promised = (read: 'one' | 'quorum' | 'all' | 'linearizable', write: typeof read) =>
    mode.consistencyOf(read, write, mode.parseOptions({}, 3));

  test.each([
    ['linearizable', 'linearizable', 'linearizable'],
    ['quorum', 'quorum', 'regular'],
    ['linearizable', 'quorum', 'regular'],
    ['one', 'all', 'regular'],
    ['one', 'quorum', 'eventual'],
    // Reads meet every write, but writes do not meet each other: clocks decide which one is the last.
    ['all', 'one', 'eventual'],
  ] as const)('read %s, write %s: %s', (read, write, consistency) => {
    expect(promised(read, write)).toBe(consistency);
  });
});
