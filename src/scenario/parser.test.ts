import { describe, expect, it } from 'vitest';
import { ConfigError, formatPlace } from '../config/problem.js';
import { isUnfinished, parseScript } from './parser.js';
import type { Program, Statement } from './program.js';
import { specFor } from './testing/run-script.js';

const options = { source: 's.kvx', spec: specFor('paxos', 3), attached: false };

function parse(text: string, more: object = {}): Program {
  return parseScript(text, { ...options, ...more });
}

/** `line:column: message` of all that is wrong. */
function problemsIn(text: string, more: object = {}): string[] {
  try {
    parse(text, more);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => {
      return `${formatPlace(problem).replace('s.kvx:', '')}: ${problem.message}`;
    });
  }
  return [];
}

function only(text: string): Statement {
  const { statements } = parse(text);
  expect(statements).toHaveLength(1);
  return statements[0] as Statement;
}

describe('a script', () => {
  it('is one command a line; blank lines and comments say nothing', () => {
    const { statements, spec } = parse('# a story\n\n  put a 1   # first\nget "a b" --level one\n');
    expect(statements.map(({ type, line, text }) => [type, line, text])).toEqual([
      ['command', 3, 'put a 1'],
      ['command', 4, 'get "a b" --level one'],
    ]);
    expect(spec).toBe(options.spec);
  });

  it('keeps a # within a word or quotes', () => {
    expect(only('put a#b "c # d" # e').text).toBe('put a#b "c # d"');
    expect(only('put a "\\"#" #').text).toBe('put a "\\"#"');
  });

  it.each([
    ['cluster up --resp', 7379],
    ['cluster up --resp --mode paxos', 7379],
    ['cluster up --mode paxos --resp 7000 -n 3', 7000],
    ['cluster up --resp=7000', 7000],
    ['cluster up --resp off', undefined],
  ])('lets Redis clients into its cluster: %s', (text, port) => {
    const up = only(text);
    expect(up.type === 'command' && up.invocation.given.spec?.resp?.port).toBe(port);
  });

  it('brings its own cluster with `cluster up`', () => {
    const { statements, spec } = parse('cluster up --mode paxos -n 5 -o suspicionMs=900\nput a 1');
    expect(spec).toBeNull();
    const [up] = statements;
    expect(up?.type === 'command' && up.invocation.given.spec).toMatchObject({
      mode: 'paxos',
      nodes: ['n1', 'n2', 'n3', 'n4', 'n5'],
      options: { suspicionMs: 900 },
    });
  });

  it('takes optional arguments only when there are enough words', () => {
    const rate = only('fault fail-rate 0.3');
    const both = only('fault fail-rate n2 0.3');
    const names = (each: Statement) =>
      each.type === 'command' ? [...each.invocation.given.args.keys()] : [];
    expect([names(rate), names(both)]).toEqual([['RATE'], ['NODE', 'RATE']]);
  });

  it('reads what is expected, wherever flags stand', () => {
    const expectations = (text: string) => {
      const statement = only(text);
      if (statement.type !== 'expect') throw new Error('no expectation');
      const { expectation, withinMs, invocation } = statement;
      return { expectation, withinMs, flags: [...invocation.given.flags.keys()] };
    };
    const expected = (text: string) => expectations(text).expectation.expected;
    const get = expectations('expect get a == ok --node n2');
    expect(get).toMatchObject({ expectation: { expected: 'ok' }, withinMs: null, flags: ['node'] });
    expect(expectations('expect within 2s get a --level one absent')).toMatchObject({
      expectation: { expected: 'absent', fails: false },
      ...{ withinMs: 2_000, flags: ['level'] },
    });
    expect(expected('expect get a in 1 absent "x y"')).toBe('1 or absent or x y');
    const isAbsent = { type: 'value', value: null, version: null, node: 'n1' } as const;
    const holds = (text: string) =>
      expectations(text).expectation.holds({ why: null, seen: isAbsent });
    expect(holds('expect get a in 1 absent')).toBe(true);
    expect(holds('expect get a in 1 "absent"')).toBe(false);
    expect(expected('expect put a absent ok')).toBe('ok');
    expect(expectations('expect fails put a 1').expectation).toMatchObject({
      ...{ expected: 'a failure', fails: true },
    });
    expect(expectations('expect fails timeout put a "-1x"').flags).toEqual([]);
    expect(expected('expect dump n1 == a=1=2 b=')).toBe('a=1=2 b=""');
    expect(expected('expect search a == n1=x n2=deleted "n3=absent"')).toBe(
      'n1=x n2=deleted n3=absent',
    );
    const held = { type: 'copies', found: [{ node: 'n3', entry: null, problem: null }] } as const;
    const isHeld = (text: string) =>
      expectations(text).expectation.holds({ why: null, seen: held });
    expect(isHeld('expect search a == n3=absent')).toBe(true);
    expect(isHeld('expect search a == "n3=absent"')).toBe(false);
  });

  it('has things done at a time', () => {
    const { statements } = parse('at 12.345ms try node kill n2\nat 1s put a 1 --node n3');
    expect(statements).toMatchObject([
      { type: 'at', atMs: 12.345, does: { isTry: true, text: 'at 12.345ms try node kill n2' } },
      { type: 'at', atMs: 1000, does: { isTry: false } },
    ]);
  });

  it.each([
    ['at', '1:3: at takes a time'],
    ['at 5 node kill n2', '1:4: at takes a time such as 12.345ms, not "5"'],
    ['at 5ms', '1:7: a command is missing'],
    ['at 5ms node kill n9', '1:18: there is no node "n9"'],
    ['at 5ms expect get a == 1', '1:8: at does one command, not `expect`'],
    ['at 5ms at 6ms get a', '1:8: at does one command, not `at`'],
    ['at 5ms wait 1s', "1:8: `wait` can't be done at a time"],
    ['at 5ms nemesis kills --for 1s', "1:8: `nemesis` can't be done at a time"],
    ['at 5ms cluster down', "1:8: `cluster down` can't be done at a time"],
    ['at 5ms txn\nget a\nend', "1:8: `txn` can't be done at a time"],
    ['repeat 2\nat 5ms get a\nend', '2:1: `at` stands outside of blocks'],
  ])('does not say %j', (text, problem) => {
    expect(problemsIn(text)[0]).toContain(problem);
  });

  it('has nothing done at a time in a shell, where a line is over at once', () => {
    expect(problemsIn('at 5ms get a', { source: 'shell' })).toEqual([
      'shell:1:1: `at` is for scripts',
    ]);
  });

  it.each([
    ['fault drop', '1:11: RATE or --nth is missing'],
    ['fault drop n1 5% --nth 3', '1:15: too many words for `fault drop [LINK] RATE`; with --nth'],
    ['fault delay n1 --nth 3', '1:13: DELAY must be a time'],
  ])('means one message or some: %s', (text, problem) => {
    expect(problemsIn(text)[0]).toContain(problem);
  });

  it('nests blocks', () => {
    const block = only(
      'at once\n client ann at n1,n2 --session s\n  repeat 2\n   put a {n}\n  end\n client ben\n  txn\n   get a\n  end\nend',
    );
    if (block.type !== 'at once') throw new Error('no block');
    expect(block.parts.map(({ client }) => [client.name, client.nodes])).toEqual([
      ['ann', ['n1', 'n2']],
      ['ben', null],
    ]);
    expect(block.parts.map(({ body }) => body.map(({ type }) => type))).toEqual([
      ['repeat'],
      ['command'],
    ]);
  });

  it('counts rounds, each repeat its own', () => {
    const outer = only('repeat 3\n put k{n} v\n repeat 2 put x {n}\nend');
    if (outer.type !== 'repeat') throw new Error('no repeat');
    const [put, inner] = outer.body;
    const filled = put?.type === 'template' ? put.inRound(3) : null;
    expect(filled).toMatchObject({ type: 'command', text: 'put k3 v', line: 2 });
    const template = inner?.type === 'repeat' ? inner.body[0] : null;
    expect(template?.type === 'template' && template.inRound(2).text).toBe('put x 2');
  });
});

describe('what is wrong with a script', () => {
  it.each([
    ['cluster upp', '1:1: there is no command "cluster upp", did you mean "cluster up"?'],
    ['fault', '1:1: there is no command "fault"; there are fault partition'],
    ['pt a 1', '1:1: there is no command "pt", did you mean "put"?'],
    ['status', '1:1: there is no command "status", did you mean "cluster status"?'],
    ['keys', '1:1: there is no command "keys", did you mean "dump"?'],
    ['node stop n1', '1:1: there is no command "node stop", did you mean "node kill"?'],
    ['cluster list', '1:1: `cluster list` is for the command line, not for scripts'],
    ['run a.kvx', '1:1: `run` is for the command line, not for scripts'],
    ['put a', '1:6: VALUE is missing: `put KEY VALUE`'],
    ['put a 1 2', '1:9: too many words for `put KEY VALUE`'],
    ['put "" 1', '1:5: a key may not be empty'],
    ['get a --levl one', '1:7: `get` has no flag --levl, did you mean --level?'],
    ['get --\\n', '1:5: `get` has no flag --\\u000a'],
    ['get a --level', '1:14: --level needs a value'],
    ['get a --level --node n1', '1:14: --level needs a value'],
    ['get a --level quorun', '1:15: there is no level "quorun", did you mean quorum?'],
    ['get a --node n4', '1:14: there is no node "n4", did you mean n1?'],
    ['get a --node n1 --node n2', '1:17: --node stands here twice'],
    ['get a --timeout 5', '1:17: --timeout must be a time'],
    ['get a --session a/b', '1:17: "a/b" can\'t be a session\'s name'],
    ['put a -x', '1:7: `put` has no flag -x'],
    ['fault clock n1 -5', '1:16: OFFSET must be a time such as +500ms, -2s or 0, not "-5"'],
    ['fault disk n1 brocken', '1:15: HOW can\'t be "brocken"'],
    ['node kill n1 m2', '1:14: there is no node "m2", did you mean n2?'],
    ['fault partition n1/n9', '1:17: there is no node n9'],
    [
      'fault break n1 alise\nclient alice',
      '1:16: there is no node or client "alise", did you mean alice?',
    ],
    ['wait 5', '1:6: TIME must be a time'],
    ['repeat x put a 1', '1:8: repeat takes a COUNT'],
    ['repeat 2', '1:1: this block has no `end`'],
    ['put "a', '1:5: this quote is never closed'],
    ['expect get a', '1:13: what is expected of it?'],
    ['expect get a = 1', '1:14: did you mean `==`?'],
    ['expect verify agre', '1:15: did you mean `agree`?'],
    ['expect get a == 1 2', '1:19: only one value can be equal'],
    ['expect get a agree', '1:14: `get` can be `==`'],
    [
      'expect fails refusd put a 1',
      '1:14: "refusd" is no command, and nothing that one fails with, did you mean refused?',
    ],
    ['expect within 5 get a == 1', '1:15: within must be a time'],
    ['txn\n put a\nend', '2:7: expected put KEY VALUE'],
    ['expect txn == 1\n get a\n get b\nend', '1:12: the transaction has 2 gets, not 1'],
    ['client n1', '1:8: n1 is a node'],
    ['client ann on n1', '1:12: expected `client [NAME [at NODE,…]]`'],
    ['client ann at n1,n7', '1:15: there is no node "n7"'],
    ['at once\n put a 1\nend', '2:2: in `at once`, each part begins with `client NAME`'],
    ['at once\n client a\n  at once\n  client b\n  end\nend', '3:1: `at once` within `at once`'],
    ['at once\n client a\n client a\nend', '1:1: client a has two parts here'],
    ['put a 1\ncluster up', '1:1: no cluster is up here: `cluster up` comes first'],
    ['cluster up\ncluster up', '2:1: a cluster is up already'],
    [
      'cluster up -n 3 --mode quorun',
      '1:24: there is no mode "quorun"; the modes are quorum, 2pc, gossip, paxos; did you mean "quorum"?',
    ],
    ['cluster up -n 3 --replicas 9', '1:28: option replicas'],
    ['cluster up --resp seven', '1:19: resp must be a port'],
    ['cluster up -n 2 --resp 65535', '1:24: resp takes ports from 1 to 65535'],
    ['cluster up --resp-host ::1', '1:1: --resp-host says nothing without --resp'],
    ['cluster up --resp --resp-password -', '1:35: --resp-password - reads standard input'],
    ['cluster up --runtime sim', '1:12: `cluster up` has no flag --runtime'],
    ['end', '1:1: `end` without a block'],
  ])('%j', (text, problem) => {
    expect(problemsIn(text)[0]).toContain(problem);
  });

  it('is told all at once', () => {
    const problems = problemsIn('put a\nget b\ntxn --levl x\n put a 1\nend\nwat');
    expect(problems.map((problem) => problem.slice(0, 4))).toEqual(['1:6:', '3:5:', '6:1:']);
  });

  it('knows which nodes there are by then', () => {
    expect(problemsIn('cluster up --mode paxos\nnode add\nnode kill n5\nnode remove n2')).toEqual(
      [],
    );
    expect(problemsIn('cluster up --mode paxos\nnode remove n2\nnode kill n2')[0]).toContain(
      '3:11',
    );
    // How often, nobody knows here: then it is for the run to say.
    expect(problemsIn('repeat 2 node add\nnode kill n5')).toEqual([]);
    expect(problemsIn('expect fails node add n7\nnode kill n7')[0]).toContain('2:11');
  });

  it('is a transaction where the mode has none, before its steps are typed', () => {
    const said = '1:1: mode quorum has no transactions; modes 2pc and paxos have';
    const inQuorum = { spec: specFor('quorum', 3) };
    expect(problemsIn('txn\nput a 1\nend', inQuorum)).toEqual([said]);
    expect(isUnfinished('txn', { ...options, ...inQuorum })).toBe(false);
    expect(problemsIn('expect fails txn\nput a 1\nend', inQuorum)).toEqual([]);
    expect(problemsIn('cluster up -m gossip\ntxn\nput a 1\nend')[0]).toContain('mode gossip has');
    const unknown = { ...inQuorum, isAssumed: true };
    expect(problemsIn('txn\nput a 1\nend', unknown)).toEqual([]);
  });

  it('keeps its column behind the prompt of a terminal it was pasted from', () => {
    expect(parse('$ kvx put a 1\n  kvx get a\n$ get b\nput kvx $').statements).toHaveLength(4);
    expect(problemsIn('$ kvx put a')).toEqual(['1:12: VALUE is missing: `put KEY VALUE`']);
  });

  it('is also to start or stop a cluster that is not its own', () => {
    const attached = { attached: true };
    expect(problemsIn('put a 1', attached)).toEqual([]);
    expect(problemsIn('cluster up', attached)[0]).toContain("can't start it");
    expect(problemsIn('cluster down', attached)[0]).toContain("can't stop it");
  });
});

it('knows when a block goes on', () => {
  const unfinished = (text: string) => isUnfinished(text, options);
  expect(
    ['repeat 2', 'txn\nput a 1', 'at once', 'expect txn ok', 'repeat 2 txn'].map(unfinished),
  ).toEqual([true, true, true, true, true]);
  expect(['put a 1', 'put a', 'repeat 2\nend', 'wat', 'end'].map(unfinished)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});
