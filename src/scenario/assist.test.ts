import { describe, expect, it } from 'vitest';
import { completionsAt, problemsOf, tokensOf } from './assist.js';

/** What is offered where `|` stands. */
function offered(marked: string): string[] {
  const offset = marked.indexOf('|');
  const { from, options } = completionsAt(marked.replace('|', ''), offset);
  expect(marked.slice(from, offset)).not.toMatch(/\s/);
  return options.map(({ label }) => label);
}

describe('completion in a script', () => {
  it.each([
    ['nodes of its cluster', 'cluster up -n 3\nnode kill |', ['n1', 'n2', 'n3']],
    ['nodes of a cluster started further down', 'node kill |\ncluster up -n 2', ['n1', 'n2']],
    [
      'a node that was added',
      'cluster up --mode gossip -n 1\nnode add\nput a 1 --node |',
      ['n1', 'n2'],
    ],
    ['no flag twice', 'get a --level one --lev|', []],
    ['levels of its mode', 'cluster up --mode gossip -n 3\nget a --level |', ['local']],
    [
      'types of messages',
      'cluster up --mode paxos\nfault drop 5% --type acce|',
      ['accept', 'accepted'],
    ],
    ['modes', 'cluster up --mode pa|', ['paxos']],
    ['settings of the mode', 'cluster up --mode 2pc -o vote|', ['voteTimeoutMs=']],
    ['clients, also those further down', 'fault break a|\nclient ann at n1', ['ann']],
    ['keys that it names', 'put apple 1\nget ap|', ['apple']],
    ['ends of a link', 'cluster up -n 2\nfault cut n1>|', ['n1>n2']],
    ['words of faults', 'fault dup|', ['duplicate']],
    ['what may be expected', 'expect verify ag|', ['agree']],
    ['what fails', 'expect fails una|', ['unavailable']],
    ['models', 'expect history lineari|', ['linearizable']],
    ['steps of a transaction', 'txn\n  |', ['put', 'get', 'delete', 'check', 'end']],
    ['commands after its end', 'txn\n get a\nend\nstab|', ['stabilize']],
    ['bugs', '# kvx run --bug quorum-no-o|', ['quorum-no-overlap']],
    ['what may be done at a time', 'at 5ms nod|', ['node']],
    ['no more than that', 'at 5ms wa|', []],
    ['what it is tried with', 'at 5ms tr|', ['try']],
    ['a block or a time', 'at |', ['once']],
    ['what begins so first', 'fault de|', ['delay', 'delays']],
    ['what has it within, else', 'fault ord|', ['reorder']],
    ['one message alone', 'fault drop "n1>n2" --nt|', ['--nth']],
    ['nothing in a comment', 'put a 1 # pu|', []],
    ['nothing where a value stands', 'put a |', []],
  ])('offers %s', (_, marked, expected) => {
    expect(offered(marked)).toEqual(expected);
  });

  it('explains what it offers', () => {
    const { options } = completionsAt('put', 2);
    expect(options[0]).toEqual({
      ...{ label: 'put', kind: 'command' },
      detail: expect.stringMatching(/^put KEY VALUE: /),
    });
  });
});

describe('problems of a script', () => {
  it('are all of them, each at its words', () => {
    expect(problemsOf('put a 1\n  ptu a 1\nnode kill n9 # none')).toEqual([
      { line: 2, column: 3, endColumn: 6, message: expect.stringContaining('did you mean') },
      { line: 3, column: 11, endColumn: 13, message: expect.stringContaining('no node "n9"') },
    ]);
  });

  it('are none where there are none', () => {
    expect(problemsOf('cluster up --mode gossip -n 3\nput a 1\nexpect get a == 1')).toEqual([]);
  });
});

describe('the words of a line', () => {
  it.each([
    ['put a 1 # first', 'command word number comment'],
    ['fault delay "n1>n3" 20ms', 'command command string number'],
    ['fault cut n1>n3 --type accept', 'command command node flag word'],
    ['expect within 5s get ok == "x y', 'keyword keyword number command keyword keyword string'],
    ['expect fails timeout put timeout 1', 'keyword keyword keyword command word number'],
    ['put ok absent', 'command word word'],
    ['repeat 3 put a {n}', 'keyword number command word word'],
    ['client ann at n1,n2', 'keyword word keyword node'],
    ['at once', 'keyword keyword'],
    ['nonsense put', 'word word'],
  ])('of %j', (line, kinds) => {
    const tokens = tokensOf(line);
    expect(tokens.map(({ kind }) => kind).join(' ')).toBe(kinds);
    expect(tokens.map(({ from, to }) => line.slice(from, to)).join(' ')).toBe(line);
  });
});
