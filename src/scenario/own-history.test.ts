import { describe, expect, it } from 'vitest';
import { runScript } from './testing/run-script.js';

describe('expect history', () => {
  const stale = `cluster up --mode quorum -n 3 --read one --write one
put a 1 --level all
fault partition n1/n2,n3
put a 2 --node n1
get a --node n2
`;

  it('judges what the clients of the script saw, and shows what was wrong', async () => {
    const { report, err } = await runScript(`${stale}expect history linearizable\n`);
    expect(report).toMatchObject({ heldCount: 0, failed: true });
    expect(err.join('\n')).toMatchInlineSnapshot(`
      "failed: test.kvx:6: expect history linearizable
        expected: ok
        seen: violated: linearizable: client 0 read 1 from n2 after client 0's put of 2 had been acknowledged

                  0         2.62         3.03           3.49 ms
        client 0  ├─ put 1 ─┤  ├─ put 2 ─┤  ┣━ get → 1 ━┫"
    `);
  });

  it('calls clients by the names that they have in the script', async () => {
    const text = stale
      .replace('put a 2', 'client ann\nput a 2')
      .replace('get a', 'client ben\nget a');
    const { err } = await runScript(`${text}expect history linearizable\n`);
    expect(err.join('\n')).toContain(
      "client ben read 1 from n2 after client ann's put of 2 had been acknowledged",
    );
  });

  it('as promised asks no more than the mode promises for the levels used', async () => {
    const { report } = await runScript(`${stale}expect history as promised\n`);
    expect(report).toMatchObject({ heldCount: 1, failed: false });
    const violated = await runScript(`${stale}expect fails violated history linearizable\n`);
    expect(violated.report).toMatchObject({ heldCount: 1, failed: false });
  });

  it('names the models that there are', async () => {
    const { error } = await runScript('put a 1\nexpect history linearisable\n').catch(
      (thrown: unknown) => ({ error: thrown }),
    );
    expect(String(error)).toContain('did you mean linearizable?');
  });
});

describe('what may fail', () => {
  it('is tried, told, and not the end of the script', async () => {
    const { report, err } = await runScript(
      'cluster up -n 3\nnode kill n1\ntry put a 1 --node n1\ntry cas a 1 2\nexpect get a absent\n',
    );
    expect(report).toMatchObject({ heldCount: 1, failed: false });
    expect(err[0]).toMatch(/^unavailable: /);
  });

  it('is no excuse for a command that is none of this cluster', () => {
    return expect(runScript('cluster up -n 3\ntry putt a 1\n')).rejects.toThrow(
      'there is no command "putt"',
    );
  });
});

describe('node kill --when', () => {
  it('waits for the moment: the node answers, and is gone with what it had not synced', async () => {
    const text = `cluster up --mode quorum -n 3
node kill n1 --power --when unsynced
repeat 40 try put k{n} 1 --node n1 --level one
expect fails unavailable get k1 --node n1
node restart n1
expect within 5s verify agree
`;
    const { report } = await runScript(text, { seed: 3 });
    expect(report).toMatchObject({ heldCount: 2, failed: false });
  });
});
