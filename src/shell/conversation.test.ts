import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { nothingToComplete } from './complete-line.js';
import { Conversation, type Language } from './conversation.js';

const ctrlC = '\x03';
const ctrlD = '\x04';

/** Commands run until they are told to end, so that tests can look in between. */
class Slow implements Language {
  readonly ran: string[] = [];
  readonly aborted: string[] = [];
  isOpen = false;
  dropped = 0;
  finish: () => void = () => {};
  #began: () => void = () => {};

  place(): string {
    return 'dev';
  }

  drop(): void {
    this.dropped += 1;
    this.isOpen = false;
  }

  /** Resolves when the next command has begun. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#began = resolve;
    });
  }

  run(line: string, signal: AbortSignal): Promise<void> {
    this.ran.push(line);
    this.isOpen = line === 'open';
    this.#began();
    if (line !== 'slow')
      return line === 'bug' ? Promise.reject(new Error('bug')) : Promise.resolve();
    return new Promise((resolve) => {
      this.finish = resolve;
      signal.addEventListener('abort', () => {
        this.aborted.push(line);
        resolve();
      });
    });
  }

  async complete(typed: string) {
    return typed === 'g' ? { words: ['get', 'put'], typed } : nothingToComplete;
  }
}

function begin(history: string[] = []) {
  const input = new PassThrough();
  const output = Object.assign(new PassThrough(), { columns: 50, isTTY: true });
  let shown = '';
  output.on('data', (text) => {
    shown += text;
  });
  const typed: string[] = [];
  const language = new Slow();
  const leaving = new AbortController();
  const conversation = new Conversation({
    input,
    output,
    language,
    history,
    onLine: (line) => typed.push(line),
    paint: (text) => text,
    signal: leaving.signal,
  });
  const ended = conversation.last();
  const screen = () => stripVTControlCharacters(shown);
  return { input, language, leaving, conversation, ended, typed, screen };
}

describe('a conversation', () => {
  it('runs lines one after another, and remembers them', async () => {
    const { input, language, ended, typed, screen } = begin();
    input.write('put a 1\rget a\rexit\r');
    await ended;
    expect(language.ran).toEqual(['put a 1', 'get a']);
    expect(typed).toEqual(['put a 1', 'get a', 'exit']);
    expect(screen()).toContain('dev> ');
  });

  it('offers what was typed before', async () => {
    const { input, language, ended } = begin(['put older 1', 'put oldest 1']);
    input.write('\x1b[A\x1b[A\r\x04');
    await ended;
    expect(language.ran).toEqual(['put oldest 1']);
  });

  it('completes', async () => {
    const { input, language, ended } = begin();
    const began = language.next();
    input.write('g\t');
    // Completion answers later; what is typed next waits for nobody.
    await new Promise((resolve) => setImmediate(resolve));
    input.write('a\r');
    await began;
    input.write(ctrlD);
    await ended;
    expect(language.ran).toEqual(['get a']);
  });

  it('Ctrl-C cancels a line that is not empty', async () => {
    const { input, language, ended, screen } = begin();
    input.write(`put a${ctrlC}get b\r${ctrlD}`);
    await ended;
    expect(language.ran).toEqual(['get b']);
    expect(screen()).not.toContain('leaves');
  });

  it('Ctrl-C cancels lines that wait for more', async () => {
    const { input, language, ended, screen } = begin();
    const began = language.next();
    input.write('open\r');
    await began;
    await Promise.resolve();
    input.write(`${ctrlC}${ctrlD}`);
    await ended;
    expect(language.dropped).toBe(1);
    expect(screen()).not.toContain('leaves');
  });

  it('Ctrl-C stops the command that runs and what was typed ahead, and the shell goes on', async () => {
    const { input, language, ended } = begin();
    const began = language.next();
    input.write('slow\rput a 1\r');
    await began;
    input.write(ctrlC);
    await new Promise((resolve) => setImmediate(resolve));
    expect(language.aborted).toEqual(['slow']);
    input.write('get a\r');
    await new Promise((resolve) => setImmediate(resolve));
    expect(language.ran).toContain('get a');
    input.write(ctrlD);
    await ended;
    expect(language.ran).not.toContain('put a 1');
  });

  it('Ctrl-C twice on an empty line leaves, once does not', async () => {
    const { input, language, ended, screen } = begin();
    input.write(`${ctrlC}get a\r`);
    await new Promise((resolve) => setImmediate(resolve));
    input.write(`${ctrlC}${ctrlC}`);
    await ended;
    expect(language.ran).toEqual(['get a']);
    expect(screen()).toContain('Ctrl-C once more, or Ctrl-D, leaves.');
  });

  it('Ctrl-D while a command runs stops it and waits for its end', async () => {
    const { input, language, ended } = begin();
    const began = language.next();
    input.write('slow\r');
    await began;
    input.write(ctrlD);
    await ended;
    expect(language.aborted).toEqual(['slow']);
  });

  it('ends when it is told to from outside', async () => {
    const { leaving, ended } = begin();
    leaving.abort();
    await ended;
  });

  it('prints what comes by itself above the line that is being typed', async () => {
    const { input, conversation, ended, screen } = begin();
    input.write('get a');
    await new Promise((resolve) => setImmediate(resolve));
    conversation.print('n2 received "hello"\n');
    expect(screen()).toMatch(/n2 received "hello"\ndev> get a$/);
    input.write(`${ctrlC}${ctrlD}`);
    await ended;
  });

  it('ends with a bug that it meets', async () => {
    const { input, ended } = begin();
    input.write('bug\r');
    await expect(ended).rejects.toThrow('bug');
  });
});
