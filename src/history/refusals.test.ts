/** What is no history is refused, with its file, its line and the reason. Nothing is skipped or mended. */
import { describe, expect, it } from 'vitest';
import { KvxError } from '../core/errors.js';
import { readHistory } from './files/read-file.js';
import type { Format } from './formats.js';
import { rowsOf } from './testing/rows.js';

const get = '{"process":0,"type":"invoke","f":"get","key":"a","value":null,"time":10}';
const got = '{"process":0,"type":"ok","f":"get","key":"a","value":"1","time":20}';
const put = '{"process":0,"type":"invoke","f":"put","key":"a","value":"1","time":10}';

async function refusal(text: string | Uint8Array, format?: Format): Promise<KvxError> {
  const options = { name: 'h.jsonl', ...(format === undefined ? {} : { format }) };
  const error: unknown = await readHistory([Buffer.from(text)], options).catch((e) => e);
  expect(error).toBeInstanceOf(KvxError);
  expect(error).toMatchObject({ code: 'config', definite: true });
  return error as KvxError;
}

/** The second line is the one that is wrong. */
describe('a second line', () => {
  it.each([
    ['is cut off', got.slice(0, 40), 'this is not JSON'],
    ['is no object', '[1]', 'each line must be one JSON object, not "[1]"'],
    ['completes nothing', got.replace('0', '1'), 'ok of process 1, which has no operation open'],
    ['begins another operation', get, 'process 0 has an operation open, since line 1'],
    [
      'is earlier',
      got.replace('20', '9'),
      'the clock goes back: this is at 9 ns, the line before it at 10 ns',
    ],
    [
      'has another f',
      got.replace('get', 'delete'),
      'the get that process 0 began in line 1: its f is another',
    ],
    [
      'has another key',
      got.replace('"a"', '"b"'),
      'the get that process 0 began in line 1: its key is another',
    ],
    [
      'has no key',
      got.replace('"key":"a",', ''),
      'the get that process 0 began in line 1: its key is another',
    ],
    ['does not say what it read', got.replace('"value":"1",', ''), 'its value is missing'],
    [
      'has an unknown type',
      got.replace('ok', 'done'),
      '"type" must be one of invoke, ok, fail, info, not "done"',
    ],
    ['has a type of Object', got.replace('ok', 'toString'), '"type" must be one of'],
    ['has an unknown f', got.replace('get', 'peek'), '"f" must be one of read, get, write, put'],
    ['has no type', got.replace('"type":"ok",', ''), '"type" is missing'],
    ['has no f', got.replace('"f":"get",', ''), '"f" is missing'],
    ['has no process', got.replace('"process":0,', ''), '"process" is missing'],
    ['has no time', got.replace(',"time":20', ''), '"time" is missing'],
    ['has a time with a fraction', got.replace('20', '20.5'), '"time" must be a whole number'],
    ['has a time below zero', got.replace('20', '-20'), '"time" must be a whole number'],
    ['has a process with a name', got.replace('0', '"a"'), '"process" must be a whole number'],
    ['has a process of 2^31', got.replace('0', '2147483648'), '"process" must be a whole number'],
    [
      'has a value that is not exact',
      got.replace('"1"', '9007199254740993'),
      'too large to be exact',
    ],
    ['has half a character', got.replace('"1"', '"\\ud800"'), 'half of a surrogate pair'],
    ['has "actual" where nothing was refused', got.replace('}', ',"actual":1}'), '"actual" is for'],
    ['has a version that is none', got.replace('}', ',"version":3}'), '"version" must be'],
    [
      'has a version without a stamp',
      got.replace('}', ',"version":{"stamp":null,"node":"a"}}'),
      '"version" must be',
    ],
  ])('that %s', async (_, line, reason) => {
    const error = await refusal(`${get}\n${line}\n${got}\n`);
    expect(error.message).toMatch(/^h\.jsonl:2:/);
    expect(error.message).toContain(reason);
  });

  it('that is not UTF-8', async () => {
    const line = Buffer.from(got.replace('"1"', '"\xff"'), 'latin1');
    const error = await refusal(Buffer.concat([Buffer.from(`${get}\n`), line]));
    expect(error.message).toBe('h.jsonl:2: this is not UTF-8 text');
  });

  it('that says it wrote something else', async () => {
    const line = put.replace('invoke', 'ok').replace('"1"', '"2"');
    const { message } = await refusal(`${put}\n${line}\n`);
    expect(message).toContain('its value is another');
  });
});

it('the end of a cas with one value', async () => {
  const cas = put.replace('put', 'cas').replace('"1"', '["1",null]');
  const { message } = await refusal(
    `${cas}\n${cas.replace('invoke', 'ok').replace(/\[.*\]/, '"1"')}\n`,
  );
  expect(message).toBe('h.jsonl:2: the value of a cas is [old, new]');
});

describe('an invocation', () => {
  it.each([
    [
      'of a delete with a value',
      get.replace('get', 'delete').replace('null', '3'),
      'a delete begins',
    ],
    ['of a put of null', put.replace('"1"', 'null'), 'a put needs a value other than null'],
    [
      'of an append without a value',
      put.replace('put', 'append').replace('"value":"1",', ''),
      'an append needs',
    ],
    ['of a cas of one value', put.replace('put', 'cas'), 'the value of a cas is [old, new]'],
    [
      'of a cas without one',
      put.replace('put', 'cas').replace('"1"', 'null'),
      'the value of a cas is [old, new]',
    ],
    ['without a key', put.replace('"key":"a",', ''), 'a put needs a key'],
    [
      'of a txn with a key',
      get.replace('get', 'txn').replace('null', '[]'),
      'a txn has keys in its steps only',
    ],
    [
      'that knows "actual"',
      put.replace('}', ',"actual":null}'),
      'an invocation says nothing of "actual"',
    ],
    ['of a txn without steps', get.replace('get', 'txn'), 'the value of a txn is a list of steps'],
    [
      'of a txn of unknown steps',
      get.replace('get', 'txn').replace('null', '[["x","k",1]]'),
      'a step of a txn is',
    ],
  ])('%s', async (_, line, reason) => {
    const { message } = await refusal(`\n${line}\n`, 'jsonl');
    expect(message).toMatch(/^h\.jsonl:2: /);
    expect(message).toContain(reason);
  });
});

describe('a file', () => {
  it('with bad JSON on line 40,000', async () => {
    const lines = Array.from({ length: 50_000 }, (_, at) => {
      const line = at % 2 === 0 ? get : got;
      return line.replace(/"time":\d+/, `"time":${at}`);
    });
    lines[39_999] = (lines[39_999] as string).replace('"key"', '"key');
    const { message } = await refusal(lines.join('\n'));
    expect(message).toMatch(/^h\.jsonl:40000(:\d+)?: this is not JSON: "\{/);
  });

  it.each([
    ['', 'empty'],
    ['\n  \n', 'blank'],
  ])('with nothing in it %#', async (text) => {
    expect((await refusal(text)).message).toBe('h.jsonl: there is no operation in it');
  });

  it('with the doings of a nemesis only', async () => {
    const line = '{"process":"nemesis","type":"info","f":"kill","time":1}';
    expect((await refusal(line)).message).toBe('h.jsonl: there is no operation in it');
  });

  it('that is something else', async () => {
    const { message } = await refusal('hello\nworld\n');
    expect(message).toBe(
      'h.jsonl:1: this is no history: neither JSON lines, EDN, a Jepsen log nor timed operations',
    );
  });

  it('with a line that has no end', async () => {
    const piece = Buffer.alloc(1024 * 1024, 'x');
    const pieces = Array.from({ length: 17 }, () => piece);
    const reading = readHistory([Buffer.from(`${get}\n`), ...pieces], { name: 'h.jsonl' });
    await expect(reading).rejects.toThrow('h.jsonl:2: the line is longer than 16 MiB');
  });

  it('that is not there, or is a folder', async () => {
    await expect(readHistory('no/such/file')).rejects.toThrow(
      'no/such/file: there is no such file',
    );
    await expect(readHistory(import.meta.dirname)).rejects.toThrow('it is a folder, not a file');
  });

  it('lists its problem for machines', async () => {
    expect(await refusal(`${get}\n${get}`)).toMatchObject({
      problems: [{ source: 'h.jsonl', line: 2, column: 1, message: expect.any(String) }],
    });
  });
});

describe('not refused:', () => {
  const rowsIn = async (text: string) => rowsOf(await readHistory([Buffer.from(text)]));

  it('no newline at the end, blank lines, a byte order mark, fields that are not known', async () => {
    const [row] = await rowsIn(`\ufeff${get}\r\n\n${got.replace('}', ',"index":[2]}')}`);
    expect(row).toMatchObject({ outcome: 'ok', seen: '1', returnedAt: 20 });
  });

  it('a process that goes on after an operation nobody knows the end of', async () => {
    const lost = '{"process":0,"type":"info","f":"put","key":"a","time":15,"error":"timeout"}';
    const rows = await rowsIn([put, lost, get.replace('10', '15'), got].join('\n'));
    expect(rows.map(({ outcome, returnedAt }) => [outcome, returnedAt])).toEqual([
      ['info', Number.POSITIVE_INFINITY],
      ['ok', 20],
    ]);
  });

  it('an operation that is still open in the end', async () => {
    expect((await rowsIn(put)).map(({ outcome }) => outcome)).toEqual(['info']);
  });

  it('a number and a string that look alike: they are one value', async () => {
    const rows = await rowsIn([put, put.replace('invoke', 'ok').replace('"1"', '1')].join('\n'));
    expect(rows[0]).toMatchObject({ outcome: 'ok', written: '1' });
  });

  it('zero, with a sign or without: it is one value', async () => {
    const rows = await rowsIn(put.replace('"1"', '-0'));
    expect(rows[0]).toMatchObject({ written: '0' });
  });

  it('bytes that are no text, as kvx writes them', async () => {
    const line = put.replace('"1"', '{"base64":"/w=="}');
    expect((await rowsIn(line))[0]).toMatchObject({ written: '{"base64":"/w=="}' });
  });
});
