/**
 * Commands of one key that would be in each other's way, by all clients of a node. One of them is under way for a key; those
 * that come meanwhile wait, and are then applied one after the other and written as one: the more wait, the less each costs,
 * where otherwise most attempts would be in vain (Hendler et al., Flat Combining and the Synchronization-Parallelism Tradeoff,
 * SPAA 2010). Nodes still compete with each other.
 *
 * What was written last is what the next will find, most likely: it is not read again, but must be there when that writes.
 */
import { timeoutMsDefault } from '../client/client.js';
import type { OperationSink } from '../client/pending-operation.js';
import type { Millis } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { ClientResult, DataOperation } from '../core/operation.js';
import { RequestSource } from '../runtime/request-queue.js';
import type { RespNode, Values } from './command.js';
import { replyToError } from './failures.js';
import { clientOf } from './node-client.js';
import { type OptimisticClient, OptimisticRun, type OptimisticTask } from './optimistic.js';
import { errorReply, ok, type RespReply } from './replies.js';

/** Commands that are written as one. */
const togetherMax = 256;

/** What a key holds after a command; `undefined`: that is not known. */
type Left = Uint8Array | null | undefined;

export interface KeyTask extends OptimisticTask {
  /** The one that is all of it, if nothing else is to be done with the key; `null`: there is none. */
  readonly operation: DataOperation | null;
  /** The end of it, when it was that. */
  settled(result: ClientResult): void;
}

interface Waiting {
  readonly asker: OptimisticClient;
  readonly task: KeyTask;
  readonly deadline: Millis;
}

const turnsOfNodes = new WeakMap<RespNode, KeyTurns>();

export class KeyTurns {
  readonly #node: RespNode;
  /** Whoever waits for a key that has something under way. */
  readonly #lines = new Map<Key, Waiting[]>();
  /** Asks for several clients at once, so that none of them can take the others with it when it goes. */
  #forSeveral: OptimisticClient | null = null;

  static of(node: RespNode): KeyTurns {
    const known = turnsOfNodes.get(node);
    if (known !== undefined) return known;
    const turns = new KeyTurns(node);
    turnsOfNodes.set(node, turns);
    return turns;
  }

  private constructor(node: RespNode) {
    this.#node = node;
  }

  /** `task` is about this key only. */
  add(key: Key, asker: OptimisticClient, task: KeyTask): void {
    const one = { asker, task, deadline: this.#node.timing.now() + timeoutMsDefault };
    const line = this.#lines.get(key);
    if (line !== undefined) {
      line.push(one);
      return;
    }
    this.#lines.set(key, []);
    this.#begin(key, [one], new Map());
  }

  #begin(key: Key, all: readonly Waiting[], found: ReadonlyMap<Key, Uint8Array | null>): void {
    const [{ asker, task, deadline }] = all as [Waiting];
    if (all.length === 1 && task.operation !== null) {
      const { client, level, session } = asker;
      client.submit(task.operation, { level, session }, this.#toOne, { key, task });
      return;
    }
    const tasks = all.map(({ task }) => task);
    const together = new Together(tasks, (left) => this.#next(key, left));
    const by = all.length === 1 ? asker : this.#own();
    new OptimisticRun(by, together, { deadline, found }).begin();
  }

  #next(key: Key, left: Left): void {
    const line = this.#lines.get(key) as Waiting[];
    const now = this.#node.timing.now();
    while ((line[0]?.deadline ?? now + 1) <= now) {
      const { task } = line.shift() as Waiting;
      task.end(errorReply(`UNAVAIL ${task.name} was not begun: others of its key took too long`));
    }
    if (line.length === 0) this.#lines.delete(key);
    else
      this.#begin(
        key,
        line.splice(0, togetherMax),
        new Map(left === undefined ? [] : [[key, left]]),
      );
  }

  readonly #toOne: OperationSink<{ readonly key: Key; readonly task: KeyTask }> = {
    settled: ({ key, task }, result) => {
      task.settled(result);
      this.#next(key, undefined);
    },
  };

  #own(): OptimisticClient {
    const node = this.#node;
    this.#forSeveral ??= {
      ...{ client: clientOf(node, new RequestSource()), session: null, node },
      level: 'linearizable',
    };
    return this.#forSeveral;
  }
}

/** Several commands about one key as if they were one, that has a reply for each. */
class Together implements OptimisticTask {
  readonly name: string;
  readonly #tasks: readonly OptimisticTask[];
  readonly #done: (left: Left) => void;
  #left: Left;
  #replies: readonly RespReply[] = [];

  constructor(tasks: readonly OptimisticTask[], done: (left: Left) => void) {
    this.name = (tasks[0] as OptimisticTask).name;
    this.#tasks = tasks;
    this.#done = done;
  }

  apply(values: Values): RespReply {
    const watched: Values = {
      get: (key) => {
        this.#left = values.get(key);
        return this.#left;
      },
      set: (key, value) => {
        values.set(key, value);
        this.#left = value;
      },
    };
    this.#replies = this.#tasks.map((task) => replyOf(task, watched));
    return ok;
  }

  end(reply: RespReply): void {
    const isDone = reply === ok;
    for (const [at, task] of this.#tasks.entries()) {
      task.end(isDone ? (this.#replies[at] as RespReply) : reply);
    }
    this.#done(isDone ? this.#left : undefined);
  }
}

function replyOf(task: OptimisticTask, values: Values): RespReply {
  try {
    return task.apply(values);
  } catch (error) {
    return replyToError(error);
  }
}
