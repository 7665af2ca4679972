/** What clients see of faults: a node that is killed and starts again, and one that is cut off. */
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { describe, expect, it } from 'vitest';
import type { ModeName, RedisSandbox } from './redis-sandbox.js';

/** What a node that is cut off says of a write: that it was not done, or that it may have been. */
const refusals: Partial<Record<ModeName, RegExp>> = {
  '2pc': /^UNAVAIL no worker of the pool/,
  paxos: /^UNKNOWN not chosen in time; it may still be/,
};

export function faultCases(sandbox: RedisSandbox, mode: ModeName): void {
  describe('faults', () => {
    it('clients find a node again that was killed', async () => {
      const io = new Redis(sandbox.port());
      const node = createClient({ socket: { port: sandbox.port() } });
      io.on('error', () => {});
      node.on('error', () => {});
      await node.connect();
      await io.set('survives', 'yes');
      const lost = Promise.all([
        new Promise((resolve) => io.once('close', resolve)),
        new Promise((resolve) => node.once('reconnecting', resolve)),
      ]);
      sandbox.must(['node', 'kill', 'n1']);
      await lost;
      // Asked while nobody is there: both keep it until they are back.
      const asked = [io.get('survives'), node.get('survives')];
      sandbox.must(['node', 'restart', 'n1']);
      expect(await Promise.all(asked)).toEqual(['yes', 'yes']);
      io.disconnect();
      node.destroy();
    });

    const refusal = refusals[mode];
    it.runIf(refusal !== undefined)('programs can tell what surely did not happen', async () => {
      const io = new Redis(sandbox.port());
      const node = await createClient({ socket: { port: sandbox.port() } }).connect();
      await Promise.all([io.set('cut', 'off'), node.ping()]);
      sandbox.must(['fault', 'isolate', 'n1']);
      const said = (asked: Promise<unknown>) =>
        asked.then(
          () => 'done',
          (error: Error) => error.message,
        );
      const both = await Promise.all([said(io.set('io', 'x')), said(node.set('node', 'x'))]);
      const refused = expect.stringMatching(refusal ?? /^$/);
      expect(both).toEqual([refused, refused]);
      sandbox.must(['fault', 'heal']);
      io.disconnect();
      node.destroy();
    });
  });
}
