/** What a simulated client asks, and when: drawn as it goes, or decided beforehand. */

import { naturalLog } from '../core/alike.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { ClientResult, DataOperation } from '../core/operation.js';
import type { Random } from '../core/random.js';
import { OperationGenerator } from '../workload/generator.js';
import type { AskedOperation } from './decisions.js';
import type { Workload } from './workload.js';

export interface OperationSource {
  /** When the next one is asked, which may be past; `null`: none is. */
  nextAt(now: Millis): Millis | null;
  /** That one. `home` counts the nodes that did not answer. */
  take(nodes: readonly NodeId[], home: number): Omit<AskedOperation, 'client' | 'atMs'>;
  saw(operation: DataOperation, result: ClientResult): void;
}

export class DrawnOperations implements OperationSource {
  readonly #workload: Workload;
  readonly #random: Random;
  readonly #generator: OperationGenerator;
  /** The key of the last operation; `null`: it had several, or there was none. */
  #last: Key | null = null;
  /** The key to look at once more. */
  #again: Key | null = null;

  constructor(workload: Workload, index: number, random: Random) {
    this.#workload = workload;
    this.#random = random;
    this.#generator = new OperationGenerator(workload, `c${index}`, random);
  }

  nextAt(now: Millis): Millis {
    const { thinkMsMean, burstMs, rereading } = this.#workload;
    this.#again = this.#random.chance(rereading) ? this.#last : null;
    const askAt = now - thinkMsMean * naturalLog(1 - this.#random.next());
    if (this.#again !== null) return now;
    return burstMs === 0 ? askAt : Math.ceil(askAt / burstMs) * burstMs;
  }

  take(nodes: readonly NodeId[], home: number): Omit<AskedOperation, 'client' | 'atMs'> {
    const { readLevels, writeLevels, roaming } = this.#workload;
    const again = this.#again;
    const operation =
      again === null ? this.#generator.next() : ({ type: 'get', key: again } as const);
    this.#last = operation.type === 'txn' ? null : operation.key;
    const level = this.#random.pick(operation.type === 'get' ? readLevels : writeLevels);
    const roams = again !== null || this.#random.chance(roaming);
    const start = roams ? this.#random.below(nodes.length) : home;
    return { operation, level, node: nodes[start % nodes.length] as NodeId };
  }

  saw(operation: DataOperation, result: ClientResult): void {
    this.#generator.saw(operation, result);
  }
}

export class DecidedOperations implements OperationSource {
  readonly #operations: readonly AskedOperation[];
  #asked = 0;

  /** Those of one client, in the order of their time. */
  constructor(operations: readonly AskedOperation[]) {
    this.#operations = operations;
  }

  nextAt(): Millis | null {
    return this.#operations[this.#asked]?.atMs ?? null;
  }

  take(): AskedOperation {
    const next = this.#operations[this.#asked] as AskedOperation;
    this.#asked++;
    return next;
  }

  saw(): void {}
}
