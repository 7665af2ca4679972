import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { filesOf, scenariosIn } from './library.js';

const library = join(import.meta.dirname, '../../../scenarios');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kvx-'));
  mkdirSync(join(folder, 'empty'));
  for (const name of ['b.kvx', 'a.kvx', 'notes.txt']) writeFileSync(join(folder, name), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

const named = (...names: string[]) => filesOf(names, library).map(({ source }) => source);

describe('the scenarios that come with kvx', () => {
  it('are in its package, each with a title', () => {
    expect(packageJson.files).toContain('scenarios');
    const all = scenariosIn(library);
    expect(all.length).toBeGreaterThanOrEqual(12);
    for (const { name, title } of all)
      expect([name, title]).toEqual([name, expect.stringMatching(/\w/)]);
  });

  it('are found by name', () => {
    const file = join(library, 'stale-read.kvx');
    expect(filesOf(['stale-read'], library)).toEqual([{ file, source: 'stale-read' }]);
    expect(named('zoo/paxos-own-value')).toEqual(['zoo/paxos-own-value']);
    expect(filesOf(['stale-read.kvx'], library)).toEqual([{ file, source: 'stale-read.kvx' }]);
  });
});

describe('what was named', () => {
  it('is standard input when nothing was', () => {
    expect(named()).toEqual(['standard input']);
    expect(filesOf(['-'], library)).toEqual([{ file: '-', source: 'standard input' }]);
  });

  it('is a file, or the scripts in a folder, in their order', () => {
    const scripts = ['a.kvx', 'b.kvx'].map((name) => join(folder, name));
    expect(named(folder)).toEqual(scripts);
    expect(named(join(folder, 'notes.txt'), 'stale-read')).toEqual([
      join(folder, 'notes.txt'),
      'stale-read',
    ]);
  });

  it.each([
    ['stale-reed', 'did you mean stale-read?'],
    ['nothing-like-it', '`kvx run --list` shows the scenarios'],
    ['./stale-read', 'there is no such file'],
  ])('%s is refused', (name, says) => {
    expect(() => named(name)).toThrow(says);
  });

  it('is refused where a folder has no scripts', () => {
    expect(() => named(join(folder, 'empty'))).toThrow('no .kvx file');
  });
});
