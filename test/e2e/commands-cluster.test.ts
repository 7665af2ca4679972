/** Commands about clusters, nodes and faults: what they print, and their exit codes. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended, manifest, Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

const statesOf = (): string[] =>
  sandbox
    .json(['cluster', 'status'])
    .document.nodes.map(({ node, state }: { node: string; state: string }) => `${node} ${state}`);

describe('before any cluster is up', () => {
  test.each([
    ['get', 'a'],
    ['put', 'a', 'b'],
    ['verify'],
    ['cluster', 'status'],
    ['fault', 'list'],
    ['node', 'kill', 'n1'],
  ])('%s %s %s is unavailable', (...args) => {
    const given = args.filter((arg) => arg !== undefined);
    expect(sandbox.run(given)).toEqual({
      status: 3,
      stdout: '',
      stderr: 'error: no cluster is up\nStart one with `kvx cluster up`.\n',
    });
  });

  test('there is nothing to list', () => {
    expect(sandbox.run(['cluster', 'list'])).toMatchObject({ status: 0, stdout: '' });
    expect(sandbox.json(['cluster', 'list']).document).toEqual({ clusters: [] });
  });

  test('there is a version and help for everything', () => {
    expect(sandbox.run(['--version'])).toMatchObject({ status: 0 });
    const { status, stdout } = sandbox.run([]);
    expect(status).toBe(0);
    for (const word of ['cluster', 'fault', 'node', 'get', 'demo']) expect(stdout).toContain(word);
    const help = sandbox.run(['put', '-h']);
    expect(help.stdout).toContain('$ kvx put greeting hello');
    expect(sandbox.run(['help', 'put'])).toEqual(help);
    const all = sandbox.run(['help']).stdout;
    expect(`${all}${help.stdout}`.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const narrow = ['bench', 'cluster use'].map((name) => {
      return sandbox.run([...name.split(' '), '-h'], '', { COLUMNS: '60' }).stdout;
    });
    expect(
      narrow
        .join('')
        .split('\n')
        .filter((line) => line.length > 60),
    ).toEqual([]);
    expect(all).toMatch(/^ +help modes +how nodes replicate/m);
    expect(sandbox.json(['help', 'modes']).document.text).toMatch(/^ {2}paxos +Multi-Paxos/m);
    expect(sandbox.run(['help', 'nope'])).toMatchObject({ status: 64, stdout: '' });
    expect(sandbox.run(['help', 'clster']).stderr).toContain('did you mean "cluster"?');
    expect(sandbox.run(['help', 'node', 'kill', 'n1']).stderr).toBe(
      'error: too many words: n1\nSee `kvx help node kill`.\n',
    );
    expect(sandbox.run(['fault', 'list', 'n1'])).toEqual({
      status: 64,
      stdout: '',
      stderr: 'error: too many arguments: n1\nSee `kvx fault list -h`.\n',
    });
  });
});

/** What takes something away is typed each time: a variable that was forgotten must not. */
const takingAway = ['all', 'fresh', 'wipe', 'force', 'yes', 'install'];

describe('every command', () => {
  const commands = Object.values(manifest.commands);
  test.each(commands.map((command) => [command.id, command] as const))('%s', (_, command) => {
    expect(command.summary).toBeTruthy();
    expect(command.examples?.length).toBeGreaterThanOrEqual(2);
    expect(command.examples?.length).toBeLessThanOrEqual(5);
    for (const [name, flag] of Object.entries(command.flags)) {
      // What commands tell each other is no user's.
      if (flag.hidden) continue;
      const variable = `KVX_${name.toUpperCase().replaceAll('-', '_')}`;
      // KVX_TRACE is that of `cluster up --trace`, and no file.
      const isTyped = takingAway.includes(name) || `${command.id} ${name}` === 'run trace';
      expect(flag.env, name).toBe(isTyped ? undefined : variable);
    }
    expect(Object.keys(command.flags)).toEqual(expect.arrayContaining(['cluster', 'json']));
  });
});

describe('configuration', () => {
  const file = (name: string, text: string): string => {
    const path = join(sandbox.home, name);
    writeFileSync(path, text);
    return path;
  };

  test('is printed with every default, and what is printed can be read', () => {
    const flags = ['-n', '3', '--read', 'one', '--delay', '5ms', '--delay', 'n1>n2=20ms'];
    const printed = sandbox.run(['cluster', 'config', ...flags]);
    expect(printed).toMatchObject({ status: 0, stderr: '' });
    expect(printed.stdout).toContain('read: one\n');
    expect(printed.stdout).toContain('  - [0, 20, 5]\n');
    const path = file('three.yaml', printed.stdout);
    expect(sandbox.run(['cluster', 'config', '--config', path]).stdout).toBe(printed.stdout);
    const { document } = sandbox.json(['cluster', 'config', '--config', path, '-n', '3']);
    expect(document).toMatchObject({ mode: 'quorum', nodes: 3, replicas: 3, read: 'one' });
  });

  test('that is wrong is refused whole, with line and column, and starts nothing', () => {
    const path = file('bad.yaml', 'nodes: 3\nreplcas: 2\nread: most\nruntime: thread\n');
    const { status, stdout, stderr } = sandbox.run(['cluster', 'up', '--config', path]);
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).toContain(
      `${path}:2:1: mode quorum has no setting "replcas", did you mean "replicas"?`,
    );
    expect(stderr).toContain(`${path}:3:7: mode quorum has no level "most"; it has one`);
    expect(stderr).toContain(`${path}:4:10: runtime must be threads or processes`);
    const { document } = sandbox.json(['cluster', 'up', '--config', path]);
    expect(document.error).toMatchObject({ code: 'config', exitCode: 64 });
    expect(document.error.problems).toContainEqual(expect.objectContaining({ line: 2, column: 1 }));
    expect(sandbox.json(['cluster', 'list']).document.clusters).toEqual([]);
  });

  test.each([
    [
      ['--mode', 'quorom'],
      'there is no mode "quorom"; the modes are quorum, 2pc, gossip, paxos; did you mean "quorum"?',
    ],
    [['-n', '0'], '--nodes: a cluster has 1 to 64 nodes'],
    [['-n', '2', '--replicas', '3'], '--replicas: option replicas is 3, but there are only 2'],
    [['--sync', 'never'], '--sync: sync must be always or off'],
    [['--delay', 'n1>n7=5ms'], '--delay: "n1>n7" is not a link'],
    [['--option', 'nonsense'], '--option must be NAME=VALUE'],
    [['--config', '/nowhere.yaml'], '/nowhere.yaml: there is no such file'],
    [['--name', 'a b'], '"a b" can\'t be a cluster\'s name'],
  ])('%j is refused', (flags, message) => {
    const { status, stderr } = sandbox.run(['cluster', 'up', ...flags]);
    expect(stderr).toContain(message);
    expect(status).toBe(64);
  });
});

describe('a cluster of processes', () => {
  beforeAll(() => {
    const args = ['cluster', 'up', '--name', 'apart', '-n', '3', '--runtime', 'processes'];
    const { status, stdout, stderr } = sandbox.run(args);
    expect(stderr).toContain('kvx cluster status -C apart');
    expect(stdout).toMatch(/^NODE +STATE +PID\nn1 +running +\d+\nn2 .*\nn3 .*\n$/);
    expect(status).toBe(0);
  });

  test('is the only one up, and so the one that is meant', () => {
    expect(sandbox.run(['put', 'k', 'v', '--level', 'all'])).toMatchObject({ status: 0 });
    expect(sandbox.run(['cluster', 'list']).stdout).toMatch(
      /^NAME +STATE +MODE +RUNTIME +NODES\napart +up +quorum +processes +3\n$/,
    );
    expect(sandbox.run(['cluster', 'up', '--name', 'apart'])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('was up'),
    });
  });

  test('says how each node is', () => {
    const { status, stdout } = sandbox.run(['cluster', 'status']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^NODE +ROLE +STATE +KEYS +LAG +PENDING +HINTS$/m);
    expect(stdout).toMatch(/^n1 +replica +running +1 +0 +0 +0$/m);
    expect(stdout).not.toContain('\u001b[');
    const [node] = sandbox.json(['cluster', 'status']).document.nodes;
    expect(node).toMatchObject({ node: 'n1', state: 'running', status: { keyCount: 1 } });
  });

  test('has logs, that can be followed until nobody listens', async () => {
    expect(sandbox.run(['cluster', 'logs', 'n1']).stdout).toMatch(/^\S+ info +n1 /);
    const child = sandbox.start(['cluster', 'logs', '--follow', '--json']);
    const ending = ended(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGINT');
    const { status, stdout } = await ending;
    expect(status).toBe(130);
    for (const line of stdout.trimEnd().split('\n')) {
      const text = expect.any(String);
      expect(JSON.parse(line)).toEqual({ node: text, time: text, level: text, text });
    }
  });

  test('may be cut apart: the minority says no, the majority goes on, and heals', () => {
    const { status, stdout } = sandbox.run(['fault', 'partition', 'n3']);
    expect(status).toBe(0);
    expect(stdout).toBe(
      [
        'cut from each other: n3 / n1 n2',
        'FROM\\TO  n1   n2   n3',
        'n1       -    ok   cut',
        'n2       ok   -    cut',
        'n3       cut  cut  -\n',
      ].join('\n'),
    );
    const listed = sandbox.run(['fault', 'list']).stdout;
    const matrix = stdout.slice(stdout.indexOf('\n') + 1);
    expect(listed.slice(0, matrix.length)).toBe(matrix);
    expect(listed).toMatch(/^ +1 +(now|\ds ago) +user +fault partition n3$/m);
    expect(sandbox.json(['fault', 'list']).document.cuts).toHaveLength(4);
    expect(sandbox.run(['cluster', 'status']).stdout).toMatch(/^n3 .*cut from n1 n2/m);
    expect(sandbox.run(['put', 'k', 'w', '--node', 'n1'])).toMatchObject({ status: 0 });
    expect(sandbox.run(['get', 'k', '--node', 'n3', '--level', 'one']).stdout).toBe('v\n');
    const verified = sandbox.run(['verify', '--timeout', '5s']);
    expect(verified.status).toBe(1);
    expect(verified.stdout).toMatch(/^differ k n\d=\d+@n1 n\d=\d+@n1 n\d=\d+@n1\n$/m);
    // Once n3 suspects the others it says no at once; before that, it does not know.
    expect([2, 3]).toContain(sandbox.run(['get', 'k', '--node', 'n3', '--timeout', '1s']).status);
    const healed = sandbox.run(['fault', 'heal', 'partition']).stdout;
    expect(healed).toMatch(/^healed: fault partition n3\nFROM/);
    expect(healed).not.toContain('cut');
    expect(sandbox.run(['verify'])).toMatchObject({
      status: 0,
      stdout: 'agree\n',
      stderr: 'Compared 1 key, 3 copies.\n',
    });
  }, 40_000);

  test('single links break and connect', () => {
    expect(sandbox.run(['fault', 'break', 'n1', 'n2']).stdout).toMatch(/^n1 +- +cut +ok$/m);
    expect(sandbox.run(['fault', 'isolate', 'n3']).stdout).toMatch(/^n1 +- +cut +cut$/m);
    expect(sandbox.run(['fault', 'connect', 'n2', 'n1']).stdout).toMatch(/^n1 +- +ok +cut$/m);
    expect(sandbox.run(['fault', 'isolate', 'n9'])).toMatchObject({ status: 64, stdout: '' });
    expect(sandbox.run(['fault', 'heal'])).toMatchObject({ status: 0 });
  });

  test('loses nodes and gets them back', () => {
    expect(sandbox.run(['node', 'kill', 'n2', 'n3']).stdout).toBe('n2 dead\nn3 dead\n');
    expect(statesOf()).toEqual(['n1 running', 'n2 dead', 'n3 dead']);
    const { status, stdout } = sandbox.run(['verify', '--timeout', '1s']);
    // Whether those that are away hold the same, nobody knows.
    expect(status).toBe(2);
    expect(stdout).toMatch(/^not compared n2: .*\nnot compared n3: /);
    expect(sandbox.run(['get', 'k', '--node', 'n2'])).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("n2 can't be reached"),
    });
    expect(sandbox.run(['node', 'restart', 'n2', 'n3']).stdout).toBe('n2 running\nn3 running\n');
    expect(sandbox.run(['node', 'pause', 'n1']).stdout).toBe('n1 paused\n');
    const asked = sandbox.run(['get', 'k', '--node', 'n1', '--timeout', '300ms']);
    // It was never asked, so nothing happened.
    expect(asked).toMatchObject({ status: 3, stdout: '' });
    expect(sandbox.run(['node', 'resume', 'n1']).stdout).toBe('n1 running\n');
    expect(sandbox.run(['verify'])).toMatchObject({ status: 0 });
  }, 40_000);

  test('is chosen among several by name, environment or `use`', () => {
    sandbox.run(['cluster', 'up', '--name', 'second', '-n', '1', '--sync', 'off']);
    expect(sandbox.run(['get', 'k'])).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('several clusters are up: apart, second'),
    });
    expect(sandbox.run(['get', 'k', '-C', 'apart']).stdout).toBe('w\n');
    expect(sandbox.run(['get', 'k'], '', { KVX_CLUSTER: 'apart' }).stdout).toBe('w\n');
    expect(sandbox.run(['cluster', 'use', 'apart']).stdout).toBe('apart\n');
    expect(sandbox.run(['get', 'k']).stdout).toBe('w\n');
    expect(sandbox.run(['cluster', 'use', 'nope']).status).toBe(3);
    expect(sandbox.run(['cluster', 'use', '--none'])).toMatchObject({ status: 0 });
    expect(sandbox.run(['cluster', 'down', '-C', 'second', '--wipe']).stdout).toMatch(/wiped\n$/);
  });

  test('comes down, and up again as it was', () => {
    expect(sandbox.run(['cluster', 'down']).stdout).toMatch(/^apart: stopped in /);
    expect(sandbox.run(['get', 'k'])).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('cluster apart is not up'),
    });
    expect(sandbox.run(['cluster', 'down']).stdout).toBe('apart: was not up\n');
    const { document } = sandbox.json(['cluster', 'up', '-C', 'apart']);
    expect(document).toMatchObject({ cluster: 'apart', outcome: 'resumed', runtime: 'processes' });
    expect(sandbox.run(['get', 'k']).stdout).toBe('w\n');
    expect(sandbox.run(['cluster', 'down', '--all', '--wipe'])).toMatchObject({ status: 0 });
    expect(existsSync(join(sandbox.home, 'apart'))).toBe(false);
    expect(readdirSync(sandbox.home).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });
});
