/** Commands at the coordinator that wait for a slot, first come first served; each of them once. */

import type { NodeId } from '../../../core/ids.js';
import { batchBytesTarget } from '../../../core/limits.js';
import { TransientMap, TransientSet } from '../../../core/transient.js';
import { type Batch, type Command, commandBytes, commandsPerBatchMax } from '../command.js';
import { bounds } from '../options.js';

export class CommandQueue {
  #commands: Command[] = [];
  #head = 0;
  #bytes = 0;
  /** Stamps of what waits or is proposed, until it is executed: forwarded again, it is not taken again. */
  readonly #known = new TransientMap<string, TransientSet<number>>();

  get size(): number {
    return this.#commands.length - this.#head;
  }

  offer(command: Command): 'taken' | 'known' | 'full' {
    const known = this.#known.get(command.client);
    if (known?.has(command.sequence)) return 'known';
    const bytes = commandBytes(command);
    if (this.size >= bounds.queueMax || this.#bytes + bytes > bounds.queueBytesMax) return 'full';
    if (known === undefined) this.#known.set(command.client, new TransientSet([command.sequence]));
    else known.add(command.sequence);
    this.#commands.push(command);
    this.#bytes += bytes;
    return 'taken';
  }

  /** As much as fits one batch; `null` when nothing waits. */
  take(proposer: NodeId): Batch | null {
    const start = this.#head;
    let bytes = 0;
    while (
      this.#head < this.#commands.length &&
      this.#head - start < commandsPerBatchMax &&
      bytes < batchBytesTarget
    ) {
      bytes += commandBytes(this.#commands[this.#head] as Command);
      this.#head += 1;
    }
    if (this.#head === start) return null;
    const commands = this.#commands.slice(start, this.#head);
    this.#bytes -= bytes;
    if (this.#head * 2 >= this.#commands.length) {
      this.#commands = this.#commands.slice(this.#head);
      this.#head = 0;
    }
    return { proposer, commands };
  }

  onExecuted({ client, sequence }: Command): void {
    const known = this.#known.get(client);
    if (known === undefined || !known.delete(sequence)) return;
    if (known.size === 0) this.#known.delete(client);
  }
}
