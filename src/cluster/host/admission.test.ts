import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { damaged } from '../../runtime/journal/journal-errors.js';
import type { Recovery } from '../../runtime/ports.js';
import { makePrivateFolder } from '../state/files.js';
import { giveOrder } from '../state/marks.js';
import { type Cluster, dataFolder } from '../state/state.js';
import { admit, explained } from './admission.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kvx-admit-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fresh: Recovery = {
  end: { segment: 0, bytes: 0 },
  isFresh: true,
  previousIncarnation: 0,
  incarnation: 4,
  cuts: [],
};
const evidence = { mark: null, seen: 3 };

/** Of these nodes, those `withData` have a journal. */
function cluster(mode: string, nodes: readonly string[], withData: readonly string[]): Cluster {
  for (const node of withData) {
    makePrivateFolder(dataFolder(folder, node));
    writeFileSync(join(dataFolder(folder, node), '00000001.wal'), '');
  }
  return { record: { name: 'dev', mode, nodes }, folder, sockets: '' } as unknown as Cluster;
}

function hintFor(mode: string, nodes: readonly string[], withData: readonly string[]): unknown {
  try {
    return admit(cluster(mode, nodes, withData), 'n2', fresh, evidence).note;
  } catch (error) {
    return (error as { hint?: string }).hint;
  }
}

describe('a node that lost its data', () => {
  const three = ['n1', 'n2', 'n3'];

  test.each([
    ['paxos', three, ['n1', 'n3'], /`kvx node rejoin n2`/],
    ['paxos', three, ['n3'], /too few others have data to copy from\. .*--fresh/],
    ['2pc', three, ['n1', 'n3'], /`kvx node rejoin n2`/],
    ['2pc', ['n2', 'n1', 'n3'], ['n1', 'n3'], /n2 coordinates, and nobody else knows/],
    ['2pc', ['n1', 'n2'], ['n1'], /too few others/],
    ['quorum', three, ['n1', 'n3'], /n2 has lost its data.*: it copies from the others/],
    ['quorum', three, ['n1'], /too few others/],
    ['gossip', three, ['n3'], /: it copies from the others/],
    ['gossip', three, [], /no other node has data to copy from/],
    ['gossip', ['n2'], [], /n2 is the only node/],
  ] as const)('in %s, %j, of which %j have theirs', (mode, nodes, withData, says) => {
    expect(hintFor(mode, nodes, withData)).toMatch(says);
  });

  test('begins anew where that was ordered, and is new where it was never a member', () => {
    const removal = { stamp: 7, existed: true };
    const those = cluster('paxos', three, ['n1', 'n3']);
    giveOrder(folder, 'n2', { type: 'rejoin', removal });
    expect(admit(those, 'n2', fresh, evidence).rejoin).toEqual({ incarnation: 4, removal });
    giveOrder(folder, 'n2', { type: 'new' });
    expect(admit(those, 'n2', fresh, evidence)).toEqual({ rejoin: null, note: null });
  });

  test('of which some files are damaged hears of the way out, too', () => {
    const those = cluster('paxos', three, ['n1', 'n3']);
    const disk = { place: '/data/n2' } as unknown as Parameters<typeof damaged>[0];
    const damage = damaged(disk, '00000001.wal', 9, 'a frame');
    expect(explained(those, 'n2', damage)).toMatchObject({
      message: expect.stringContaining(
        "n2 can't use its data: 00000001.wal in /data/n2 is damaged",
      ),
      hint: expect.stringContaining('kvx node rejoin n2'),
    });
  });
});
