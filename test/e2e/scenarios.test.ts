/** The scenarios that teach, on every runtime that they say they are for. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runScript } from '../../src/scenario/testing/run-script.js';
import { ended, kvx, kvxArgs, type Ran, Sandbox } from './commands-sandbox.js';
import { demandHolds, scenarioFolder, scenarios, scenariosOn } from './scenario-files.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

const seeds = [1, 2, 3];
/** They mostly wait: more at a time than there are processors. */
const sideBySide = 5;

test('there are scenarios, and each says where it runs', () => {
  expect(scenarios.length).toBeGreaterThanOrEqual(12);
  for (const { name, runtimes } of scenarios)
    expect([name, runtimes]).toEqual([name, expect.arrayContaining(['sim'])]);
});

const reference = readFileSync(join(import.meta.dirname, '../../docs/scenarios.md'), 'utf8');
const examples = [...reference.matchAll(/^```kvx\n(.*?)^```$/gms)].map(([, text = '']) => ({
  text,
  title: text.trim().split('\n').at(-1),
}));

describe('the examples of the reference', () => {
  test.each(examples)('… $title', async ({ text }) => {
    for (const seed of seeds) await demandHolds(text, 'docs/scenarios.md', seed);
  });
});

describe('in the simulator', () => {
  test.each(scenariosOn('sim'))('$name', async ({ name, text }) => {
    for (const seed of seeds) await demandHolds(text, name, seed);
  });

  test('the same seed prints the same bytes, and does the same', async () => {
    for (const { text } of scenariosOn('sim').slice(0, 4)) {
      const first = await runScript(text, { seed: 11 });
      expect(await runScript(text, { seed: 11 })).toEqual(first);
    }
  });
});

describe('on threads', { timeout: 120_000 }, () => {
  test('every one of them', async () => {
    await runAll(
      'threads',
      scenariosOn('threads').map(({ name }) => name),
    );
  });
});

describe('on processes', { timeout: 120_000 }, () => {
  test('some of them', async () => {
    await runAll('processes', [
      'stale-read.kvx',
      'blocked-coordinator.kvx',
      'partitioned-session.kvx',
    ]);
  });
});

test.each(['threads', 'processes'])(
  'what a script does at a time is done on %s, too',
  (runtime) => {
    const script = `cluster up -n 3
at 1ms put b 2
at 2ms node kill n3
put a 1
expect within 30s get b == 2 --node n1
expect within 30s fails get b --node n3 --timeout 300ms
`;
    const { status, stderr } = sandbox.run(['run', '-q', '--runtime', runtime, '-'], script);
    expect([status, stderr]).toEqual([0, '2 expectations held.\n']);
  },
);

describe('what goes wrong', () => {
  const home = () => sandbox.json(['cluster', 'list']).document.clusters;

  test('a script that can not be read starts nothing', () => {
    const { status, stdout, stderr } = sandbox.run(
      ['run', '-'],
      'cluster up\nput a\nget b --node n7\n',
    );
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toContain('standard input:2:6: VALUE is missing');
    expect(stderr).toContain('standard input:3:14: there is no node "n7"');
    expect(home()).toEqual([]);
  });

  test('a failed expectation ends with 1, an error with its own code, and the cluster is gone', () => {
    const failed = sandbox.run(
      ['run', '-n', '1', '-o', 'replicas=1'],
      'put a 1\nexpect get a == 2\nput a 3\n',
    );
    expect([failed.status, failed.stdout]).toEqual([1, '> put a 1\nOK\n> expect get a == 2\n']);
    expect(failed.stderr).toContain('standard input:2: expect get a == 2');
    const error = sandbox.run(['run', '-m', 'paxos', '-n', '3'], 'node kill n1 n2 n3\nget a\n');
    expect(error.status).toBe(3);
    expect(error.stderr).toContain('standard input:2: get a');
    expect(home()).toEqual([]);
  });

  test('the scenario of a bug ends with 1 with it, and with 0 without', () => {
    const script = ['run', 'zoo/paxos-own-value', '--runtime', 'sim', '--seed', '1'];
    const planted = sandbox.run([...script, '--bug', 'paxos-own-value', '--diagram']);
    const text = readFileSync(join(scenarioFolder, 'zoo/paxos-own-value.kvx'), 'utf8');
    expect(planted.status).toBe(1);
    expect(planted.stderr).toContain(`  seen: ${text.split('\n')[0]?.slice(2)}\n`);
    expect(planted.stdout).toMatch(/ms +clients +n1 +n2 +n3\n/);
    expect(sandbox.run(script).status).toBe(0);
  });

  test('a planted mistake that a node finds out is no bug of kvx', () => {
    const text =
      'fault cut "n1>n3" --type decision\nput x 1\nnode pause n1\nwait 3s\nnode resume n1\nwait 1s\n';
    const history = join(sandbox.home, 'found-out.jsonl');
    const { status, stderr } = sandbox.run(
      [
        'run',
        '-m',
        '2pc',
        '-n',
        '3',
        '--seeds',
        '1',
        '--bug',
        '2pc-unilateral-abort',
        '--history',
        history,
      ],
      text,
    );
    expect(status).toBe(1);
    expect(stderr).toContain('seen: crash-only: n3 refused what n1 sent: 2 is committed');
  });

  test('an interrupted run takes its cluster down', async () => {
    const child = sandbox.start(['run', '-']);
    const end = ended(child);
    child.stdin.end('put a 1\nwait 1h\n');
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (text) => String(text).includes('wait 1h') && resolve());
    });
    expect(home()).toHaveLength(1);
    child.kill('SIGINT');
    expect((await end).status).toBe(130);
    expect(home()).toEqual([]);
  });

  test('what clients asked and were told can be written down, and judged', () => {
    const file = join(sandbox.home, 'history.jsonl');
    const script = [
      'run',
      join(scenarioFolder, 'lost-update.kvx'),
      '--runtime',
      'sim',
      '--history',
      file,
    ];
    expect(sandbox.run(script).status).toBe(0);
    const { status, document } = sandbox.json(['check', file]);
    expect(status).toBe(0);
    expect(JSON.stringify(document)).toContain('linearizable');
    const dialect = sandbox.run(['run', '--dialect', 'cs380d', '--history', file], '');
    expect(dialect.status).toBe(64);
  });

  test('many scripts under many seeds end with the sum, and the code of the first that is not right', () => {
    const bad = join(sandbox.home, 'bad.kvx');
    writeFileSync(bad, 'put a 1\nexpect get a == 2\n');
    const names = ['stale-read', bad, 'lost-update'];
    const { status, stdout, stderr } = sandbox.run([
      'run',
      ...names,
      '--seeds',
      '1..2',
      '--reporter',
      'dot',
    ]);
    expect([status, stdout]).toEqual([1, '..FF..\n']);
    expect(stderr).toContain(`6 runs: 4 right, 2 not; 26 expectations held.`);
    expect(stderr).toContain(`  kvx run ${bad} --runtime sim --seed 2`);
  });

  test('a cluster that was up already is used, and stays', () => {
    expect(sandbox.run(['cluster', 'up', '--name', 'mine', '-n', '3']).status).toBe(0);
    const used = sandbox.run(['run', '-q', '-C', 'mine'], 'put a 1\nexpect get a == 1\n');
    expect([used.status, used.stdout]).toEqual([0, 'OK\n']);
    // What was pasted from a terminal is meant, too; and a shell in a pipe talks to what is up.
    const shell = sandbox.run(['shell'], '$ kvx get a\nkvx put a 2\nclear\nexit\nget a\n');
    expect(shell).toEqual({
      status: 0,
      stdout: '1\nOK\n',
      stderr: 'Cluster mine, mode quorum, 3 nodes.\n',
    });
    sandbox.run(['put', 'a', '1', '-C', 'mine']);
    expect(sandbox.run(['run', '-C', 'mine'], 'cluster down\n').status).toBe(64);
    expect(sandbox.run(['get', 'a', '-C', 'mine']).stdout).toBe('1\n');
    sandbox.run(['cluster', 'down', '-C', 'mine', '--wipe']);
  });
});

async function runAll(runtime: string, names: readonly string[]): Promise<void> {
  const left = [...names];
  const ran = new Map<string, Ran>();
  const work = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const args = [...kvxArgs, 'run', join(scenarioFolder, name), '--runtime', runtime];
      ran.set(name, await ended(spawn(kvx, args, { env: sandbox.env() })));
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, work));
  for (const [name, { status, stderr }] of ran) {
    expect({ name, status, stderr: status === 0 ? '' : stderr }).toEqual({
      name,
      status: 0,
      stderr: '',
    });
  }
}
