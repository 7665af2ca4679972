/** Commands at the coordinator that wait for a slot, first come first served; each of them once. */

import type { NodeId } from '../../../core/ids.js';
import { batchBytesTarget } from '../../../core/limits.js';
import { firstOf } from '../../shared/batches.js';
import {
  type Batch,
  type Command,
  commandBytes,
  commandsPerBatchMax,
  newBatch,
} from '../command.js';
import { bounds } from '../options.js';
import { ByStamp } from '../stamps.js';

export class CommandQueue {
  #commands: Command[] = [];
  #bytes = 0;
  /** What waits or is proposed, until it is executed: forwarded again, it is not taken again. */
  readonly #known = new ByStamp<Command>();

  get size(): number {
    return this.#commands.length;
  }

  offer(command: Command): 'taken' | 'known' | 'full' {
    const { client, sequence } = command;
    if (this.#known.get(client, sequence) !== null) return 'known';
    const bytes = commandBytes(command);
    if (this.size >= bounds.queueMax || this.#bytes + bytes > bounds.queueBytesMax) return 'full';
    this.#known.add(client, sequence, command);
    this.#commands.push(command);
    this.#bytes += bytes;
    return 'taken';
  }

  /** As much as fits one batch; `null` when nothing waits. */
  take(proposer: NodeId): Batch | null {
    const waiting = this.#commands;
    if (waiting.length === 0) return null;
    if (waiting.length <= commandsPerBatchMax && this.#bytes <= batchBytesTarget) {
      this.#commands = [];
      this.#bytes = 0;
      return newBatch({ proposer, commands: waiting });
    }
    const { items: commands } = firstOf(waiting.slice(0, commandsPerBatchMax), commandBytes);
    waiting.splice(0, commands.length);
    for (const command of commands) this.#bytes -= commandBytes(command);
    return newBatch({ proposer, commands });
  }

  onExecuted({ client, sequence }: Command): void {
    this.#known.delete(client, sequence);
  }
}
