/** A context that only remembers, for testing one part of a replica by itself. */
import type { NodeId } from '../../../core/ids.js';
import { SeededRandom } from '../../../core/random.js';
import type { Ctx, Message } from '../messages.js';
import type { DurableRecord } from '../records.js';
import { wallClockStart } from './cluster.js';

export class TestContext implements Ctx {
  readonly self: NodeId = 'n1';
  readonly peers: readonly NodeId[] = ['n2', 'n3'];
  readonly random = new SeededRandom(1);
  now = 0;
  wallClock = wallClockStart;
  readonly records: DurableRecord[] = [];
  readonly sent: { readonly to: NodeId; readonly message: Message }[] = [];

  persist(record: DurableRecord): void {
    this.records.push(record);
  }

  send(to: NodeId, message: Message): void {
    this.sent.push({ to, message });
  }

  sendUnsynced(to: NodeId, message: Message): void {
    this.send(to, message);
  }

  reply(): void {}
  setTimer(): void {}
  cancelTimer(): void {}
  tell(): void {}
}
