import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockFolder } from './folder-lock.js';
import {
  identify,
  identifyThread,
  isThreadAlive,
  type ProcessIdentity,
} from './process-identity.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kvx-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The name of the claim that this thread makes. */
function ownClaim(): string {
  const release = lockFolder(folder);
  const [name] = readdirSync(folder) as [string];
  release();
  return name;
}

/** Its parts: folder, boot, pid, start of the process, thread, start of the thread, count. */
function changed(claim: string, at: number, part: string): string {
  const parts = claim.slice('lock-'.length).split('_');
  parts[at] = part;
  return `lock-${parts.join('_')}`;
}

it('leaves nothing behind, and says who has it', () => {
  const release = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(`in use by process ${process.pid}`);
  expect(readdirSync(folder)).toHaveLength(1);
  release();
  release();
  expect(readdirSync(folder)).toEqual([]);
});

it('takes over from whoever is gone: a copied folder, a boot, a process, a recycled pid, a thread', () => {
  const claim = ownClaim();
  const gone = [
    changed(claim, 0, '1-1'),
    changed(claim, 1, '11111111-2222-3333-4444-555555555555'),
    changed(claim, 2, String(2 ** 22 + 1)),
    changed(claim, 3, '1'),
    changed(claim, 4, String(2 ** 22 + 1)),
    changed(claim, 5, '1'),
  ];
  for (const name of gone) writeFileSync(join(folder, name), '');
  const release = lockFolder(folder);
  expect(readdirSync(folder)).toHaveLength(1);
  release();
});

it('leaves alone what is no claim, and does not follow links', () => {
  writeFileSync(join(folder, 'lock-of-another-kind'), '');
  symlinkSync('/nowhere', join(folder, 'lock-%'));
  lockFolder(folder)();
  expect(readdirSync(folder).sort()).toEqual(['lock-%', 'lock-of-another-kind']);
});

it('is held by another process as long as that lives', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const { pid, startTime, bootId } = identify(child.pid as number) as ProcessIdentity;
  // The first thread of a process has its number and its start.
  const { dev, ino } = statSync(folder);
  const claim = `lock-${dev}-${ino}_${bootId}_${pid}_${startTime}_${pid}_${startTime}_0`;
  writeFileSync(join(folder, claim), '');
  expect(() => lockFolder(folder)).toThrow(`in use by process ${pid}`);
  expect(readdirSync(folder)).toEqual([claim]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  lockFolder(folder)();
  expect(readdirSync(folder)).toEqual([]);
});

it('knows a thread that was terminated, though its process lives on', async () => {
  const source = `
    const { readlinkSync, readFileSync } = require('node:fs');
    const place = readlinkSync('/proc/thread-self');
    const stat = readFileSync('/proc/' + place + '/stat', 'utf8');
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    require('node:worker_threads').parentPort.postMessage([Number(place.split('/')[2]), start]);
    setInterval(() => {}, 1000);`;
  const worker = new Worker(source, { eval: true });
  const [thread, threadStartTime] = await new Promise<[number, string]>((resolve) => {
    worker.once('message', resolve);
  });
  const identity = { ...identifyThread(), thread, threadStartTime };
  expect(identity.thread).not.toBe(identifyThread().thread);
  expect(isThreadAlive(identity)).toBe(true);
  await worker.terminate();
  expect(isThreadAlive(identity)).toBe(false);
});
