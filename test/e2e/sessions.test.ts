import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sandbox } from './commands-sandbox.js';

/** One gossip cluster, n1 - n2 - n3, for all of them; each test uses keys and sessions of its own. */
const sandbox = new Sandbox();
const kvx = (...args: string[]) => sandbox.run(args);
const sessions = join(sandbox.home, 'dev', 'sessions');

beforeAll(() => {
  const up = kvx('cluster', 'up', '-m', 'gossip', '-n', '3', '--topology', 'line', '--sync', 'off');
  expect(up).toMatchObject({ status: 0 });
});

afterAll(() => sandbox.cleanUp());

const matrixOf = (stdout: string) =>
  stdout
    .slice(stdout.indexOf('FROM'))
    .split('\n')
    .slice(1, 4)
    .map((row) => row.split(/ +/).slice(1).join(' '));
const asConfigured = ['- ok none', 'ok - ok', 'none ok -'];

describe('sessions across commands', () => {
  it('see what they wrote, or ERR_DEP; never something older', () => {
    expect(kvx('put', 'a', 'old', '--node', 'n2')).toMatchObject({ status: 0 });
    expect(kvx('stabilize')).toMatchObject({ status: 0 });
    kvx('fault', 'partition', 'n1');
    expect(kvx('put', 'a', 'new', '--node', 'n1', '--session', 'ann').stdout).toBe('OK\n');
    expect(kvx('get', 'a', '--node', 'n3').stdout).toBe('old\n');
    const behind = kvx('get', 'a', '--node', 'n3', '--session', 'ann');
    expect(behind).toMatchObject({ status: 1, stdout: '' });
    expect(behind.stderr).toMatch(/^error: n3 is behind .*\(ERR_DEP\)\n.*\n$/);
    expect(sandbox.json(['get', 'a', '--node', 'n3', '--session', 'ann'])).toMatchObject({
      status: 1,
      document: { status: 'ERR_DEP', error: { code: 'behind', definite: true, exitCode: 1 } },
    });
    // Not told where to ask, it finds the node that has it.
    expect(kvx('get', 'a', '--session', 'ann').stdout).toBe('new\n');
    kvx('fault', 'heal');
    expect(kvx('stabilize')).toMatchObject({ status: 0 });
    expect(kvx('get', 'a', '--node', 'n3', '--session', 'ann').stdout).toBe('new\n');
  });

  it('tell what nobody has (ERR_KEY) from what a node has not yet (ERR_DEP)', () => {
    expect(sandbox.json(['get', 'nothing', '--session', 'eve'])).toMatchObject({
      status: 1,
      document: { status: 'ERR_KEY', found: false },
    });
    expect(kvx('put', 'b', '1', '--session', 'eve', '--node', 'n1')).toMatchObject({ status: 0 });
    expect(kvx('delete', 'b', '--session', 'eve', '--node', 'n1')).toMatchObject({ status: 0 });
    expect(sandbox.json(['get', 'b', '--session', 'eve', '--node', 'n1'])).toMatchObject({
      status: 1,
      document: { status: 'ERR_KEY', found: false },
    });
  });

  it('are private files of the cluster, with the guarantees they began with', () => {
    const put = (...more: string[]) => kvx('put', 'c', '1', '--session', 'bob', ...more);
    expect(put('--guarantees', 'ryw,wfr')).toMatchObject({ status: 0 });
    const file = join(sessions, 'bob.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8')).guarantees).toEqual([
      ...['read-your-writes', 'writes-follow-reads'],
    ]);
    expect(put('--guarantees', 'mr')).toMatchObject({ status: 64 });
    expect(put('--guarantees', 'mrr').stderr).toContain('did you mean mr?');
    expect(kvx('get', 'c', '--guarantees', 'mr')).toMatchObject({ status: 64 });
    expect(kvx('get', 'c', '--session', 'n1').stderr).toContain("can't be a session's name");
    expect(kvx('get', 'c', '--session', '../c').stderr).toContain("can't be a session's name");
    expect(readdirSync(sessions).filter((name) => !name.endsWith('.json'))).toEqual([]);
  });
});

describe('links', () => {
  it('come back as configured after a heal, and what is missing is no cut', () => {
    expect(matrixOf(kvx('fault', 'list').stdout)).toEqual(asConfigured);
    expect(matrixOf(kvx('fault', 'connect', 'n1', 'n3').stdout)[0]).toBe('- ok ok');
    expect(matrixOf(kvx('fault', 'break', 'n1', 'n2').stdout)[0]).toBe('- cut ok');
    expect(matrixOf(kvx('fault', 'heal').stdout)).toEqual(asConfigured);
    expect(sandbox.json(['fault', 'list']).document).toMatchObject({
      cuts: [],
      missing: [
        { from: 'n1', to: 'n3' },
        { from: 'n3', to: 'n1' },
      ],
    });
    expect(kvx('cluster', 'config').stdout).toContain('topology: line\n');
  });

  it('of a session can be cut: it asks the other nodes, and none when none is left', () => {
    expect(kvx('fault', 'break', 'dan', 'n1')).toMatchObject({ status: 64 });
    expect(kvx('put', 'd', '1', '--session', 'dan')).toMatchObject({ status: 0 });
    expect(kvx('fault', 'break', 'dan', 'n1').stdout).toContain('\ndan cut from n1\n');
    expect(sandbox.json(['put', 'd', '2', '--session', 'dan']).document).toMatchObject({
      node: 'n2',
    });
    expect(sandbox.json(['put', 'd', '2']).document).toMatchObject({ node: 'n1' });
    const only = kvx('put', 'd', '3', '--session', 'dan', '--node', 'n1');
    expect(only).toMatchObject({ status: 3 });
    expect(only.stderr).toContain('its link to dan is cut');
    expect(kvx('fault', 'connect', 'n1', 'dan').stdout).not.toContain('dan cut');
  });
});

describe('stabilize', () => {
  it('goes part by part', () => {
    kvx('fault', 'partition', 'n1');
    const { status, document } = sandbox.json(['stabilize']);
    expect(status).toBe(0);
    const parts = document.parts.map(({ nodes }: { nodes: string[] }) => [...nodes].sort());
    expect(parts).toEqual([['n1'], ['n2', 'n3']]);
    kvx('fault', 'heal');
    const { stdout } = kvx('stabilize');
    expect(stdout).toMatch(/^PART +NODES +ROUNDS +MESSAGES\n1 +n1 n2 n3 +\d+ +\d+\n$/);
    // Over a chain, replicas are expected to agree, although n1 and n3 never hear of each other.
    expect(kvx('verify').stdout).toBe('agree\n');
  });
});

describe('nodes that come', () => {
  it('are linked to all, whatever the topology', () => {
    const added = kvx('node', 'add');
    expect(added).toMatchObject({ status: 0, stdout: 'n4 added\n' });
    expect(added.stderr).toContain('n4 is linked to all');
    expect(kvx('node', 'add', 'ann').stderr).toContain('a session is called so');
    expect(kvx('fault', 'list').stdout).toMatch(/^n4 +ok +ok +ok +-$/m);
  });
});

describe('what is typed wrong', () => {
  it.each([
    [['-C', 'dev', 'get', 'a'], 'Type `kvx get a -C dev`.'],
    [['status'], 'did you mean "cluster status"?'],
    [['fault', 'break', 'n1', 'n22'], 'there is no node n22, did you mean n2?'],
    [['cluster', 'config', '-m', 'quorum', '--topology', 'line'], 'mode quorum has no topology'],
    [['cluster', 'config', '-m', 'gossip', '--topology', 'n1-n2,n2-n9'], 'there is no node "n9"'],
  ])('%j', (args, message) => {
    const { status, stderr } = kvx(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(64);
  });
});

describe('wiping the cluster', () => {
  it('takes its sessions along', () => {
    expect(readdirSync(sessions)).toContain('ann.json');
    expect(kvx('cluster', 'down', '--wipe')).toMatchObject({ status: 0 });
    expect(existsSync(sessions)).toBe(false);
  });
});
