import { afterEach, describe, expect, it } from 'vitest';
import { readPlainConfigFile } from '../config/file.js';
import { resolveSpec } from '../config/resolve.js';
import { display } from '../scenario/testing/run-script.js';
import { SimTarget } from '../targets/sim.js';
import { candidatesOf } from './complete-line.js';
import { KvxLanguage } from './kvx-language.js';

const never = new AbortController().signal;
const open: KvxLanguage[] = [];
afterEach(() => {
  for (const language of open.splice(0)) language.close();
});

function begin(columns = 80) {
  const target = new SimTarget({ afterPromises: setImmediate, seed: 1 });
  let out = '';
  const errors: string[] = [];
  const language = new KvxLanguage({
    target,
    attached: false,
    spec: resolveSpec([]),
    streams: {
      out: (data) => {
        out += Buffer.from(data as Uint8Array).toString();
      },
      err: (line) => errors.push(line),
    },
    display: { ...display, width: () => columns },
    ...{ host: null, readConfig: readPlainConfigFile },
  });
  open.push(language);
  const say = async (...lines: string[]) => {
    out = '';
    errors.length = 0;
    for (const line of lines) await language.run(line, never);
    return out;
  };
  return { target, language, say, errors };
}

const up = 'cluster up --mode 2pc -n 3';

describe('the kvx language in the shell', () => {
  it('says where commands go to', async () => {
    const { language, say } = begin();
    expect(language.place()).toBe('kvx');
    await say(up);
    expect(language.place()).toBe('kvx 2pc');
    await say('client alice');
    expect(language.place()).toBe('kvx 2pc alice');
    await say('client', 'cluster down');
    expect(language.place()).toBe('kvx');
  });

  it('remembers what came before: one long script in pieces', async () => {
    const { say, errors } = begin();
    await say(up);
    expect(await say('put a 1', 'get a')).toBe('OK\n1\n');
    expect(await say('expect get a == 1', 'expect verify agree')).toBe('');
    expect(errors).toEqual([]);
  });

  it('says in words that nothing is there', async () => {
    const { say, errors } = begin();
    await say(up, 'get a', 'dump', 'put a ""', 'get a');
    expect(errors).toEqual(['(absent)', '(empty)']);
  });

  it('waits for the end of a block', async () => {
    const { language, say, errors } = begin();
    await say(up);
    expect(await say('repeat 2', 'put k{n} v')).toBe('');
    expect(language.isOpen).toBe(true);
    expect(await say('end')).toBe('OK\nOK\n');
    expect(language.isOpen).toBe(false);
    await say('txn', 'put x 1');
    language.drop();
    expect(language.isOpen).toBe(false);
    expect(await say('get k2')).toBe('v\n');
    expect(errors).toEqual([]);
  });

  it('goes on after whatever goes wrong, and points at it', async () => {
    const { say, errors } = begin();
    await say('get a');
    expect(errors[0]).toBe('no cluster is up');
    await say(up, 'put a');
    expect(errors).toEqual([
      `${' '.repeat('kvx 2pc> put a'.length)}^ VALUE is missing: \`put KEY VALUE\``,
    ]);
    await say('expect get a == 1');
    expect(errors[0]).toContain('expect get a == 1');
    await say('put a 1 --node n9');
    expect(errors[0]).toContain('n9');
    expect(await say('put a 1')).toBe('OK\n');
  });

  it('says the column where there is no room to point', async () => {
    const { say, errors } = begin(40);
    await say(up, 'put a');
    expect(errors).toEqual(['column 6: VALUE is missing: `put KEY VALUE`']);
  });

  it('stops waiting for a command when told to, and the client that spoke speaks on', async () => {
    const { language, say } = begin();
    await say(up, 'client alice');
    const stop = new AbortController();
    const waiting = language.run('wait 10m', stop.signal);
    stop.abort();
    await waiting;
    expect(language.place()).toBe('kvx 2pc alice');
    expect(await say('put a 1')).toBe('alice: OK\n');
  });

  it('completes with the nodes and keys that there are', async () => {
    const { language, say } = begin();
    await say(up, 'put apple 1', 'put apricot 2', 'put banana 3', 'delete banana');
    const after = async (line: string) => candidatesOf(await language.complete(line))[0];
    expect(await after('get a')).toEqual(['apple', 'apricot']);
    expect(await after('node kill ')).toEqual(['n1', 'n2', 'n3']);
    await say('put avocado 4');
    expect(await after('get a')).toContain('avocado');
    expect(await after('get ban')).toEqual([]);
  });

  it('helps, with everything or with one command', async () => {
    const { say } = begin();
    const all = await say('help');
    expect(all).toMatch(/^ {2}put KEY VALUE +give a key a value$/m);
    expect(all).not.toContain('DELETE');
    expect(await say('help put')).toContain('--level LEVEL');
    expect(await say('help fault')).toContain('fault heal');
    expect(await say('help fualt heal')).toContain('did you mean fault heal?');
    const narrow = await begin(50).say('help');
    expect(Math.max(...narrow.split('\n').map((line) => line.length))).toBeLessThanOrEqual(50);
  });
});

describe('the words of the 2pc and Paxos clients', () => {
  it.each(['2pc', 'paxos'])('work in mode %s', async (mode) => {
    const { say, errors } = begin();
    await say(`cluster up --mode ${mode} -n 3`);
    expect(await say('set a 1', 'GET a', 'PUT b 2', 'DELETE a', 'db')).toBe('OK\n1\nOK\nOK\nb 2\n');
    expect(await say('rapidset 20')).toBe('OK: 20 sets of 1234, the last one was read back\n');
    expect(await say('multiset 30')).toBe('OK: 30 keys set, all replicas agree on 32\n');
    expect(errors).toEqual([]);
    await say('rapidset 0', 'multiset many');
    expect(errors).toEqual([expect.stringContaining('COUNT'), expect.stringContaining('COUNT')]);
  });

  it('say no when replicas can not agree', async () => {
    const { say } = begin();
    await say('cluster up --mode quorum -n 3 --replicas 3', 'fault isolate n3');
    expect(await say('multiset 5')).toMatch(/^failed: 5 keys set, 5 differ/);
    await say('fault heal', 'node kill n3');
    expect(await say('multiset 5')).toBe('failed: 5 keys set, not compared: n3\n');
  });
});
