/** Commands that only some modes have: nodes that come and go, acceptors that fail. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type RuntimeName, runtimeNames } from '../../src/config/spec.js';
import { modes } from '../../src/protocols/registry.js';
import { Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

const names = modes.map(({ name }) => name);
const thatChange = modes.filter(({ membership }) => membership !== null);
/** In turn on processes and on threads; `operations.test.ts` has a mode on both. */
const kinds = thatChange.map(
  ({ name }, at) => [name, runtimeNames[at % runtimeNames.length] as RuntimeName] as const,
);
const hasPaxos = names.includes('paxos');

const up = (mode: string, ...more: string[]) =>
  expect(sandbox.run(['cluster', 'up', '-m', mode, '-n', '3', '--sync', 'off', ...more])).toEqual({
    status: 0,
    stdout: expect.any(String),
    stderr: expect.any(String),
  });
const down = () => sandbox.run(['cluster', 'down', '--wipe']);
const dataOf = (): string[] => readdirSync(join(sandbox.home, 'dev', 'data')).sort();

describe('a mode whose nodes are the same for ever', () => {
  beforeAll(() => up('quorum'));
  afterAll(() => down());

  test('refuses others by name, and starts none', () => {
    for (const args of [
      ['node', 'add'],
      ['node', 'remove', 'n3'],
    ]) {
      expect(sandbox.run(args)).toEqual({
        status: 64,
        stdout: '',
        stderr:
          'error: mode quorum has no changes of membership; modes 2pc, gossip and paxos have\n',
      });
    }
    expect(dataOf()).toEqual(['n1', 'n2', 'n3']);
    expect(sandbox.json(['cluster', 'config']).document).toMatchObject({ nodes: 3 });
  });

  test('nor does it let them fail', () => {
    expect(sandbox.run(['fault', 'fail-rate', '0.3'])).toMatchObject({
      status: 64,
      stderr: expect.stringMatching(/^error: mode quorum has no fail-rate; mode paxos has\n/),
    });
    expect(sandbox.json(['fault', 'list']).document).toMatchObject({ failRates: [] });
  });

  test('refuses the options of other modes', () => {
    const { status, stderr } = sandbox.run([
      'cluster',
      'config',
      '-m',
      'quorum',
      '-o',
      'topo=ring',
    ]);
    expect([status, stderr]).toEqual([
      64,
      'error: --option: mode quorum has no setting "topo", did you mean "topology"?\n',
    ]);
  });
});

describe.each(kinds)('nodes of a cluster of mode %s on %s', (mode, runtime) => {
  beforeAll(() => up(mode, '--runtime', runtime));
  afterAll(() => down());

  test('come: the next of n1, n2, …, or as they are called, with all the data', () => {
    expect(sandbox.run(['put', 'before', '1']).status).toBe(0);
    expect(sandbox.run(['node', 'add'])).toMatchObject({ status: 0, stdout: 'n4 added\n' });
    expect(sandbox.json(['node', 'add', 'spare'])).toMatchObject({
      status: 0,
      document: { cluster: 'dev', added: 'spare', nodes: ['n1', 'n2', 'n3', 'n4', 'spare'] },
    });
    expect(sandbox.run(['node', 'add', 'spare'])).toMatchObject({ status: 0 });
    expect(sandbox.run(['put', 'after', '2', '--node', 'spare']).stdout).toBe('OK\n');
    // A new node of mode gossip serves at once and catches up by and by: verify waits for it.
    if (mode === 'gossip') sandbox.run(['verify']);
    expect(sandbox.run(['get', 'before', '--node', 'n4']).stdout).toBe('1\n');
    expect(sandbox.run(['verify'])).toMatchObject({ status: 0, stdout: 'agree\n' });
  });

  test('restart among those that came', () => {
    expect(sandbox.run(['node', 'restart', 'n4', 'n2']).status).toBe(0);
    expect(sandbox.run(['put', 'again', '3']).stdout).toBe('OK\n');
    expect(sandbox.run(['verify'])).toMatchObject({ status: 0, stdout: 'agree\n' });
  });

  test('go, dead or alive, and are forgotten', () => {
    expect(sandbox.run(['node', 'kill', 'spare']).status).toBe(0);
    expect(sandbox.run(['node', 'remove', 'spare', '--keep'])).toMatchObject({
      status: 0,
      stdout: 'spare removed\n',
    });
    // At once, with nothing written in between: the next change need not wait for anything to bring it into force.
    expect(sandbox.json(['node', 'remove', 'n2'])).toMatchObject({
      status: 0,
      document: { removed: 'n2', nodes: ['n1', 'n3', 'n4'] },
    });
    expect(dataOf()).toEqual(['n1', 'n3', 'n4', 'spare']);
    expect(existsSync(join(sandbox.home, 'dev', 'logs', 'n2.log'))).toBe(false);
    expect(sandbox.run(['node', 'kill', 'n2'])).toMatchObject({ status: 64 });
    expect(sandbox.run(['node', 'remove', 'n2'])).toMatchObject({
      status: 64,
      stderr: 'error: there is no node "n2", did you mean n1?\nThe nodes are n1, n3, n4.\n',
    });
    expect(sandbox.run(['get', 'before']).stdout).toBe('1\n');
    expect(sandbox.run(['verify'])).toMatchObject({ status: 0, stdout: 'agree\n' });
  });

  test('who lost its data does not come back under its name; who kept it does', () => {
    expect(sandbox.run(['node', 'add', 'n2'])).toMatchObject({
      status: 64,
      stderr: expect.stringMatching(
        /^error: n2 was removed with its data, and its name is not given twice\n/,
      ),
    });
    expect(sandbox.run(['node', 'add', 'spare'])).toMatchObject({ status: 0 });
    expect(sandbox.run(['node', 'add']).stdout).toBe('n5 added\n');
    expect(sandbox.run(['verify'])).toMatchObject({ status: 0, stdout: 'agree\n' });
  });

  test('are all there when the cluster comes up again', () => {
    expect(sandbox.run(['cluster', 'down']).status).toBe(0);
    expect(sandbox.run(['cluster', 'up']).status).toBe(0);
    const { nodes, change } = sandbox.json(['cluster', 'status']).document;
    expect(nodes.map(({ node }: { node: string }) => node)).toEqual([
      'n1',
      'n3',
      'n4',
      'spare',
      'n5',
    ]);
    expect(change).toBeNull();
    expect(sandbox.run(['get', 'after', '--timeout', '20s']).stdout).toBe('2\n');
    expect(sandbox.run(['put', 'last', '5', '--timeout', '20s']).stdout).toBe('OK\n');
  });
});

describe.runIf(hasPaxos)('a node that can not be added', () => {
  beforeAll(() => up('paxos'));
  afterAll(() => down());

  test('is taken away again when it surely was not, or seen through later', () => {
    sandbox.run(['node', 'kill', 'n1', 'n2']);
    const { status, stderr } = sandbox.run(['node', 'add', '--timeout', '3s']);
    expect([2, 3]).toContain(status);
    expect(stderr).toMatch(status === 3 ? /n4 was not added/ : /it is not known whether n4 was/);
    sandbox.run(['node', 'restart', 'n1', 'n2']);
    expect(sandbox.run(['node', 'add'])).toMatchObject({ status: 0, stdout: 'n4 added\n' });
    expect(dataOf()).toEqual(['n1', 'n2', 'n3', 'n4']);
  });

  test('is kept when an earlier command, which was killed, may have added it', () => {
    const file = join(sandbox.home, 'dev', 'cluster.json');
    // As a command leaves it that is killed when the others have agreed.
    const by = { pid: 2, startTime: 'long ago', bootId: '' };
    const record = {
      ...JSON.parse(readFileSync(file, 'utf8')),
      change: { type: 'add', node: 'n4', by },
    };
    writeFileSync(file, JSON.stringify(record));
    sandbox.run(['node', 'kill', 'n1', 'n2', 'n3']);
    expect(sandbox.run(['node', 'add', '--timeout', '200ms'])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/it is not known whether n4 was added: an earlier command/),
    });
    expect(dataOf()).toEqual(['n1', 'n2', 'n3', 'n4']);
    const halfway = /`kvx node add n4` was left halfway: type it again, or undo it/;
    expect(sandbox.run(['cluster', 'status']).stderr).toMatch(halfway);
    expect(sandbox.run(['cluster', 'up']).stderr).toMatch(halfway);
    sandbox.run(['node', 'restart', 'n1', 'n2', 'n3']);
    expect(sandbox.run(['node', 'add'])).toMatchObject({ status: 0, stdout: 'n4 added\n' });
    expect(sandbox.json(['cluster', 'status']).document.change).toBeNull();
  });
});

describe.runIf(hasPaxos)('acceptors of mode paxos', () => {
  beforeAll(() => up('paxos', '--fail-rate', '10%', '--priority', 'n1,n3'));
  afterEach(() => sandbox.run(['fault', 'fail-rate', '0']));
  afterAll(() => down());

  test('fail as often as they are told, all or one', () => {
    const ratesOf = () => sandbox.json(['fault', 'list']).document.failRates;
    expect(ratesOf()).toEqual(['n1', 'n2', 'n3'].map((node) => ({ node, failRate: 0.1 })));
    expect(sandbox.run(['fault', 'fail-rate', '0'])).toEqual({
      status: 0,
      stdout: 'n1 0\nn2 0\nn3 0\n',
      stderr: '',
    });
    expect(sandbox.run(['fault', 'fail-rate', 'n2', '90%']).stdout).toBe('n2 0.9\n');
    expect(ratesOf()).toEqual([{ node: 'n2', failRate: 0.9 }]);
    expect(sandbox.run(['fault', 'list']).stdout).toMatch(/\nn2 fail rate 0\.9\n/);
    expect(sandbox.run(['cluster', 'status']).stdout).toMatch(/\nn2 .*fail rate 0\.9/);
  });

  test('get there all the same', () => {
    expect(sandbox.run(['fault', 'fail-rate', '0.5']).status).toBe(0);
    expect(sandbox.run(['put', 'a', '1', '--timeout', '20s']).stdout).toBe('OK\n');
    for (const level of ['linearizable', 'leader', 'local']) {
      expect(sandbox.run(['get', 'a', '--level', level, '--node', 'n1']).stdout).toBe('1\n');
    }
    expect(sandbox.run(['get', 'a', '--level', 'two'])).toMatchObject({ status: 64 });
  });
});
