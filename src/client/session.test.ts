import { describe, expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { ClientResult, KeyOperation } from '../core/operation.js';
import type { Guarantee, SessionSupport } from '../core/session.js';
import { realTiming } from '../node/timing.js';
import { Client, type ClientOptions } from './client.js';
import { Session, sessionKeysMax } from './session.js';
import { asks } from './testing/asks.js';
import { type Asked, FakeEndpoint } from './testing/fake-endpoint.js';

const key = keyFromText('k');
const value = Buffer.of(1);
const get = { type: 'get', key } as const;
const put = { type: 'put', key, value } as const;
const update = { type: 'update', key, value } as const;

const byClient = { judge: 'client', confirmAt: 'quorum', ordersWrites: false } as const;

const version = (stamp: number) => ({ stamp, node: 'n1' });
const found = (stamp: number): ClientResult => ({ type: 'value', value, version: version(stamp) });
const byNodeZero: ClientResult = { type: 'value', value, version: { stamp: 5, node: 'n0' } };
const tombstone = (stamp: number): ClientResult => {
  return { type: 'value', value: null, version: version(stamp) };
};
const nothing: ClientResult = { type: 'value', value: null, version: null };
const done = (stamp: number): ClientResult => {
  return { type: 'done', version: version(stamp), existed: null };
};
const error = (code: 'behind' | 'timeout', definite: boolean): ClientResult => {
  return { type: 'error', code, definite, message: code };
};

function sessionThat(...events: readonly (readonly [KeyOperation, ClientResult])[]): Session {
  const session = new Session();
  for (const [operation, result] of events) session.saw(operation, result);
  return session;
}

describe('what a session has seen decides what it takes', () => {
  it.each<[string, Session, ClientResult, string]>([
    ['nothing yet: anything', sessionThat(), nothing, 'fits'],
    ['a write: not what was before', sessionThat([put, done(5)]), found(4), 'behind'],
    ['a write: that one', sessionThat([put, done(5)]), found(5), 'fits'],
    ['a write: what came after', sessionThat([put, done(5)]), tombstone(6), 'fits'],
    ['a write: an absence may be older', sessionThat([put, done(5)]), nothing, 'unclear'],
    ['a read: not what was before', sessionThat([get, found(5)]), found(4), 'behind'],
    ['a read of another node: the id decides', sessionThat([get, found(5)]), byNodeZero, 'behind'],
    ['a delete: absence', sessionThat([{ type: 'delete', key }, done(5)]), nothing, 'fits'],
    [
      'a delete: no older value',
      sessionThat([{ type: 'delete', key }, done(5)]),
      found(4),
      'behind',
    ],
    ['a tombstone that was read: absence', sessionThat([get, tombstone(5)]), nothing, 'fits'],
    ['a write in doubt: anything', sessionThat([put, error('timeout', false)]), nothing, 'fits'],
    ['only the newest counts', sessionThat([put, done(5)], [get, found(3)]), found(4), 'behind'],
  ])('%s', (_, session, result, judgement) => {
    expect(session.judge(get, result, byClient)).toBe(judgement);
  });

  it('a refusal shows what is there, as a read does', () => {
    const refused = { type: 'refused', reason: 'exists', actual: value } as const;
    const session = sessionThat([
      { ...update, type: 'insert' },
      { ...refused, version: version(7) },
    ]);
    expect(session.judge(get, found(6), byClient)).toBe('behind');
    expect(session.judge(update, { ...refused, version: version(6) }, byClient)).toBe('behind');
  });

  it('of a key that turned out to be gone, the last value seen is old', () => {
    const session = sessionThat([get, found(5)]);
    expect(session.confirms(get, nothing)).toBe(true);
    expect(session.judge(get, nothing, byClient)).toBe('fits');
    expect(session.judge(get, found(5), byClient)).toBe('behind');
    expect(session.judge(get, found(6), byClient)).toBe('fits');
  });

  it('a compare and set to nothing is a delete', () => {
    const cas = { type: 'cas', key, expected: value } as const;
    expect(sessionThat([{ ...cas, value: null }, done(5)]).judge(get, nothing, byClient)).toBe(
      'fits',
    );
    expect(sessionThat([{ ...cas, value }, done(5)]).judge(get, nothing, byClient)).toBe('unclear');
  });

  it('a transaction counts as a write of what it left behind', () => {
    const other = keyFromText('other');
    const session = new Session();
    session.saw(
      {
        type: 'txn',
        steps: [
          { type: 'put', key, value },
          { type: 'delete', key },
          { ...put, key: other },
        ],
      },
      { type: 'committed', version: version(5), values: [] },
    );
    expect(session.judge(get, nothing, byClient)).toBe('fits');
    expect(session.judge({ type: 'get', key: other }, found(4), byClient)).toBe('behind');
  });
});

describe('the guarantees of a session', () => {
  const afterwards = (...wanted: Guarantee[]) => {
    const session = new Session(wanted);
    session.saw(put, done(5));
    session.saw({ type: 'get', key: keyFromText('read') }, found(9));
    return session;
  };

  it.each<[Guarantee, string, string, number]>([
    ['read-your-writes', 'behind', 'fits', 0],
    ['monotonic-reads', 'fits', 'behind', 0],
    ['monotonic-writes', 'fits', 'fits', 5],
    ['writes-follow-reads', 'fits', 'fits', 9],
  ])('%s alone does what it says', (guarantee, written, read, stamp) => {
    const session = afterwards(guarantee);
    expect(session.judge(get, found(4), byClient)).toBe(written);
    expect(session.judge({ type: 'get', key: keyFromText('read') }, found(8), byClient)).toBe(read);
    const elsewhere = { ...put, key: keyFromText('elsewhere') };
    expect(session.floorOf(elsewhere)?.stamp ?? 0).toBe(stamp);
  });

  it('let a later write of a key be the later one, wherever it is written', () => {
    const session = new Session();
    session.saw(put, done(5));
    expect(session.floorOf(put)).toEqual({ version: null, stamp: 5 });
    expect(session.floorOf({ type: 'delete', key })).toEqual({ version: null, stamp: 5 });
  });

  it('are the first two unless others are asked for', () => {
    expect(new Session().guarantees).toEqual(['read-your-writes', 'monotonic-reads']);
  });

  it('tell a replica of one version for what looks at a key, and of a stamp for what writes', () => {
    const session = afterwards('read-your-writes', 'writes-follow-reads');
    expect(session.floorOf(get)).toEqual({ version: version(5), stamp: 0 });
    expect(session.floorOf(put)).toEqual({ version: null, stamp: 9 });
    expect(session.floorOf(update)).toEqual({ version: version(5), stamp: 9 });
    expect(session.floorOf({ type: 'get', key: keyFromText('unknown') })).toBeNull();
    expect(session.floorOf({ type: 'stabilize' })).toBeNull();
  });
});

describe('a session as a document', () => {
  it('comes back as it was', () => {
    const session = new Session(['monotonic-reads', 'monotonic-writes']);
    const bytes = keyFromText('clé');
    session.saw({ type: 'get', key: bytes }, tombstone(7));
    session.saw({ type: 'get', key: keyFromText('__proto__') }, found(3));
    session.saw(put, done(9));
    const document = JSON.parse(JSON.stringify(session.toDocument()));
    const again = Session.fromDocument(document);
    expect(again.toDocument()).toEqual(session.toDocument());
    expect(again.judge({ type: 'get', key: bytes }, found(6), byClient)).toBe('behind');
    expect(again.floorOf(put)).toEqual({ version: null, stamp: 9 });
  });

  it.each([
    ['null', null],
    ['another format', { formatVersion: 2 }],
    ['no keys', { ...new Session().toDocument(), keys: undefined }],
    ['an unknown guarantee', { ...new Session().toDocument(), guarantees: ['linearizable'] }],
    ['a stamp that is none', { ...new Session().toDocument(), read: -1 }],
    [
      'a key that is no byte string',
      { ...new Session().toDocument(), keys: [['€', 1, 'n1', false]] },
    ],
  ])('is refused with a reason: %s', (_, raw) => {
    expect(() => Session.fromDocument(raw)).toThrow(/its format version is|expected /);
  });

  it('loses nothing when two commands have seen different things', () => {
    const mine = sessionThat([put, done(5)]);
    const theirs = sessionThat([put, done(3)], [{ type: 'get', key: keyFromText('l') }, found(8)]);
    mine.merge(theirs);
    expect(mine.judge(get, found(4), byClient)).toBe('behind');
    expect(mine.judge({ type: 'get', key: keyFromText('l') }, found(7), byClient)).toBe('behind');
    const ordered = new Session(['monotonic-writes', 'writes-follow-reads']);
    ordered.merge(theirs);
    expect(ordered.floorOf(put)?.stamp).toBe(8);
  });
});

describe('a session that is full', () => {
  it('takes no further key, and says so before anything is sent', async () => {
    const session = new Session();
    for (let at = 0; at < sessionKeysMax; at++) {
      session.saw({ type: 'get', key: keyFromText(`k${at}`) }, found(1));
    }
    const endpoint = new FakeEndpoint('n1', () => found(1));
    const client = new Client([endpoint], { timing: realTiming, session });
    expect((await client.execute({ type: 'get', key: keyFromText('k5') })).result).toEqual(
      found(1),
    );
    await expect(asks.get(client, key)).rejects.toMatchObject({
      code: 'bad-request',
      definite: true,
    });
    expect(endpoint.asked).toHaveLength(1);
  });
});

type Behaviour = ConstructorParameters<typeof FakeEndpoint>[1];

function clusterOf(behaviours: readonly Behaviour[], options: Partial<ClientOptions> = {}) {
  const endpoints = behaviours.map((behaviour, at) => new FakeEndpoint(`n${at + 1}`, behaviour));
  const session = new Session();
  const client = new Client(endpoints, {
    ...{ timing: realTiming, session, timeoutMs: 1_000 },
    ...options,
  });
  return { endpoints, session, client };
}

const quorum: SessionSupport = { judge: 'client', confirmAt: 'all', ordersWrites: false };
const gossip: SessionSupport = { judge: 'replica', confirmAt: null, ordersWrites: true };

describe('a client asks the next node when one is behind its session', () => {
  it('judging answers itself where replicas do not', async () => {
    const { client, session } = clusterOf([() => found(4), () => found(6)]);
    session.saw(put, done(5));
    expect(await asks.get(client, key)).toMatchObject({ node: 'n2', version: version(6) });
  });

  it('taking a replica at its word where it judges by the floor', async () => {
    const judging = ({ options }: Asked) => {
      return options.floor?.version?.stamp === 5 ? error('behind', true) : found(4);
    };
    const behaviours = [judging, () => found(1)];
    const { client, session, endpoints } = clusterOf(behaviours, { sessionSupport: gossip });
    session.saw(put, done(5));
    expect(await asks.get(client, key)).toMatchObject({ node: 'n2', version: version(1) });
    expect(endpoints[0]?.asked[0]?.options.floor).toEqual({ version: version(5), stamp: 0 });
  });

  it('and it is a definite answer when all are', async () => {
    const { client, session } = clusterOf([() => found(4), () => found(3)]);
    session.saw(put, done(5));
    await expect(asks.get(client, key)).rejects.toMatchObject({
      code: 'behind',
      definite: true,
      message: 'n1, n2 are behind what this session has seen (ERR_DEP)',
    });
  });

  it('or when all are that can be reached', async () => {
    const { client, session } = clusterOf(['dead', () => found(4), 'dead']);
    session.saw(put, done(5));
    await expect(asks.get(client, key)).rejects.toMatchObject({
      code: 'behind',
      message: 'n2 is behind what this session has seen (ERR_DEP)',
    });
  });

  it('unless one node is asked for', async () => {
    const { client, session, endpoints } = clusterOf([() => found(6), () => found(4)]);
    session.saw(put, done(5));
    await expect(asks.get(client, key, { node: 'n2' })).rejects.toMatchObject({ code: 'behind' });
    expect(endpoints[0]?.asked).toEqual([]);
  });

  it('also when a refusal was judged by an older state', async () => {
    const refused = { type: 'refused', reason: 'exists', actual: value } as const;
    const behaviours = [() => ({ ...refused, version: version(4) }), () => done(6)];
    const { client, session } = clusterOf(behaviours);
    session.saw({ type: 'delete', key }, done(5));
    expect(await asks.insert(client, key, value)).toMatchObject({ type: 'done', node: 'n2' });
  });

  it('and an operation outside the session takes what is there', async () => {
    const { client, session } = clusterOf([() => found(4)]);
    session.saw(put, done(5));
    expect(await asks.get(client, key, { session: null })).toMatchObject({ version: version(4) });
  });
});

describe('an absence that does not say how old it is', () => {
  /** Answers `usual`, and to the read that is to confirm it `atAll`. */
  const replica =
    (usual: ClientResult, atAll: ClientResult) =>
    ({ options }: Asked) =>
      options.level === 'all' ? atAll : usual;

  it('is behind when the value is still there', async () => {
    const behaviour = replica(nothing, found(5));
    const { client, session } = clusterOf([behaviour], { sessionSupport: quorum });
    session.saw(put, done(5));
    await expect(asks.get(client, key)).rejects.toMatchObject({ code: 'behind' });
  });

  it('is behind when nobody can tell', async () => {
    const behaviour = replica(nothing, error('timeout', false));
    const { client, session } = clusterOf([behaviour], { sessionSupport: quorum });
    session.saw(put, done(5));
    await expect(asks.get(client, key)).rejects.toMatchObject({ code: 'behind' });
  });

  it('is true when nothing is there any more, and remembered', async () => {
    const behaviour = replica(nothing, nothing);
    const { client, session, endpoints } = clusterOf([behaviour], { sessionSupport: quorum });
    session.saw(put, done(5));
    expect(await asks.get(client, key)).toMatchObject({ value: null });
    expect(await asks.get(client, key)).toMatchObject({ value: null });
    expect(endpoints[0]?.asked.map(({ options }) => options.level)).toEqual([null, 'all', null]);
  });

  it('is true where reads are never stale', async () => {
    const { client, session } = clusterOf([() => nothing]);
    session.saw(put, done(5));
    expect(await asks.get(client, key)).toMatchObject({ value: null });
  });
});

describe('what a client remembers', () => {
  it('is what it wrote and read, and nothing of a write in doubt', async () => {
    const answers = [done(5), error('timeout', false), found(7)];
    const { client, session } = clusterOf([() => answers.shift() ?? nothing]);
    await asks.put(client, key, value);
    expect(session.judge(get, found(4), byClient)).toBe('behind');
    await client.execute(put);
    expect(session.judge(get, found(5), byClient)).toBe('fits');
    await asks.get(client, key);
    expect(session.judge(get, found(6), byClient)).toBe('behind');
  });

  it('orders later writes, where the mode can', async () => {
    const session = new Session(['monotonic-writes']);
    const behaviours = [() => done(9)];
    const ordered = clusterOf(behaviours, { session, sessionSupport: gossip });
    await asks.put(ordered.client, key, value);
    await asks.put(ordered.client, key, value);
    const floors = ordered.endpoints[0]?.asked.map(({ options }) => options.floor ?? null);
    expect(floors).toEqual([null, { version: null, stamp: 9 }]);
    const unordered = clusterOf(behaviours, { session, sessionSupport: quorum });
    await expect(asks.put(unordered.client, key, value)).rejects.toMatchObject({
      code: 'bad-request',
      definite: true,
      message: expect.stringContaining('no session has monotonic-writes here'),
    });
  });
});
