import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KvxError } from '../../core/errors.js';
import { keyFromBytes, keyFromText } from '../../core/key.js';
import type { ClientResult, Operation } from '../../core/operation.js';
import { FileSink } from '../files/file-sink.js';
import { openRecorder } from '../files/open-recorder.js';
import { readHistory } from '../files/read-file.js';
import { parseHistory } from '../read.js';
import { MemorySink } from '../testing/memory-sink.js';
import { rowsOf } from '../testing/rows.js';
import { JsonLines, type LineSink } from './json-lines.js';
import { MemoryHistory } from './memory-history.js';
import { Recorder } from './recorder.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const key = keyFromText('k');
const version = { stamp: 7, node: 'n2' };
const put: Operation = { type: 'put', key, value: bytes('v') };
const get: Operation = { type: 'get', key };
const done: ClientResult = { type: 'done', version, existed: null };
const failed = (definite: boolean): ClientResult => ({
  ...{ type: 'error', code: 'timeout', definite, message: 'no answer' },
});

/** A recorder whose clock goes on by a millisecond each time it is asked. */
function recording() {
  const sink = new MemorySink();
  let ms = 100;
  const recorder = new Recorder({ sink: new JsonLines(sink), now: () => ms++ });
  const rows = async () => {
    recorder.close();
    return rowsOf(await readHistory([Buffer.from(sink.text)]));
  };
  const lines = () => {
    recorder.close();
    return sink.text.trimEnd().split('\n');
  };
  return { recorder, sink, rows, lines };
}

describe('a recorder', () => {
  it('writes an invocation and what came of it', () => {
    const { recorder, lines } = recording();
    const call = recorder.client().invoke(put);
    call?.end(done, 'n1');
    expect(lines()).toEqual([
      '{"process":0,"type":"invoke","f":"put","key":"k","value":"v","time":1000000}',
      '{"process":0,"type":"ok","f":"put","key":"k","value":"v","time":2000000,"node":"n1","version":{"stamp":7,"node":"n2"}}',
    ]);
  });

  it.each<[string, Operation, ClientResult, object]>([
    [
      'a get',
      get,
      { type: 'value', value: bytes('v'), version },
      { outcome: 'ok', seen: 'v', version: '7@n2' },
    ],
    [
      'a get of nothing',
      get,
      { type: 'value', value: null, version: null },
      { outcome: 'ok', seen: null },
    ],
    ['a delete', { type: 'delete', key }, done, { outcome: 'ok', written: null }],
    [
      'a cas',
      { type: 'cas', key, expected: null, value: bytes('b') },
      done,
      { expected: null, written: 'b' },
    ],
    [
      'a cas that deletes',
      { type: 'cas', key, expected: bytes('a'), value: null },
      done,
      { expected: 'a', written: null },
    ],
    [
      'a cas that was refused',
      { type: 'cas', key, expected: bytes('a'), value: bytes('b') },
      { type: 'refused', reason: 'different', actual: bytes('c'), version },
      { outcome: 'fail', seen: 'c', version: '7@n2' },
    ],
    [
      'an update of what is absent',
      { type: 'update', key, value: bytes('b') },
      { type: 'refused', reason: 'absent', actual: null, version: null },
      { outcome: 'fail', seen: null },
    ],
    ['a definite error', put, failed(true), { outcome: 'fail', seen: undefined }],
    [
      'an error that is not',
      put,
      failed(false),
      { outcome: 'info', returnedAt: Number.POSITIVE_INFINITY },
    ],
    ['quotes and newlines', { ...put, value: bytes('"\n\\') }, done, { written: '"\n\\' }],
    ['letters of the world', { ...put, value: bytes('ключ 🔑') }, done, { written: 'ключ 🔑' }],
    ['any bytes', { ...put, value: Uint8Array.of(255, 0) }, done, { written: '{"base64":"/wA="}' }],
    [
      'a key of any bytes',
      { ...put, key: keyFromBytes(Uint8Array.of(255)) },
      done,
      { key: '{"base64":"/w=="}' },
    ],
    ['a key that is no ASCII', { ...put, key: keyFromText('ключ') }, done, { key: 'ключ' }],
  ])('knows %s', async (_, operation, result, row) => {
    const { recorder, rows } = recording();
    recorder.client().invoke(operation)?.end(result, 'n1');
    expect(await rows()).toMatchObject([{ process: 0, kind: operation.type, ...row }]);
  });

  it('knows transactions as reads and writes; a check that held has read what it expected', async () => {
    const { recorder, rows } = recording();
    const client = recorder.client();
    const other = keyFromText('x');
    const steps = [
      { type: 'get', key },
      { type: 'check', key: other, expected: null },
      { type: 'put', key, value: bytes('1') },
      { type: 'delete', key: other },
      { type: 'get', key },
    ] as const;
    const committed = { type: 'committed', version, values: [null, bytes('1')] } as const;
    client.invoke({ type: 'txn', steps })?.end(committed, 'n1');
    client.invoke({ type: 'txn', steps })?.end(failed(false), 'n1');
    const writes = [
      ['w', 'k', '1'],
      ['w', 'x', null],
    ];
    expect(await rows()).toMatchObject([
      {
        outcome: 'ok',
        key: undefined,
        steps: [['r', 'k', null], ['r', 'x', null], ...writes, ['r', 'k', '1']],
      },
      { outcome: 'info', steps: [['r', 'k', '?'], ['r', 'x', '?'], ...writes, ['r', 'k', '?']] },
    ]);
  });

  it('makes a process of each client, and another once nobody knows what came of an operation', async () => {
    const { recorder, rows } = recording();
    const [a, b] = [recorder.client('s1'), recorder.client()];
    a.invoke(put)?.end(done, 'n1');
    b.invoke(put)?.end(done, 'n1');
    a.invoke(put)?.end(failed(false), 'n1');
    a.invoke(put)?.end(failed(true), 'n1');
    a.invoke(put)?.end(done, 'n1');
    expect((await rows()).map(({ process, session }) => [process, session])).toEqual([
      [0, 's1'],
      [1, undefined],
      [0, 's1'],
      [2, 's1'],
      [2, 's1'],
    ]);
  });

  it('makes several processes of a client that does several things at once', async () => {
    const { recorder, rows } = recording();
    const client = recorder.client();
    const [first, second] = [client.invoke(put), client.invoke(get)];
    second?.end({ type: 'value', value: null, version: null }, 'n1');
    first?.end(done, 'n1');
    client.invoke(get);
    const processes = (await rows()).map(({ process }) => process);
    expect(processes.slice(0, 2)).toEqual([0, 1]);
    expect(processes).toHaveLength(3);
  });

  it('has no line for what operators ask', () => {
    const { recorder, sink } = recording();
    const client = recorder.client();
    expect(client.invoke({ type: 'stabilize' })).toBeNull();
    client.invoke(put);
    recorder.close();
    expect(sink.text).toMatch(/^{"process":0,"type":"invoke"[^\n]*\n$/);
  });

  it('writes seldom, and the rest when it is closed', () => {
    const { recorder, sink } = recording();
    const client = recorder.client();
    for (let count = 0; count < 5_000; count++) client.invoke(put)?.end(done, 'n1');
    recorder.close();
    expect(sink.text.split('\n')).toHaveLength(10_001);
    expect(sink.writeCount).toBeLessThan(30);
    expect(sink.isClosed).toBe(true);
  });

  it('takes nothing once it is closed', () => {
    const { recorder, sink } = recording();
    const client = recorder.client();
    const call = client.invoke(put);
    recorder.close();
    const { text } = sink;
    call?.end(done, 'n1');
    for (let count = 0; count < 5_000; count++) client.invoke(put)?.end(done, 'n1');
    expect(sink.text).toBe(text);
  });

  it('puts what is told later after what was told before, also while its clock stands still', () => {
    const sink = new MemorySink();
    const memory = new MemoryHistory();
    for (const each of [new JsonLines(sink), memory]) {
      const recorder = new Recorder({ sink: each, now: () => 5 });
      const [one, other] = [recorder.client(), recorder.client()];
      one.invoke(put)?.end(done, 'n1');
      other.invoke(get)?.end({ type: 'value', value: null, version: null }, 'n2');
      recorder.close();
    }
    const times = [...sink.text.matchAll(/"time":(\d+)/g)].map(([, time]) => Number(time));
    expect(times).toEqual([0, 1, 2, 3]);
    expect(memory.history()).toEqual(parseHistory(sink.text));
  });

  it('goes on when it can write no more, and says so in the end', () => {
    const full = new KvxError('the disk is full', { code: 'cluster', definite: true });
    let count = 0;
    const sink: LineSink = {
      write() {
        count++;
        throw full;
      },
      close() {},
    };
    const recorder = new Recorder({ sink: new JsonLines(sink), now: () => 0 });
    const client = recorder.client();
    for (let at = 0; at < 5_000; at++) client.invoke(put)?.end(done, 'n1');
    expect(recorder.failure).toBe(full);
    expect(count).toBe(1);
    expect(() => recorder.close()).toThrow(full);
  });
});

describe('the file of a recorder', () => {
  it('is a history, in the place of what was there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kvx-recorder-'));
    const path = join(folder, 'h.jsonl');
    for (let round = 0; round < 2; round++) {
      const recorder = openRecorder(path);
      recorder.client().invoke(put)?.end(done, 'n1');
      recorder.close();
      expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3);
    }
    const history = await readHistory(path);
    expect(rowsOf(history)).toMatchObject([{ outcome: 'ok', written: 'v', node: 'n1' }]);
    rmSync(folder, { recursive: true });
  });

  it('has what each line said, however many there are', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kvx-recorder-'));
    const path = join(folder, 'h.jsonl');
    const recorder = openRecorder(path);
    const client = recorder.client();
    // Several times what the recorder's buffer holds.
    const values = Array.from({ length: 10_000 }, (_, at) => `value ${at} ${'.'.repeat(100)}`);
    for (const value of values) client.invoke({ ...put, value: bytes(value) })?.end(done, 'n1');
    recorder.close();
    const rows = rowsOf(await readHistory(path));
    expect(rows.map(({ written }) => written)).toEqual(values);
    rmSync(folder, { recursive: true });
  });

  it('is refused where there can be none', () => {
    const details = { code: 'bad-request', definite: true };
    expect(() => new FileSink('no/such/folder/h.jsonl')).toThrow(expect.objectContaining(details));
    expect(() => new FileSink(import.meta.dirname)).toThrow('it is a folder');
  });

  // A device of Linux that is always full.
  it.skipIf(!existsSync('/dev/full'))('says that the disk is full', () => {
    const recorder = openRecorder('/dev/full');
    recorder.client().invoke(put);
    expect(() => recorder.close()).toThrow(
      'the history in /dev/full is cut short: the disk is full',
    );
  });
});
