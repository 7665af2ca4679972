import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HistoryFile, historyLinesMax } from './history-file.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kvx-history-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const open = () => new HistoryFile({ KVX_HOME: home });
const file = () => join(home, 'shell_history');

describe('the history of the shell', () => {
  it('comes back newest first, each line once, for its owner alone', () => {
    const history = open();
    expect(history.load()).toEqual([]);
    for (const line of ['get a', 'put a 1', 'get a', 'get a']) history.add(line);
    expect(open().load()).toEqual(['get a', 'put a 1']);
    expect(readFileSync(file(), 'utf8')).toBe('get a\nput a 1\nget a\n');
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('keeps no secrets that begin with a blank, and nothing endless', () => {
    const history = open();
    for (const line of [' put password x', '', 'x'.repeat(5000), 'get b']) history.add(line);
    expect(open().load()).toEqual(['get b']);
  });

  it('is cut back when it has grown', () => {
    const lines = Array.from({ length: 2 * historyLinesMax + 1 }, (_, at) => `get ${at}`);
    writeFileSync(file(), `${lines.join('\n')}\n`);
    const loaded = open().load();
    expect(loaded).toHaveLength(historyLinesMax);
    expect(loaded[0]).toBe(`get ${2 * historyLinesMax}`);
    expect(readFileSync(file(), 'utf8').split('\n')).toHaveLength(historyLinesMax + 1);
  });

  it('that cannot be kept is a remark, not an error', () => {
    mkdirSync(file());
    const history = open();
    expect(history.load()).toEqual([]);
    history.add('get a');
    expect(history.problem).toMatch(/^the history is not kept: /);
  });
});
