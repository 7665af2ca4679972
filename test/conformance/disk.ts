import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DiskFile } from '../../src/runtime/journal/disk.js';
import {
  crashesOf,
  type DiskHarness,
  type MakeDiskHarness,
  readFile,
  until,
  writeFile,
} from './disk-harness.js';

const inUse = expect.objectContaining({ problem: 'in use' });
const hello = new TextEncoder().encode('hello');
const world = new TextEncoder().encode(' world');

/** What the `Disk` port promises, whoever implements it. */
export function describeDisk(name: string, makeHarness: MakeDiskHarness): void {
  describe(`${name} as a Disk`, () => {
    let harness: DiskHarness;
    beforeEach(() => {
      harness = makeHarness(1);
    });
    afterEach(() => harness.dispose());

    const read = (file: string) => new TextDecoder().decode(readFile(harness.disk, file));
    const synced = async (file: DiskFile) => {
      let error: Error | null | undefined;
      file.sync((result) => {
        error = result;
      });
      await until(harness, () => error !== undefined);
      expect(error).toBeNull();
    };

    it('reads back what was appended, and lists it', () => {
      const file = harness.disk.create('a');
      expect(read('a')).toBe('');
      file.append(hello);
      file.append(world);
      expect(read('a')).toBe('hello world');
      expect(harness.disk.list()).toEqual(['a']);
    });

    it('takes the bytes at once: the caller may reuse them', () => {
      const bytes = hello.slice();
      const file = harness.disk.create('a');
      file.append(bytes);
      bytes.fill(0);
      expect(read('a')).toBe('hello');
    });

    it('gives plain arrays, so that what is sliced from them is plain', () => {
      writeFile(harness.disk, 'a', hello);
      expect(readFile(harness.disk, 'a').constructor).toBe(Uint8Array);
    });

    it('cuts a file that it opens, and goes on there', () => {
      writeFile(harness.disk, 'a', hello);
      const file = harness.disk.open('a', 2);
      expect(read('a')).toBe('he');
      file.append(world);
      expect(read('a')).toBe('he world');
    });

    it('refuses to make what is there, and to open or read what is not', () => {
      harness.disk.create('a').close();
      expect(() => harness.disk.create('a')).toThrow(expect.objectContaining({ code: 'EEXIST' }));
      expect(() => harness.disk.open('b', 0)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
      expect(() => harness.disk.read('b', 0, 1)).toThrow(
        expect.objectContaining({ code: 'ENOENT' }),
      );
    });

    it('is locked by one opener at a time', () => {
      const release = harness.disk.lock();
      expect(() => harness.disk.lock()).toThrow(inUse);
      release();
      const again = harness.disk.lock();
      // An old hold that is given back late takes nothing from the new one.
      release();
      expect(() => harness.disk.lock()).toThrow(inUse);
      again();
      harness.disk.lock()();
    });

    it('syncs at once when asked to', () => {
      const file = harness.disk.create('a');
      file.append(hello);
      file.syncNow();
      file.append(world);
      expect(read('a')).toBe('hello world');
    });

    it('renames over what is there', () => {
      writeFile(harness.disk, 'a', hello);
      writeFile(harness.disk, 'b', world);
      harness.disk.rename('a', 'b');
      expect(harness.disk.list()).toEqual(['b']);
      expect(read('b')).toBe('hello');
    });

    it('removes', () => {
      writeFile(harness.disk, 'a', hello);
      harness.disk.remove('a');
      expect(harness.disk.list()).toEqual([]);
      harness.disk.create('a');
      expect(read('a')).toBe('');
    });

    it('syncs, never from within the call, and again', async () => {
      const file = harness.disk.create('a');
      file.append(hello);
      let called = false;
      file.sync(() => {
        called = true;
      });
      expect(called).toBe(false);
      await until(harness, () => called);
      await synced(file);
    });

    it('does not call back after close', async () => {
      const file = harness.disk.create('a');
      const other = harness.disk.create('b');
      let called = false;
      file.sync(() => {
        called = true;
      });
      file.close();
      for (let round = 0; round < 5; round++) await synced(other);
      expect(called).toBe(false);
    });

    it('keeps what was appended when the process is killed', () => {
      const file = harness.disk.create('a');
      file.append(hello);
      harness.crash('kill');
      expect(read('a')).toBe('hello');
    });

    it('may have zeros after a file that reserves, until it is closed', () => {
      const large = new Uint8Array(100_000).fill(1);
      for (const bytes of [hello, world, large, hello]) {
        const file = harness.disk.create('a', true);
        file.append(bytes);
        file.append(bytes);
        harness.crash('kill');
        const found = readFile(harness.disk, 'a');
        expect(found.subarray(0, bytes.length * 2)).toEqual(new Uint8Array([...bytes, ...bytes]));
        expect(found.length).toBeGreaterThanOrEqual(bytes.length * 2);
        expect(found.subarray(bytes.length * 2).some((byte) => byte !== 0)).toBe(false);
        harness.disk.remove('a');
      }
      const closed = harness.disk.create('b', true);
      closed.append(hello);
      closed.close();
      expect(read('b')).toBe('hello');
    });

    if (crashesOf(makeHarness).includes('power')) describePowerCuts(makeHarness);
  });
}

function describePowerCuts(makeHarness: MakeDiskHarness): void {
  describe('when the power is cut', () => {
    const seeds = Array.from({ length: 200 }, (_, index) => index);
    const outcomes = async (act: (harness: DiskHarness) => Promise<string>) =>
      new Set(await Promise.all(seeds.map((seed) => act(makeHarness(seed)))));
    const sync = (harness: DiskHarness, file: DiskFile) => {
      let done = false;
      file.sync(() => {
        done = true;
      });
      return until(harness, () => done);
    };
    const after = (harness: DiskHarness): string => {
      harness.crash('power');
      const { disk } = harness;
      const names = disk.list().sort();
      return names
        .map((name) => `${name}=${new TextDecoder().decode(readFile(disk, name))}`)
        .join();
    };

    it('keeps what was synced, and its name', async () => {
      const found = await outcomes(async (harness) => {
        const file = harness.disk.create('a');
        file.append(hello);
        await sync(harness, file);
        return after(harness);
      });
      expect([...found]).toEqual(['a=hello']);
    });

    it('keeps what it says that it has synced because it is quick, and its name', async () => {
      const found = await outcomes(async (harness) => {
        const file = harness.disk.create('a');
        file.append(hello);
        return file.syncIfQuick() ? after(harness) : 'it did nothing';
      });
      expect([...found].sort()).toEqual(['a=hello', 'it did nothing']);
    });

    it('keeps what was synced at once, and its name', async () => {
      const found = await outcomes(async (harness) => {
        const file = harness.disk.create('a');
        file.append(hello);
        file.syncNow();
        return after(harness);
      });
      expect([...found]).toEqual(['a=hello']);
    });

    it('may keep or lose a name that was not', async () => {
      const found = await outcomes(async (harness) => {
        harness.disk.create('a');
        return after(harness);
      });
      expect([...found].sort()).toEqual(['', 'a=']);
    });

    it('may lose, cut, tear or keep what was appended since, never what was before', async () => {
      const found = await outcomes(async (harness) => {
        const file = harness.disk.create('a');
        file.append(hello);
        await sync(harness, file);
        file.append(world);
        return after(harness);
      });
      for (const text of found) expect(text).toMatch(/^a=hello/);
      expect(found).toContain('a=hello');
      expect(found).toContain('a=hello world');
      expect(found).toContain('a=hello wo');
      expect(found).toContain('a=hello wo\0\0\0');
    });

    it('covers by a sync only what was appended before it began', async () => {
      const found = await outcomes(async (harness) => {
        const file = harness.disk.create('a');
        file.append(hello);
        let done = false;
        file.sync(() => {
          done = true;
        });
        file.append(world);
        await until(harness, () => done);
        return after(harness);
      });
      expect(found).toContain('a=hello');
    });

    it('may bring back what was removed, until the folder is synced', async () => {
      const remove = async (harness: DiskHarness) => {
        for (const name of ['a', 'b']) await sync(harness, harness.disk.create(name));
        harness.disk.remove('a');
      };
      const found = await outcomes(async (harness) => {
        await remove(harness);
        return after(harness);
      });
      expect([...found].sort()).toEqual(['a=,b=', 'b=']);

      const afterOpen = await outcomes(async (harness) => {
        await remove(harness);
        harness.disk.open('b', 0);
        return after(harness);
      });
      expect([...afterOpen]).toEqual(['b=']);

      const afterFirstSync = await outcomes(async (harness) => {
        await remove(harness);
        await sync(harness, harness.disk.create('c'));
        return after(harness);
      });
      expect([...afterFirstSync]).toEqual(['b=,c=']);
    });

    it('has made durable what it opened, though a killed process never synced it', async () => {
      const found = await outcomes(async (harness) => {
        const file = harness.disk.create('a');
        file.append(hello);
        harness.crash('kill');
        harness.disk.open('a', 4);
        return after(harness);
      });
      expect([...found]).toEqual(['a=hell']);
    });

    it('keeps the new name of a file whose first name was never synced', async () => {
      const found = await outcomes(async (harness) => {
        harness.disk.create('a').append(hello);
        harness.disk.rename('a', 'b');
        return after(harness);
      });
      for (const text of found) expect(text).toMatch(/^b=/);
    });

    it('renames wholly and for good', async () => {
      const found = await outcomes(async (harness) => {
        const file = harness.disk.create('a');
        file.append(hello);
        await sync(harness, file);
        harness.disk.rename('a', 'b');
        return after(harness);
      });
      expect([...found]).toEqual(['b=hello']);
    });
  });
}
