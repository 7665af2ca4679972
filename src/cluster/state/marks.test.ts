import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { forgetMark, giveOrder, JournalMark, orderDone, orderFor, readMark } from './marks.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kvx-marks-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => join(folder, 'marks', 'n1');
const at = (segment: number, bytes: number) => ({ segment, bytes });

function mark(isSynced = true): JournalMark {
  const made = new JournalMark(folder, 'n1', isSynced);
  made.begin(2, at(1, 10));
  return made;
}

describe('a mark', () => {
  test('is the newest, also after the node was killed', () => {
    expect(readMark(folder, 'n1', true)).toBeNull();
    const first = mark();
    for (let bytes = 11; bytes <= 99; bytes++) first.note(at(1, bytes));
    // Not closed.
    expect(readMark(folder, 'n1', true)).toEqual({ incarnation: 2, end: at(1, 99) });
    const next = new JournalMark(folder, 'n1', true);
    next.begin(3, at(1, 99));
    next.note(at(2, 20));
    expect(readMark(folder, 'n1', true)).toEqual({ incarnation: 3, end: at(2, 20) });
    next.close();
    first.close();
  });

  test('torn anywhere is the one before', () => {
    const torn = mark();
    torn.note(at(1, 50));
    torn.note(at(1, 60));
    torn.close();
    const whole = readFileSync(file());
    for (let place = 0; place < whole.length; place++) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(bytes.readUInt8(place) ^ 0x55, place);
      writeFileSync(file(), bytes);
      expect([50, 60]).toContain(readMark(folder, 'n1', true)?.end.bytes);
    }
    writeFileSync(file(), Buffer.alloc(whole.length));
    expect(readMark(folder, 'n1', true)).toBeNull();
  });

  test('of a log that is not synced is exact when the node stops, and only then', () => {
    const lagging = mark(false);
    for (let bytes = 11; bytes <= 99; bytes++) lagging.note(at(1, bytes));
    expect(readMark(folder, 'n1', false)?.end.bytes).toBeLessThan(99);
    lagging.close();
    expect(readMark(folder, 'n1', false)?.end.bytes).toBe(99);
  });

  test('goes with its node, and so does an order to begin anew', () => {
    mark().close();
    giveOrder(folder, 'n1', { type: 'new' });
    expect(orderFor(folder, 'n1')).toEqual({ type: 'new' });
    orderDone(folder, 'n1');
    expect(orderFor(folder, 'n1')).toBeNull();
    giveOrder(folder, 'n1', { type: 'rejoin', removal: null });
    forgetMark(folder, 'n1');
    expect([readMark(folder, 'n1', true), orderFor(folder, 'n1')]).toEqual([null, null]);
  });
});
