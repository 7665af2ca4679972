import { describe, expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import { modeHas, modeNames } from '../protocols/catalog.js';
import { expectAgreement, judge } from './outcome.js';
import { runScript } from './testing/run-script.js';

async function run(text: string, how: Parameters<typeof runScript>[1] = {}) {
  const said = await runScript(text, how);
  if (said.error !== null) throw said.error;
  return said;
}

/** What a failed script says on standard error. */
async function failureOf(text: string, how: Parameters<typeof runScript>[1] = {}) {
  const { report, err } = await run(text, how);
  expect(report?.failed).toBe(true);
  return err;
}

describe('what commands print in a script', () => {
  it('is what the command line prints', async () => {
    const { out, err } = await run(
      [
        'put a "one line"',
        'get a',
        'get nothing',
        'insert a 2',
        'cas a "one line" two',
        'delete a',
        'put b 1 --level all',
        'dump n1',
        'search b',
        'verify',
        'echo so  much "for that"',
      ].join('\n'),
    );
    expect(out.replace(/\d{10,}/g, 'STAMP')).toBe(
      [
        'OK',
        'one line',
        'refused: a already holds one line',
        'OK',
        'OK',
        'OK',
        'b 1',
        'NODE  VALUE  VERSION',
        'n1    1      STAMP@n1',
        'n2    1      STAMP@n1',
        'n3    1      STAMP@n1',
        'agree',
        'so much for that',
        '',
      ].join('\n'),
    );
    expect(err).toEqual(['Compared 1 key, 3 copies.']);
  });

  it('says which client it was, on every line', async () => {
    const { out } = await run('client ann\nput a "x\\ny"\nget a\nclient\nget a');
    expect(out).toBe('ann: OK\nann: x\nann: y\nx\ny\n');
  });

  it('is one JSON document a line on request, expectations too', async () => {
    const text =
      'put a 1\nclient ann\nget b\nexpect get a == 1\nexpect fails put a 1 --level 9\nexpect get a == 2\nput a 3';
    const { out, err } = await run(text, { json: true });
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { line: 1, command: 'put a 1', ok: true, result: { ok: true, key: 'a', node: 'n1' } },
      { line: 3, client: 'ann', command: 'get b', ok: false, result: { found: false } },
      { line: 4, client: 'ann', ok: true, expected: '1', seen: expect.stringMatching(/^1 \(/) },
      { line: 5, ok: true, expected: 'a failure' },
      { line: 6, ok: false, expected: '2' },
    ]);
    expect(lines).toHaveLength(5);
    expect(err).toEqual([]);
  });

  it('is told before it is done, on request', async () => {
    const { out } = await run('put a 1 # why\nclient ann\nexpect get a == 1', { echo: true });
    expect(out).toBe('> put a 1\nOK\n> ann: expect get a == 1\n');
    const { out: block } = await run('txn\n put a 1\n get a\nend', { echo: true, mode: '2pc' });
    expect(block).toBe('> txn\n>   put a 1\n>   get a\n> end\n1\n');
  });
});

describe('an expectation', () => {
  it('that does not hold ends the script, and says where, what was expected and what was seen', async () => {
    const err = await failureOf('put a 1\nexpect get a == 1\n\nexpect get a == 2 # no\nput b 1\n');
    expect(err.map((line) => line.replace(/version \d+/, 'version N'))).toEqual([
      'failed: test.kvx:4: expect get a == 2',
      '  expected: 2',
      '  seen: 1 (version N@n1, through n1)',
    ]);
  });

  it.each([
    ['get a absent', '1 (version'],
    ['get b == 1', 'absent (through n1)'],
    ['get b present', 'absent (through n1)'],
    ['get a != 1', '1 (version'],
    ['get a in 2 3', '1 (version'],
    ['get b ok', 'absent (through n1)'],
    ['insert a 2 ok', 'refused: it holds 1 (version'],
    ['dump n1 == a=2', 'a=1 (at n1)'],
    ['dump n1 != a=1', 'a=1 (at n1)'],
    ['dump n1 empty', 'a=1 (at n1)'],
    ['put b 2 --level all ok\nexpect dump n1 == a=1', 'a=1 b=2 (at n1)'],
    ['dump n1 == a=1 b=2', 'a=1 (at n1)'],
    ['search a == n1=1 n2=absent', 'n1=1 n2=1 n3=1'],
    ['delete a --level all ok\nexpect search a == n1=absent', 'n1=deleted n2=deleted n3=deleted'],
    ['search a absent', 'n1=1 n2=1 n3=1'],
    ['search b present', 'n1=absent n2=absent n3=absent'],
    ['verify differ', 'agree'],
    ['fails get a', '1 (version'],
    ['fails put a 1', 'it succeeded'],
    ['fails timeout insert a 1', 'refused: it holds 1 (version'],
    [
      'put a 1 --node n2 --level 2 ok\nnode kill n2 n3\nexpect put a 2 --timeout 1s ok',
      'timeout: ',
    ],
  ])('can be wrong: %s', async (expectation, seen) => {
    const err = await failureOf(`put a 1 --level all\nexpect ${expectation}`);
    expect(err.at(-1)).toContain(`seen: ${seen}`);
  });

  it('can be right', async () => {
    const holding = [
      ...['get a == 1', 'get a != 2', 'get a in 2 1', 'get a present', 'get b absent', 'get a ok'],
      ...['dump n1 == a=1', 'dump n1 != a=2', 'search a == n1=1 n3=1', 'search a present'],
      ...['search b absent', 'search b == n2=absent', 'verify agree', 'fails get b'],
      ...['fails absent get b', 'fails refused insert a 2', 'insert b 1 ok', 'delete b ok'],
      ...['search b == n1=deleted', 'fails bad-request get a --level 7'],
    ];
    const { report } = await run(
      ['put a 1 --level all', ...holding.map((each) => `expect ${each}`)].join('\n'),
    );
    expect(report).toMatchObject({ heldCount: holding.length, failed: false });
  });

  it('may take its time', async () => {
    const text =
      'at once\n client ann\n  wait 3s\n  put a 1\n client ben\n  expect within 5s get a == 1\nend';
    expect((await run(text)).report?.heldCount).toBe(1);
    const err = await failureOf(text.replace('within 5s', 'within 2s'));
    expect(err.at(-1)).toContain('absent');
  });

  it('does not cover for a script that asks what no cluster has', async () => {
    const { error } = await runScript('expect get a --level 7 == 1');
    expect(error).toMatchObject({ code: 'bad-request' });
  });

  it('that replicas differ, or agree, is neither while they are at work', () => {
    const agreement = {
      ...{ agrees: false, keyCount: 1, copyCount: 2, unreachable: [], unsettled: ['n1'] },
      differences: [{ key: keyFromText('a'), held: [{ node: 'n1', version: null }] }],
    };
    const outcome = {
      why: 'unsettled',
      seen: { type: 'agreement', agreement } as const,
    };
    for (const agrees of [true, false]) {
      expect(judge(outcome, expectAgreement(agrees)).holds).toBe(false);
    }
    expect(judge({ ...outcome, why: 'differ' }, expectAgreement(false)).holds).toBe(true);
  });

  it('of a transaction is about what its gets saw', async () => {
    const text =
      'txn\n put a 1\n put b 2\nend\nexpect txn == 1 2 absent\n get a\n get b\n get c\nend';
    expect((await run(text, { mode: '2pc' })).report?.heldCount).toBe(1);
    const err = await failureOf(text.replace('== 1 2', '== 1 3'), { mode: '2pc' });
    expect(err.at(-1)).toBe('  seen: 1, 2, absent');
    const refused = `${text}\nexpect fails refused txn\n check a 2\n put a 3\nend\nexpect get a == 1`;
    expect((await run(refused, { mode: '2pc' })).report?.heldCount).toBe(3);
  });
});

describe('a load', () => {
  it('tries sets that fail again, until a majority is back', async () => {
    const load = (words: string) => `cluster up --mode paxos -n 3
at once
  client a
    ${words} --timeout 300ms
  client b at n1
    wait 20ms
    node kill n2 n3
    wait 1s
    node restart n2 n3
end`;
    const { out, error } = await run(load('rapidset 200'), { seed: 3 });
    expect(error).toBe(null);
    expect(out).toContain('a: OK: 200 sets of 1234, the last one was read back');
    const multi = await run(load('multiset 1000'), { seed: 3 });
    expect(multi.out).toContain('a: OK: 1000 keys set, all replicas agree on 1000');
  });

  it('of which a set fails for half a minute is an error', async () => {
    const script = 'cluster up -m paxos -n 3\nnode kill n2 n3\nrapidset 2 --timeout 200ms';
    const { error } = await runScript(script);
    expect(error).toMatchObject({ message: expect.stringContaining('rapidset 2') });
  });
});

describe('a mode', () => {
  it.each(modeNames)('%s has transactions, or says that it has none', async (name) => {
    const { report, error } = await run(`expect fails bad-request txn\n  put a 1\nend`, {
      mode: name,
    });
    expect({ error, refuses: report?.failed === false }).toEqual({
      error: null,
      refuses: !modeHas(name, 'transactions'),
    });
  });
});

describe('an error', () => {
  it('ends the script, with its place', async () => {
    const { error, out } = await runScript(
      'put a 1\nnode kill n2 n3\nput a 2 --timeout 1s\necho no',
    );
    expect(error).toMatchObject({
      message: expect.stringMatching(/^test\.kvx:3: put a 2 --timeout 1s: /),
    });
    expect(out).toBe('OK\nn2 dead\nn3 dead\n');
  });

  it('of one of several clients lets the others end what they are at, and no more', async () => {
    const { error, out } = await runScript(
      'node kill n3\nat once\n client ann\n  put a 1 --level all --timeout 1s\n client ben\n  repeat 100\n   wait 300ms\n   echo {n}\n  end\nend',
    );
    expect(error).toMatchObject({ message: expect.stringContaining('put a 1') });
    expect(out).toContain('ben: 1\n');
    expect(out).not.toContain('ben: 6\n');
  });
});

describe('clients', () => {
  it('are connected to the nodes that they say, and move', async () => {
    const text = [
      'client ann at n2,n3',
      'put a 1',
      'node kill n2',
      'expect get a == 1', // the next one
      'node kill n3',
      'expect fails unavailable get a',
      'client ann at n1',
      'expect get a --level one == 1',
      'expect fails bad-request get a --node n2',
    ].join('\n');
    expect((await run(text)).report?.heldCount).toBe(4);
  });

  it('keep the flags that they came with', async () => {
    const text = 'client ann --node n2\nput a 1';
    await expect(run(text)).rejects.toThrow('`client` has no flag --node');
    const { out } = await run(
      'fault partition n1/n2,n3\nclient ann at n1 --level one\nput a 1\nclient\nclient ann\nget a\nnode kill n1\nexpect fails unavailable get a',
    );
    expect(out).toMatch(/ann: OK\nann: 1\nann: n1 dead\n$/);
  });

  it('can be cut from nodes, until it is healed', async () => {
    const text = [
      'client ann',
      'fault break ann n1',
      'put a 1',
      'fault break n2 ann',
      'fault break ann n3',
      'expect fails unavailable get a',
      'fault connect ann n3',
      'expect get a == 1',
      'fault heal',
      'expect get a --node n2 == 1',
    ].join('\n');
    const { report, out } = await run(text);
    expect(report?.heldCount).toBe(3);
    expect(out).toContain('ann cut from n1 n2 n3');
  });

  it('see nothing older in a session', async () => {
    const text = [
      'cluster up -n 3 --read one --write one',
      'put a 1 --level all',
      'fault partition n1/n2,n3',
      'put a 2 --node n1 --session s',
      'expect fails behind get a --node n2 --session s',
      'expect get a --node n2 == 1',
      'expect fails bad-request get a --session s --guarantees mr',
    ].join('\n');
    expect((await run(text)).report?.heldCount).toBe(3);
  });

  it('begin anew on another cluster', async () => {
    const text = [
      'cluster up --mode paxos -n 3',
      'repeat 20 put a {n} --session s',
      'cluster down',
      'cluster up --mode paxos -n 3 --fresh',
      'put a new',
      'expect within 5s get a --level local --node n1 == new',
      'expect get a --level local --node n1 --session s == new',
    ].join('\n');
    expect((await run(text)).report?.heldCount).toBe(2);
  });
});

describe('time', () => {
  it('passes only in the script', async () => {
    const begin = performance.now();
    await run('wait 2m\nrepeat 3 wait 1s');
    expect(performance.now() - begin).toBeLessThan(30_000);
  });

  it('is the same again under the same seed, down to every event', async () => {
    const text = [
      'cluster up -n 4',
      'at once',
      ...['ann', 'ben', 'eve'].flatMap((name, nth) => [
        ` client ${name} at n${nth + 1}`,
        `  repeat 8`,
        `   put k {n}-${name}`,
        '   get k',
        '  end',
      ]),
      'end',
      'node restart n2',
      'verify',
      'dump n1',
      'cluster status',
    ].join('\n');
    const first = await run(text, { seed: 5 });
    const again = await run(text, { seed: 5 });
    expect(again).toEqual(first);
    const other = await run(text, { seed: 6 });
    expect(other.traceHash).not.toBe(first.traceHash);
    expect(other.out).not.toBe(first.out);
  });
});

describe('the cluster of a script', () => {
  it('goes down and comes up again with its data', async () => {
    const text =
      'cluster up -n 2\nput a 1\ncluster down\nexpect fails get a\ncluster up -n 2\nexpect get a == 1';
    const { error } = await runScript(text.replace('expect fails get a\n', ''));
    expect(error).toBeNull();
    await expect(run(text)).rejects.toThrow('no cluster is up here');
  });

  it('grows and shrinks', async () => {
    const { out } = await run('put a 1\nnode add\nnode remove n1\nget a --node n4', {
      mode: 'paxos',
    });
    expect(out).toBe('OK\nn4 added\nn1 removed\n1\n');
  });

  it('is left alone once the user interrupts', async () => {
    const { error } = await runScript('put a 1\nwait 1h\nput a 2', {
      onTarget: (target, controller) => {
        void target.timing.sleep(1_000).then(() => controller.abort());
      },
    });
    expect(error).toMatchObject({ code: 'interrupted' });
  });
});

describe('a planted mistake that nodes find out', () => {
  const text = `cluster up --mode 2pc -n 3
fault cut "n1>n3" --type decision
put x 1
node pause n1
wait 3s
at once
  client ann
    node resume n1
    wait 1s
  client ben
    wait 1s
end
`;

  it('is an expectation that does not hold, told once', async () => {
    const err = await failureOf(text, { bug: '2pc-unilateral-abort' });
    expect(err).toEqual([
      'failed: test.kvx:11: ben: wait 1s',
      '  expected: no node in an impossible state',
      '  seen: crash-only: n3 refused what n1 sent: 2 is committed, aborted here',
      '',
      '  decision: transaction 2: n1 holds committed, and n3 holds aborted',
    ]);
    expect((await run(text)).report).toMatchObject({ failed: false });
  });
});
