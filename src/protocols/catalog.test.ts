import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { KvxError } from '../core/errors.js';
import type { Level } from '../core/operation.js';
import { catalog, modeNames, profileOf } from './catalog.js';
import { consistencyOf, parseModeOptions } from './options.js';
import { featureProblem, levelProblem } from './refusals.js';
import { modeNamed, modes } from './registry.js';

const textOf = (url: string): string => readFileSync(new URL(url), 'utf8');

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

describe('the catalogue', () => {
  test('refuses an unknown mode by name, with the modes there are', () => {
    for (const named of [profileOf, modeNamed]) {
      const said = 'there is no mode "raft"; the modes are quorum, 2pc, gossip, paxos';
      expect(complaint(() => named('raft'))).toBe(said);
    }
  });

  test('names each mode as it is listed, and one that can run is like it', () => {
    for (const [name, profile] of Object.entries(catalog)) {
      expect(profile.name).toBe(name);
      expect(modeNamed(name)).toMatchObject({ ...profile });
    }
    expect(modes.map(({ name }) => name)).toEqual([...modeNames]);
  });

  test('confirms what a session reads at a level that the mode has', () => {
    for (const profile of Object.values(catalog)) {
      const { read, write } = profile.defaultLevels;
      for (const level of [profile.sessions.confirmAt ?? read, read, write]) {
        expect(levelProblem(profile, level, 3)).toBe(null);
      }
    }
  });

  test('has defaults that every mode accepts itself, as plain data', () => {
    for (const mode of modeNames) {
      for (const nodes of [2, 3, 5]) {
        const options = parseModeOptions(mode, {}, nodes);
        expect(JSON.parse(JSON.stringify(options))).toEqual(options);
        expect(parseModeOptions(mode, options, nodes)).toEqual(options);
      }
    }
  });

  test('is read, and options are parsed, without loading a protocol', () => {
    const loaded = new Set<string>();
    const visit = (path: string): void => {
      if (loaded.has(path)) return;
      loaded.add(path);
      for (const [, target = ''] of textOf(path).matchAll(
        /^(?:import|export)(?! type)[^;]* from '(\.[^']+)\.js';/gms,
      )) {
        visit(new URL(`${target}.ts`, path).href);
      }
    };
    for (const file of ['catalog', 'refusals', 'options']) {
      visit(new URL(`./${file}.ts`, import.meta.url).href);
    }
    expect(
      [...loaded].filter((path) => /(?:replica|coordinator|messages)\.ts$/.test(path)),
    ).toEqual([]);
    expect(loaded.size).toBeGreaterThan(10);
  });
});

describe('a feature that a mode lacks', () => {
  test.each([
    ['quorum', 'transactions', 'mode quorum has no transactions; modes 2pc and paxos have'],
    ['quorum', 'fail-rate', 'mode quorum has no fail-rate; mode paxos has'],
    ['paxos', 'stabilize', 'mode paxos has no stabilize; mode gossip has'],
    [
      'quorum',
      'changes of membership',
      'mode quorum has no changes of membership; modes 2pc, gossip and paxos have',
    ],
    [
      'gossip',
      'leader or coordinator',
      'mode gossip has no leader or coordinator; modes 2pc and paxos have',
    ],
    ['gossip', 'topology', null],
  ] as const)('%s: %s', (mode, feature, said) => {
    expect(featureProblem(profileOf(mode), feature)).toBe(said);
  });
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

describe('what levels promise together', () => {
  const promised = (mode: string, read: Level, write: Level) =>
    consistencyOf(profileOf(mode), read, write, parseModeOptions(mode, {}, 3));

  test.each([
    ['quorum', 'linearizable', 'linearizable', 'linearizable'],
    ['quorum', 'quorum', 'quorum', 'regular'],
    ['quorum', 'linearizable', 'quorum', 'regular'],
    ['quorum', 'one', 'all', 'regular'],
    ['quorum', 'one', 'quorum', 'eventual'],
    // Reads meet every write, but writes do not meet each other: clocks decide which one is the last.
    ['quorum', 'all', 'one', 'eventual'],
    ['2pc', 'linearizable', 'linearizable', 'strict-serializable'],
    ['gossip', 'local', 'local', 'eventual'],
    ['paxos', 'linearizable', 'linearizable', 'linearizable'],
    ['paxos', 'linearizable', 'local', 'linearizable'],
    ['paxos', 'leader', 'linearizable', 'eventual'],
  ] as const)('%s, read %s, write %s: %s', (mode, read, write, consistency) => {
    expect(promised(mode, read, write)).toBe(consistency);
  });

  test('a level that the mode does not have promises nothing', () => {
    expect(complaint(() => promised('2pc', 'one', 'linearizable'))).toBe(
      'mode 2pc has no level "one"; it has linearizable',
    );
  });
});

test('options of mode 2pc', () => {
  const parse = (given: Record<string, unknown>, nodes: number) =>
    parseModeOptions('2pc', given, nodes);
  expect(parse({}, 4)).toEqual({ voteTimeoutMs: 1000 });
  expect(parse({ voteTimeoutMs: 50 }, 2)).toEqual({ voteTimeoutMs: 50 });
  expect(complaint(() => parse({ voteTimeoutMs: 1 }, 4))).toContain('from 10 to 60000');
  expect(complaint(() => parse({}, 1))).toContain('needs 2 nodes');
});
