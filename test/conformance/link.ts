/** What every {@link Link} promises, whatever carries it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeId } from '../../src/core/ids.js';
import * as wire from '../../src/core/wire.js';
import type { Link } from '../../src/runtime/ports.js';

export interface Note {
  readonly type: string;
  readonly n: number;
  readonly body: Uint8Array;
}

/** So many that each may have rules of its own. */
export const noteTypes = ['note', ...Array.from({ length: 100 }, (_, at) => `note${at}`)];

const fields = { n: wire.count, body: wire.value };
export const note: wire.Shape<Note> = wire.union(
  Object.fromEntries(noteTypes.map((type) => [type, fields])),
);

export interface LinkUnderTest extends Link<Note> {
  readonly lostCount: number;
}

/** The nodes `a` and `b`, and what carries messages between them. */
export interface LinkWorld {
  /** Starts a node, or starts it anew after a crash. */
  start(node: NodeId): Promise<LinkUnderTest>;
  /** Ends a node's link and everything around it, as the end of its process would. */
  crash(node: NodeId): Promise<void>;
  /** Puts a peer in `node`'s place that never reads; resolves when the other node is connected to it. */
  deafen(node: NodeId): Promise<void>;
  /** Sends bytes that are no frame to `node`, as if they came from its peer. */
  garble(node: NodeId): void;
  close(): Promise<void>;
}

/** Waits until `condition` holds; fails loudly when it never does. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const empty = new Uint8Array();
const notes = (from: number, count: number, body = empty): Note[] =>
  Array.from({ length: count }, (_, at) => ({ type: 'note', n: from + at, body }));

export function linkConformance(name: string, makeWorld: () => Promise<LinkWorld>): void {
  describe(name, () => {
    let world: LinkWorld;
    beforeEach(async () => {
      world = await makeWorld();
    });
    afterEach(() => world.close());

    /** Starts a node that keeps what it hears. */
    const start = async (node: NodeId) => {
      const heard: Note[] = [];
      const link = await world.start(node);
      link.onReceive((_, messages) => heard.push(...messages));
      return { link, heard };
    };

    /** Sends note 0 until it arrives: from then on the two are connected. */
    const connected = async (link: LinkUnderTest, heard: Note[], to: NodeId) => {
      await until(() => {
        if (heard.length === 0) link.send(to, notes(0, 1));
        return heard.length > 0;
      }, `${to} hears its peer`);
      // What else is still on its way of the attempts before.
      link.send(to, notes(1, 1));
      await until(() => heard.some(({ n }) => n === 1), `${to} hears the end of the attempts`);
      heard.length = 0;
    };

    it('delivers batches whole and in the order sent, both ways, and says from whom', async () => {
      const [a, b] = [await start('a'), await start('b')];
      const senders: NodeId[] = [];
      await connected(a.link, b.heard, 'b');
      await connected(b.link, a.heard, 'a');
      b.link.onReceive((from, messages) => {
        senders.push(from);
        b.heard.push(...messages);
      });
      for (let batch = 0; batch < 200; batch++) {
        a.link.send('b', notes(batch * 5, 5));
        b.link.send('a', notes(batch * 5, 5));
      }
      await until(() => a.heard.length + b.heard.length >= 2000, '2000 notes');
      const inOrder = Array.from({ length: 1000 }, (_, at) => at);
      expect(b.heard.map(({ n }) => n)).toEqual(inOrder);
      expect(a.heard.map(({ n }) => n)).toEqual(inOrder);
      expect(new Set(senders)).toEqual(new Set(['a']));
    });

    it('splits a batch that is too large for one frame, and joins nothing that was apart', async () => {
      const [a, b] = [await start('a'), await start('b')];
      await connected(a.link, b.heard, 'b');
      const body = new Uint8Array(1024 * 1024).fill(7);
      a.link.send('b', notes(10, 9, body));
      await until(() => b.heard.length >= 9, 'nine large notes');
      expect(b.heard.map(({ n }) => n)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18]);
      expect(b.heard.every(({ body: got }) => Buffer.from(got).equals(body))).toBe(true);
    });

    it('never throws for a peer that is away, unknown or dead', async () => {
      const a = await start('a');
      a.link.send('b', notes(0, 3));
      a.link.send('nobody', notes(0, 3));
      await until(() => a.link.lostCount === 2, 'both are counted');
      const b = await start('b');
      await connected(a.link, b.heard, 'b');
      await world.crash('b');
      for (let batch = 0; batch < 1000; batch++) a.link.send('b', notes(batch, 1));
      const before = a.link.lostCount;
      await until(() => {
        a.link.send('b', notes(0, 1));
        return a.link.lostCount > before;
      }, 'a notices that b is gone');
    });

    it('delivers and sends nothing after close', async () => {
      const [a, b] = [await start('a'), await start('b')];
      await connected(a.link, b.heard, 'b');
      await connected(b.link, a.heard, 'a');
      b.link.close();
      b.link.send('a', notes(0, 5));
      for (let batch = 0; batch < 50; batch++) a.link.send('b', notes(batch, 1));
      const before = a.link.lostCount;
      await until(() => {
        a.link.send('b', notes(0, 1));
        return a.link.lostCount > before;
      }, 'a notices that b has closed');
      expect(a.heard).toEqual([]);
      expect(b.heard).toEqual([]);
    });

    it('finds a peer that crashed and came back, in both directions', async () => {
      const a = await start('a');
      for (let round = 0; round < 3; round++) {
        const b = await start('b');
        await connected(a.link, b.heard, 'b');
        await connected(b.link, a.heard, 'a');
        await world.crash('b');
      }
    });

    it('holds back a bounded amount for a peer that does not read, and loses the rest', async () => {
      const a = await start('a');
      await world.deafen('b');
      const body = new Uint8Array(1024 * 1024);
      const before = a.link.lostCount;
      for (let n = 0; n < 100; n++) a.link.send('b', notes(n, 1, body));
      const lost = (): number => a.link.lostCount - before;
      // Of a hundred some 16 wait, and a few more are on their way in the system's own buffers.
      await until(() => lost() > 60, 'most are lost');
      expect(lost()).toBeLessThan(90);
    });

    it('loses nothing to a peer that is not read for a while, and says that it waits', async () => {
      const [a, b] = [await start('a'), await start('b')];
      await connected(a.link, b.heard, 'b');
      b.link.hold('a', true);
      const body = new Uint8Array(256 * 1024);
      const count = 40;
      const before = a.link.lostCount;
      for (let n = 0; n < count; n++) a.link.send('b', notes(n, 1, body));
      await until(() => a.link.bytesWaiting > 4 * 1024 * 1024, 'most of it waits at the sender');
      let relieved = 0;
      a.link.onRelief(() => relieved++);
      b.link.hold('a', false);
      await until(() => b.heard.length === count, 'all arrive');
      expect(b.heard.map(({ n }) => n)).toEqual(Array.from({ length: count }, (_, n) => n));
      await until(() => a.link.bytesWaiting === 0 && relieved > 0, 'nothing waits any more');
      expect(a.link.lostCount).toBe(before);
    });

    it('gives up a stream that is no stream of frames, and lives', async () => {
      const [a, b] = [await start('a'), await start('b')];
      await connected(a.link, b.heard, 'b');
      await connected(b.link, a.heard, 'a');
      world.garble('b');
      await world.crash('a');
      const again = await start('a');
      await connected(again.link, b.heard, 'b');
    });
  });
}
