import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linesFrom, openInput, readWhole, type TextInput } from './text-input.js';

const { signal } = new AbortController();

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kvx-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(text: string | Uint8Array): string {
  const path = join(folder, 'input');
  writeFileSync(path, text);
  return path;
}

function inputOf(...chunks: readonly (string | Uint8Array)[]): TextInput {
  async function* all(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield Buffer.from(chunk as string);
  }
  return { source: 'test', chunks: all() };
}

async function linesIn(input: TextInput, lineBytesMax = 100): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesFrom(input, lineBytesMax)) lines.push(line);
  return lines;
}

describe('the lines of an input', () => {
  it('are all there, however long it takes until somebody asks for the first', async () => {
    const lines = linesFrom(openInput(fileOf('insert a 1 9\nget a 9\n'), signal), 100);
    // Long enough for a small file to be read to its end, if anything had begun to read it.
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    expect(await lines.next()).toEqual({ done: false, value: 'insert a 1 9' });
    expect(await lines.next()).toEqual({ done: false, value: 'get a 9' });
    expect((await lines.next()).done).toBe(true);
  });

  it.each([
    [['a\nb\n'], ['a', 'b']],
    [['a\r\nb\rc'], ['a', 'b', 'c']],
    [
      ['a\r', '\nb', 'b\n\n', 'c'],
      ['a', 'bb', '', 'c'],
    ],
    [['\ufeffa\n\ufeffb'], ['a', '\ufeffb']],
    [
      [Buffer.from([0xc3]), Buffer.from([0xa4, 0x0a, 0xff])],
      ['ä', '\ufffd'],
    ],
    [[''], []],
    [['\n'], ['']],
  ])('%j', async (chunks, expected) => {
    expect(await linesIn(inputOf(...(chunks as string[])))).toEqual(expected);
  });

  it('may not be too long, also when they never end', async () => {
    const endless: TextInput = { source: 'test', chunks: zeros() };
    async function* zeros(): AsyncGenerator<Uint8Array> {
      for (;;) yield new Uint8Array(64);
    }
    await expect(linesIn(endless)).rejects.toThrow('test:1:1: this line is longer than 100 bytes');
    const second = inputOf('a\n', 'x'.repeat(101));
    await expect(linesIn(second)).rejects.toThrow('test:2:1: this line is longer');
    expect(await linesIn(inputOf('x'.repeat(100)))).toEqual(['x'.repeat(100)]);
  });
});

describe('an input', () => {
  it('is read whole, or not at all', async () => {
    const path = fileOf('12345678');
    expect(await readWhole(path, 'it', 8, signal)).toEqual(Buffer.from('12345678'));
    expect(await readWhole(path, 'it', 7, signal)).toBe(null);
    expect(await readWhole('/dev/zero', 'it', 1000, signal)).toBe(null);
  });

  it.each([
    ['nowhere', 'there is no such file'],
    ['.', 'it is a folder'],
  ])('that can not be read is the user’s: %s', async (name, why) => {
    const reading = readWhole(join(folder, name), 'it', 10, signal);
    await expect(reading).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(why),
    });
  });

  it('ends with an interruption', async () => {
    const controller = new AbortController();
    const chunks = openInput('/dev/zero', controller.signal).chunks[Symbol.asyncIterator]();
    await chunks.next();
    controller.abort();
    const toTheEnd = async (): Promise<void> => {
      while (!(await chunks.next()).done);
    };
    await expect(toTheEnd()).rejects.toMatchObject({ code: 'interrupted', definite: true });
  });
});
