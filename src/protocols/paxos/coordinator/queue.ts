/** Commands at the coordinator that wait for a slot, first come first served; each of them once. */

import type { NodeId } from '../../../core/ids.js';
import { TransientMap, TransientSet } from '../../../core/transient.js';
import { firstOf } from '../../shared/batches.js';
import { type Batch, type Command, commandBytes, commandsPerBatchMax } from '../command.js';
import { bounds } from '../options.js';

export class CommandQueue {
  readonly #commands: Command[] = [];
  #bytes = 0;
  /** Stamps of what waits or is proposed, until it is executed: forwarded again, it is not taken again. */
  readonly #known = new TransientMap<string, TransientSet<number>>();

  get size(): number {
    return this.#commands.length;
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
    if (this.#commands.length === 0) return null;
    const { items: commands } = firstOf(this.#commands.slice(0, commandsPerBatchMax), commandBytes);
    this.#commands.splice(0, commands.length);
    for (const command of commands) this.#bytes -= commandBytes(command);
    return { proposer, commands };
  }

  onExecuted({ client, sequence }: Command): void {
    const known = this.#known.get(client);
    if (known === undefined || !known.delete(sequence)) return;
    if (known.size === 0) this.#known.delete(client);
  }
}
