import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RotatingFile } from '../../cluster/state/log.js';
import type { TraceData, TraceEvent } from '../../core/trace-event.js';
import { traceLineOf } from '../../trace/line.js';
import { ownOf } from '../../trace/merge.js';
import { TraceFileSource } from './trace-source.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kvx-trace-'));
  file = join(folder, 'n1.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const event = (own: number, data: TraceData = { type: 'sync' }): TraceEvent => ({
  ...{ node: 'n1', atMs: own, clock: { n1: own }, data },
});
const lineOf = (...given: Parameters<typeof event>): string => `${traceLineOf(event(...given))}\n`;
const open = (more: Partial<ConstructorParameters<typeof TraceFileSource>[0]> = {}) =>
  new TraceFileSource({ file, node: 'n1', copiesMax: 3, follows: false, ...more });

function ownsOf(source: TraceFileSource): (number | 'later')[] {
  const owns: (number | 'later')[] = [];
  for (let next = source.next(); next !== null; next = source.next()) {
    owns.push(next === 'later' ? next : ownOf(next));
    if (next === 'later') break;
  }
  return owns;
}

it('reads a file that grew too large and its copies, the oldest first', () => {
  const rotating = new RotatingFile(file, { fileBytesMax: 1000, oldFilesMax: 3 });
  for (let own = 1; own <= 100; own++) rotating.append(lineOf(own));
  const owns = ownsOf(open());
  expect(owns.at(-1)).toBe(100);
  expect(owns.length).toBeGreaterThan(30);
  expect(owns).toEqual(owns.map((_, at) => 101 - owns.length + at));
  rotating.close();
});

it('goes on where it was when the file is cut while it is read', () => {
  const rotating = new RotatingFile(file, { fileBytesMax: 1000, oldFilesMax: 3 });
  const source = open({ copiesMax: 0, follows: true });
  const seen: (number | 'later')[] = [];
  for (let own = 1; own <= 100; own++) {
    rotating.append(lineOf(own));
    if (own % 7 === 0) seen.push(...ownsOf(source));
  }
  seen.push(...ownsOf(source));
  expect(seen.filter((each) => each !== 'later')).toEqual(
    Array.from({ length: 100 }, (_, at) => at + 1),
  );
  rotating.close();
});

it('reads a file once that is there twice while it is being copied', () => {
  writeFileSync(`${file}.1`, lineOf(1) + lineOf(2));
  writeFileSync(file, readFileSync(`${file}.1`));
  expect(ownsOf(open())).toEqual([1, 2]);
});

it('leaves out half a line that a crash has left, and tells of no other', () => {
  const half = lineOf(2).slice(0, 30);
  const start = { type: 'start', incarnation: 2 } as const;
  writeFileSync(file, `${lineOf(1)}${half}\n${lineOf(1002, start)}`);
  expect(ownsOf(open())).toEqual([1, 1002]);
  writeFileSync(file, `${lineOf(1)}${half}`);
  const cut = open();
  expect(ownsOf(cut)).toEqual([1]);
  expect(cut.isCut).toBe(true);
  writeFileSync(file, `${lineOf(1)}${half}\n${lineOf(3)}`);
  expect(() => ownsOf(open({ copiesMax: 0 }))).toThrow(`${file}:2: this is not JSON`);
  writeFileSync(file, lineOf(1).trimEnd());
  expect(ownsOf(open())).toEqual([1]);
});

it('waits for the rest of a line that is being written', () => {
  const source = open({ follows: true });
  expect(ownsOf(source)).toEqual(['later']);
  writeFileSync(file, lineOf(1).slice(0, 20));
  expect(ownsOf(source)).toEqual(['later']);
  appendFileSync(file, lineOf(1).slice(20));
  expect(ownsOf(source)).toEqual([1, 'later']);
});

it('refuses a file that is something else', () => {
  writeFileSync(file, 'hello\nworld\n');
  expect(() => ownsOf(open({ node: null, copiesMax: 0 }))).toThrow(
    `${file}:1: this is not JSON: "hello"`,
  );
});
