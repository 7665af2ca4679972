/** What is refused, what is not known, and that nothing is changed then. */
import { beforeAll, describe, expect, it } from 'vitest';
import { keyBytesMax, valueBytesMax } from '../../src/core/limits.js';
import { between, noRules } from '../../src/faults/link-rules.js';
import { respLimits } from '../../src/resp/limits.js';
import { RespSimulation, type SimRespClient } from './sim-cluster.js';

const large = 'v'.repeat(valueBytesMax);
const tooLarge = `-ERR the value is ${valueBytesMax + 1} bytes, at most ${valueBytesMax}`;
const longKey = 'k'.repeat(keyBytesMax + 1);

const start = async (mode: string, seed = 1) => {
  const simulation = new RespSimulation(mode, seed);
  const client = await simulation.connect('n2');
  const ask = (sent: string) => client.ask(sent.split(' '));
  return { simulation, client, ask };
};

describe.each(['paxos', '2pc', 'quorum', 'gossip'])('mode %s', (mode) => {
  let client: SimRespClient;
  let ask: (sent: string) => ReturnType<SimRespClient['ask']>;
  beforeAll(async () => {
    ({ client, ask } = await start(mode));
  });

  it('refuses keys and values that are too long, and no others', async () => {
    expect(await ask(`SET k ${large}v`)).toBe(tooLarge);
    expect(await ask(`SET ${longKey} v`)).toBe('-ERR the key is 1025 bytes, at most 1024');
    expect(await client.ask(['GET', ''])).toBe('-ERR a key may not be empty');
    expect(await ask(`MGET k ${longKey}`)).toBe('-ERR the key is 1025 bytes, at most 1024');
    expect(await ask('EXISTS k')).toBe(0);
    expect(await ask(`SET ${longKey.slice(1)} ${large}`)).toBe('+OK');
    expect(await ask(`STRLEN ${longKey.slice(1)}`)).toBe(valueBytesMax);
  });

  it('reads no more at a time than a transaction does', async () => {
    for (const key of ['x', 'y', 'z']) expect(await ask(`SET ${key} ${large}`)).toBe('+OK');
    expect(await ask('MGET x y')).toEqual([large, large]);
    expect(await ask('MGET x y z')).toMatch(
      /^-ERR .* at most 2097152 bytes|^-ERR at most 4096 keys/,
    );
    const many = Array.from({ length: 4097 }, (_, at) => `${at}`);
    expect(await client.ask(['EXISTS', ...many])).toMatch(/^-ERR .*at most 4096/);
    expect(await client.ask(['EXISTS', ...many.slice(1), 'x'])).toMatch(/^-ERR .*at most 4096/);
    expect(await client.ask(['EXISTS', ...many.slice(2), 'x'])).toBe(1);
  });

  it('counts what is deleted', async () => {
    await ask('SET gone 1');
    expect([await ask('DEL gone'), await ask('UNLINK gone'), await ask('DEL never')]).toEqual([
      1, 0, 0,
    ]);
    expect([await ask('EXISTS gone gone'), await ask('GET gone')]).toEqual([0, null]);
  });

  it('refuses that keys expire', async () => {
    expect(await ask('SET k v EX 10')).toBe('-ERR no EX: keys of kvx stay until they are deleted');
    expect(await ask('SET k v KEEPTTL')).toBe(
      '-ERR no KEEPTTL: keys of kvx stay until they are deleted',
    );
    for (const [option, why] of [
      ['EX 0', "invalid expire time in 'set' command"],
      ['PX x', 'value is not an integer or out of range'],
      ['EXAT 9223372036854775807', "invalid expire time in 'set' command"],
      ['PX', 'syntax error'],
      ['EX 1 PX 1', 'syntax error'],
      ['NX XX', 'syntax error'],
    ]) {
      expect(await ask(`SET k v ${option}`)).toBe(`-ERR ${why}`);
    }
    expect(await ask('GET k')).toBe(null);
  });
});

describe.each(['quorum', 'gossip'])('mode %s', (mode) => {
  it('refuses what it can not do at one moment, before it sends anything', async () => {
    const { simulation, ask } = await start(mode);
    const mayNot = `is not atomic in mode ${mode}; it is in 2pc and paxos`;
    expect(await ask('INCR n')).toBe(`-ERR INCR ${mayNot}`);
    expect(await ask('SET k v NX')).toBe(`-ERR SET with NX, XX or GET ${mayNot}`);
    expect(await ask('MSET a 1 b 2')).toBe(`-ERR MSET of several keys ${mayNot}`);
    expect(await ask('DEL a b')).toBe(`-ERR DEL of several keys ${mayNot}`);
    const has = `mode ${mode} has no transactions; modes 2pc and paxos have`;
    expect(await ask('MULTI')).toBe(`-ERR MULTI: ${has}`);
    expect(await ask('WATCH a')).toBe(`-ERR WATCH: ${has}`);
    expect(await ask('EXEC')).toBe('-ERR EXEC without MULTI');
    // Nobody was asked: it took no time at all.
    const { now } = simulation.world;
    await ask('APPEND k v');
    expect(simulation.world.now).toBe(now);
  });
});

describe.each(['paxos', '2pc'])('mode %s', (mode) => {
  it('changes nothing when an APPEND would be too long', async () => {
    const { ask } = await start(mode);
    expect(await ask(`SET k ${large}`)).toBe('+OK');
    expect(await ask('APPEND k v')).toBe(tooLarge);
    expect(await ask('STRLEN k')).toBe(valueBytesMax);
    await ask('MULTI');
    await ask('APPEND k v');
    await ask('SET other v');
    expect(await ask('EXEC')).toEqual([tooLarge, '+OK']);
  });

  it('queues no more than it may, and then does nothing of it', async () => {
    const { client, ask } = await start(mode);
    await ask('MULTI');
    const asked = Array.from({ length: respLimits.queuedMax + 1 }, () =>
      client.ask(['SET', 'k', 'v']),
    );
    const said = await Promise.all(asked);
    expect(said.at(-2)).toBe('+QUEUED');
    expect(said.at(-1)).toMatch(/^-ERR at most 4096 commands/);
    expect(await ask('EXEC')).toBe('-EXECABORT Transaction discarded because of previous errors.');
    await ask('MULTI');
    for (let at = 0; at < 2; at++) await ask(`SET ${at} ${large.slice(1)}`);
    expect(await ask(`SET 2 ${large.slice(1)}`)).toMatch(/^-ERR at most 4096 commands/);
    await ask('DISCARD');
    expect(await ask('EXISTS k 0 1 2')).toBe(0);
  });

  it('watches no more than EXEC can read', async () => {
    const { ask } = await start(mode);
    for (const key of ['x', 'y', 'z']) await ask(`SET ${key} ${large}`);
    expect([await ask('WATCH x y'), await ask('WATCH y x')]).toEqual(['+OK', '+OK']);
    expect(await ask('WATCH z')).toMatch(/^-ERR at most 4096 keys and 2097152 bytes/);
    await ask('MULTI');
    expect(await ask('EXEC')).toEqual([]);
  });

  it('says of what nobody answers whether it may have happened', async () => {
    const { simulation, client, ask } = await start(mode, 3);
    await ask('SET n 1');
    simulation.cluster.setRules({ ...noRules, cuts: between(['n2'], ['n1', 'n2', 'n3']) });
    const asked = ['GET n', 'MGET n k', 'SET n 2'].map((sent) => client.ask(sent.split(' ')));
    const [get, mget, set] = await Promise.all(asked);
    expect([get, mget]).toEqual([
      expect.stringMatching(/^-UNAVAIL /),
      expect.stringMatching(/^-UNAVAIL /),
    ]);
    expect(set).toMatch(/^-UN(?:KNOWN|AVAIL) /);
  });
});
