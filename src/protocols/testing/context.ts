import type { Millis, NodeId, RequestId } from '../../core/ids.js';
import type { ClientResult } from '../../core/operation.js';
import { SeededRandom } from '../../core/random.js';
import type { Context, ProtocolTypes } from '../../core/replica.js';

/** A context that only remembers, for testing a replica or a part of it by itself. */
export class TestContext<P extends ProtocolTypes> implements Context<P> {
  readonly self: NodeId = 'n1';
  readonly peers: readonly NodeId[] = ['n2', 'n3'];
  readonly random = new SeededRandom(1);
  failRate: number | null = null;
  now: Millis = 0;
  wallClock: Millis = 1_800_000_000_000;
  readonly records: P['record'][] = [];
  readonly sent: { readonly to: NodeId; readonly message: P['message'] }[] = [];
  readonly replies: { readonly request: RequestId; readonly result: ClientResult }[] = [];

  persist(record: P['record']): void {
    this.records.push(record);
  }

  send(to: NodeId, message: P['message']): void {
    this.sent.push({ to, message });
  }

  sendUnsynced(to: NodeId, message: P['message']): void {
    this.send(to, message);
  }

  reply(request: RequestId, result: ClientResult): void {
    this.replies.push({ request, result });
  }

  replyUnsynced(request: RequestId, result: ClientResult): void {
    this.reply(request, result);
  }

  setTimer(): void {}
  cancelTimer(): void {}
  tell(): void {}
}
