import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findingsOf } from './finding.js';
import { codeCache, completion } from './install.js';
import { clockFinding, nodeVersion, openFiles } from './machine.js';

const folder = mkdtempSync(join(tmpdir(), 'kvx-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the machine', () => {
  test.each([
    ['18.20.4', 'problem'],
    ['20.18.1', 'problem'],
    ['20.19.0', 'ok'],
    ['22.1.0', 'ok'],
  ])('Node.js %s: %s', (version, verdict) => {
    expect(nodeVersion(version).verdict).toBe(verdict);
  });

  test.each([
    [64, 'problem'],
    [256, 'warning'],
    [1024, 'ok'],
    [Number.POSITIVE_INFINITY, 'ok'],
    [null, 'ok'],
  ])('%s open files: %s', (limit, verdict) => {
    expect(openFiles(limit).verdict).toBe(verdict);
  });

  test('a clock that jumps, is of another year or goes backwards is told', () => {
    const seen = { isBackwards: false, apartMs: 1, wall: Date.UTC(2026, 0) };
    const verdict = (more: object) => clockFinding({ ...seen, ...more }).verdict;
    expect([{}, { apartMs: 500 }, { wall: 0 }, { isBackwards: true }].map(verdict)).toEqual([
      ...['ok', 'warning', 'problem', 'problem'],
    ]);
  });
});

test('a look that fails is a finding, and the others go on', async () => {
  const fails = () => {
    throw new Error('no such thing');
  };
  const found = await findingsOf([
    { check: 'a', look: fails },
    { check: 'b', look: () => [openFiles(null)] },
  ]);
  expect(found).toMatchObject([
    { check: 'a', verdict: 'problem', finding: 'no such thing' },
    { check: 'open files', verdict: 'ok' },
  ]);
});

describe('how kvx is installed', () => {
  test('code caches are those of this very Node', () => {
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'dist/kvx.cjs.v1.0.0-x64.cache'), '');
    expect(codeCache(folder).verdict).toBe('warning');
    writeFileSync(join(folder, `dist/kvx.cjs.${process.version}-${process.arch}.cache`), '');
    expect(codeCache(folder).verdict).toBe('ok');
    expect(codeCache(join(folder, 'none')).verdict).toBe('ok');
  });

  test('completion is of the shell that the user has, and no trouble without', () => {
    const fish = { SHELL: '/usr/bin/fish' };
    expect(completion(fish, folder)).toMatchObject([{ verdict: 'ok', todo: expect.any(String) }]);
    mkdirSync(join(folder, '.config/fish/completions'), { recursive: true });
    writeFileSync(join(folder, '.config/fish/completions/kvx.fish'), '');
    expect(completion(fish, folder)).toMatchObject([{ verdict: 'ok', todo: null }]);
    expect(completion({ SHELL: '/bin/dash' }, folder)).toEqual([]);
  });
});
