/** What `npm start` and `npm test` rely on: knowing when to install and build, one at a time. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestOfInputs, isBuilt, isInstalled } from '../scripts/freshness.js';
import { withLock } from '../scripts/lock.js';

let root: string;

function put(path: string, content: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kvx-ensure-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('an install is up to date', () => {
  const a1 = { 'node_modules/a': { version: '1.0.0' } };
  const a2 = { 'node_modules/a': { version: '2.0.0' } };
  const otherPlatforms = { 'node_modules/b': { version: '1.0.0', optional: true } };

  test.each([
    ['when it has what the lock says', { '': {}, ...a1, ...otherPlatforms }, a1, true],
    ['not when a version differs', a2, a1, false],
    ['not when a package is missing', { ...a1, 'node_modules/c': { version: '1.0.0' } }, a1, false],
    ['not when npm was interrupted', a1, undefined, false],
  ])('%s', (_, wanted, installed, expected) => {
    put('package-lock.json', { packages: wanted });
    if (installed) put('node_modules/.package-lock.json', { packages: installed });
    expect(isInstalled(root)).toBe(expected);
  });
});

describe('a build is up to date', () => {
  beforeEach(() => {
    for (const file of ['package.json', 'package-lock.json', 'bin/boot.js', 'bin/image.js']) {
      put(file, '');
    }
    for (const file of ['src/a.ts', 'src/b/c.ts', 'scripts/build.js', 'docs/schema/a.json']) {
      put(file, '');
    }
    put('dist/.inputs', digestOfInputs(root));
  });

  test('until a source changes', () => {
    expect(isBuilt(root)).toBe(true);
    utimesSync(join(root, 'src/b/c.ts'), 1, 1);
    expect(isBuilt(root)).toBe(false);
  });

  test('until a source is removed', () => {
    rmSync(join(root, 'src/a.ts'));
    expect(isBuilt(root)).toBe(false);
  });

  test('whatever the tests do', () => {
    put('src/a.test.ts', '');
    expect(isBuilt(root)).toBe(true);
  });
});

describe('the lock', () => {
  test('lets one work at a time', async () => {
    const order: string[] = [];
    const worker = (name: string) =>
      withLock(root, async () => {
        order.push(`${name} in`);
        await new Promise(setImmediate);
        order.push(`${name} out`);
      });
    await Promise.all([worker('a'), worker('b')]);
    expect(order).toEqual(
      order[0] === 'a in' ? ['a in', 'a out', 'b in', 'b out'] : ['b in', 'b out', 'a in', 'a out'],
    );
  });

  test('is let go when the work fails', async () => {
    await expect(withLock(root, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(root, async () => 'mine')).toBe('mine');
  });

  test('is taken from a process that is dead', async () => {
    const beyondAnyPid = '99999999';
    put('.ensure.lock', beyondAnyPid);
    expect(await withLock(root, async () => 'mine')).toBe('mine');
  });

  test('is left to a process that outlives the one that started it', async () => {
    put('.ensure.lock', `99999999 ${process.pid}`);
    let isMine = false;
    const mine = withLock(root, async () => {
      isMine = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(isMine).toBe(false);
    rmSync(join(root, '.ensure.lock'));
    await mine;
  });

  test('is taken from a holder that has stopped touching it', async () => {
    put('.ensure.lock', String(process.pid));
    utimesSync(join(root, '.ensure.lock'), 1, 1);
    expect(await withLock(root, async () => 'mine')).toBe('mine');
  });
});
