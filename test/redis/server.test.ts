/** What nodes tell Redis clients about themselves, their clients and their keys. */
import { describe, expect, it } from 'vitest';
import type { RespNode } from '../../src/resp/command.js';
import { RespConversation } from '../../src/resp/conversation.js';
import type { Said } from './cases/redis-case.js';
import { RespSimulation, type SimRespClient } from './sim-cluster.js';

const five = ['n1', 'n2', 'n3', 'n4', 'n5'];

const ask = (client: SimRespClient, line: string): Promise<Said> => client.ask(line.split(' '));

/** A client whose replies are kept as they are. */
function rawClient(node: RespNode) {
  let text = '';
  const conversation = new RespConversation(99, node, {
    ...{ address: '127.0.0.1:99', localAddress: '127.0.0.1:0' },
    ...{ bytesWaiting: 0, onUnread: () => {}, close: () => {} },
    onReplies: () =>
      conversation.flush((bytes) => {
        text += String.fromCharCode(...bytes);
      }),
  });
  const say = (line: string): string => {
    text = '';
    conversation.take(line.split(' ').map((word) => Buffer.from(word, 'latin1')));
    return text;
  };
  return { conversation, say };
}

async function keysOf(client: SimRespClient, options = ''): Promise<string[]> {
  const found = new Set<string>();
  for (let cursor = '0'; ; ) {
    const [next, keys] = (await ask(client, `scan ${cursor}${options}`)) as [string, string[]];
    for (const key of keys) found.add(key);
    if (next === '0') return [...found].sort();
    cursor = next;
  }
}

describe('keys', () => {
  const names = Array.from({ length: 60 }, (_, nth) => `k${nth}`).sort();

  it.each([
    ['2pc', ['n1', 'n2', 'n3']],
    ['paxos', ['n1', 'n2', 'n3']],
    ['gossip', ['n1', 'n2', 'n3']],
    ['quorum', five],
  ])('%s: every node knows all, though it holds a share of them or none', async (mode, nodes) => {
    const simulation = new RespSimulation(mode, 3, nodes);
    const writer = await simulation.connect('n1');
    for (const name of [...names, 'gone']) await ask(writer, `set ${name} x`);
    await ask(writer, 'del gone');
    await simulation.time.timing.sleep(5_000);
    for (const node of nodes) {
      const client = await simulation.connect(node);
      expect(await keysOf(client)).toEqual(names);
      expect(await keysOf(client, ' count 7 match k?')).toEqual(names.filter((n) => n.length < 3));
      expect([...((await ask(client, 'keys *')) as string[])].sort()).toEqual(names);
      expect(await ask(client, 'dbsize')).toBe(names.length);
      expect(names).toContain(await ask(client, 'randomkey'));
    }
  });

  it('are not told of by quorum while too many nodes are away', async () => {
    const simulation = new RespSimulation('quorum', 3, five);
    const client = await simulation.connect('n1');
    await ask(client, 'set k x');
    simulation.cluster.host('n2').crash('kill');
    expect(await ask(client, 'dbsize')).toBe(1);
    simulation.cluster.host('n3').crash('kill');
    expect(await ask(client, 'dbsize')).toMatch(/^-UNAVAIL 3 of 5 nodes tell of their keys, and 4/);
  });
});

describe('a client', () => {
  it('gets no replies while it wants none', async () => {
    const { conversation } = await new RespSimulation('paxos', 1).connect();
    const { say } = rawClient(conversation.node);
    expect(['client reply off', 'ping', 'client reply on', 'ping'].map(say)).toEqual([
      ...['', '', '+OK\r\n', '+PONG\r\n'],
    ]);
    expect(['client reply skip', 'ping', 'ping'].map(say)).toEqual(['', '', '+PONG\r\n']);
    expect(['client reply skip', 'client reply on'].map(say)).toEqual(['', '+OK\r\n']);
  });

  it('closes others, and itself when it says so', async () => {
    const simulation = new RespSimulation('paxos', 1);
    const connect = () => simulation.connect('n2');
    const [one, two, three] = [await connect(), await connect(), await connect()];
    expect(await ask(one, `client kill id ${two.conversation.id}`)).toBe(1);
    expect([one, two, three].map(({ isClosed }) => isClosed)).toEqual([false, true, false]);
    expect(await ask(one, 'client kill type normal')).toBe(1);
    expect(await ask(one, 'client kill 127.0.0.1:77')).toBe('-ERR No such client');
    expect(await ask(one, 'client kill skipme no')).toBe(1);
    expect([one, three].map(({ isClosed }) => isClosed)).toEqual([true, true]);
    const four = await connect();
    const list = (await ask(four, 'client list')) as string;
    expect(list.split('\n').filter((line) => line !== '').length).toBe(1);
  });

  it('must give the password, in one way or the other', async () => {
    const simulation = new RespSimulation('paxos', 1, undefined, 'foobar');
    const client = await simulation.connect();
    expect(await ask(client, 'set foo bar')).toBe('-NOAUTH Authentication required.');
    expect(await ask(client, 'client reply off')).toBe('-NOAUTH Authentication required.');
    expect(await ask(client, 'hello 2')).toMatch(/^-NOAUTH HELLO must be called/);
    const wrong = '-WRONGPASS invalid username-password pair or user is disabled.';
    for (const word of ['wrong!', 'foobaz', 'foobarfoobar', 'f']) {
      expect(await ask(client, `auth ${word}`)).toBe(wrong);
    }
    expect(await ask(client, 'auth other foobar')).toBe(wrong);
    expect(await ask(client, 'hello 2 auth default foobaz')).toBe(wrong);
    expect(await ask(client, 'auth foobar')).toBe('+OK');
    expect(await ask(client, 'set foo 100')).toBe('+OK');
    expect(await ask(client, 'incr foo')).toBe(101);
    expect(await ask(client, 'reset')).toBe('+RESET');
    expect(await ask(client, 'get foo')).toBe('-NOAUTH Authentication required.');
    expect(await ask(client, 'hello 2 auth default foobar setname ann')).toContain('proto');
    expect(await ask(client, 'client getname')).toBe('ann');
  });

  it('is spoken to in the version that it chooses', async () => {
    const { conversation } = await new RespSimulation('gossip', 1).connect();
    const { say } = rawClient(conversation.node);
    expect(say('hello 4')).toBe('-NOPROTO unsupported protocol version\r\n');
    expect(say('hello 3 foo')).toBe("-ERR Syntax error in HELLO option 'foo'\r\n");
    expect(say('config get databases')).toMatch(/^\*2\r\n/);
    expect(say('hello 3')).toMatch(/^%8\r\n\$6\r\nserver\r\n\$5\r\nredis\r\n/);
    expect(say('config get databases')).toMatch(/^%1\r\n/);
    expect(say('info server')).toMatch(/^=\d+\r\ntxt:# Server\r\nredis_version:7\.0\.15\r\n/);
    expect(say('reset')).toBe('+RESET\r\n');
    expect(say('client getname')).toBe('$-1\r\n');
  });
});

it.each([
  ['2pc', 'n1', 2],
  ['2pc', 'n2', 1],
  ['paxos', 'n1', 1],
  ['quorum', 'n1', 1],
  ['gossip', 'n1', 0],
])('WAIT at mode %s, node %s: %i others have what was acknowledged', async (mode, node, copies) => {
  const client = await new RespSimulation(mode, 1).connect(node);
  await ask(client, 'set k v');
  expect(await ask(client, 'wait 2 100')).toBe(copies);
});

it('WAIT goes by the lowest level that there was', async () => {
  const client = await new RespSimulation('quorum', 1).connect();
  expect(await ask(client, 'kvx.level all')).toBe('+OK');
  expect(await ask(client, 'wait 1 0')).toBe(1);
  expect(await ask(client, 'kvx.level one')).toBe('+OK');
  expect(await ask(client, 'kvx.level all')).toBe('+OK');
  expect(await ask(client, 'wait 1 0')).toBe(0);
});

describe('a node', () => {
  it('tells of itself in the sections that are asked for', async () => {
    const client = await new RespSimulation('2pc', 1).connect('n2');
    await ask(client, 'set k v');
    const all = (await ask(client, 'info')) as string;
    const titles = [...all.matchAll(/^# (\w+)/gm)].map(([, title]) => title);
    expect(titles).toEqual([
      ...['Server', 'Clients', 'Memory', 'Persistence', 'Stats', 'Replication', 'CPU'],
      ...['Modules', 'Cluster', 'Keyspace', 'Kvx'],
    ]);
    expect(await ask(client, 'info keyspace cluster')).toBe(
      '# Cluster\r\ncluster_enabled:0\r\n\r\n# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n',
    );
    expect(all).toMatch(/\r\nconnected_clients:1\r\n/);
    expect(all).toMatch(/\r\nnode:n2\r\nnodes:n1,n2,n3\r\nmode:2pc\r\nrole:worker\r\n/);
    expect(all).toMatch(/\r\njournal_lag:1\r\n/);
    expect(await ask(client, 'info nothing')).toBe('');
  });

  it('says what it is set to, and takes no other settings', async () => {
    const client = await new RespSimulation('paxos', 1).connect();
    expect(await ask(client, 'config get save APPEND*')).toEqual([
      ...['save', '', 'appendonly', 'yes', 'appendfsync', 'always'],
    ]);
    expect(await ask(client, 'config set maxmemory 1')).toMatch(/^-ERR CONFIG SET failed/);
    expect(await ask(client, 'cluster nodes')).toBe(
      '-ERR This instance has cluster support disabled',
    );
    expect(await ask(client, 'client tracking on')).toMatch(/^-ERR kvx has no client side caching/);
    expect(await ask(client, 'client setinfo lib-name redis.py')).toBe('+OK');
    expect(await ask(client, 'client info')).toMatch(/ lib-name=redis\.py lib-ver= level=default /);
    expect(await ask(client, 'client setinfo badger hamster')).toMatch(/^-ERR Unrecognized option/);
  });
});

describe('KVX', () => {
  it('says and takes levels and sessions', async () => {
    const client = await new RespSimulation('quorum', 1).connect();
    expect(await ask(client, 'kvx.level')).toBe('default');
    expect(await ask(client, 'kvx.level leader')).toBe(
      '-ERR mode quorum has no level "leader"; it has one, two, quorum, all, linearizable and the numbers 1 to 3',
    );
    expect(await ask(client, 'kvx.level 2')).toBe('+OK');
    expect(await ask(client, 'kvx.level')).toBe('2');
    expect(await ask(client, 'kvx.session on guarantees mr')).toBe('+OK');
    expect(await ask(client, 'kvx.session')).toEqual([
      ...['session', 'on', 'guarantees', ['monotonic-reads']],
    ]);
    expect(await ask(client, 'kvx.session on guarantees all')).toMatch(/^-ERR no session has mono/);
    expect(await ask(client, 'kvx.session off')).toBe('+OK');
    expect(client.conversation.session).toBe(null);
  });

  it('shows what each node holds', async () => {
    const simulation = new RespSimulation('gossip', 1);
    const client = await simulation.connect();
    await ask(client, 'set k v');
    await simulation.time.timing.sleep(3_000);
    simulation.cluster.host('n3').crash('kill');
    const found = (await ask(client, 'kvx.search k')) as Said[][];
    expect(found.map((each) => [each[1], each[3], each[5]])).toEqual([
      ['n1', 'present', 'v'],
      ['n2', 'present', 'v'],
      ['n3', 'no answer', null],
    ]);
  });
});
