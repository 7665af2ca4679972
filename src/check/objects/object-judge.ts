/** One history of an object, judged model by model. */
import type { History } from '../../history/history.js';
import type { Stages } from '../budget.js';
import { Narrator } from '../evidence/narrator.js';
import { decided, type ModelVerdict, unknownBecause, worst } from '../finding.js';
import type { JudgedModel } from '../judge.js';
import type { ModelName, Traits } from '../models.js';
import { judgeBank, linearizableBank } from './bank.js';
import { callsByKey, type JudgeCalls, type ObjectCall } from './calls.js';
import { judgeCounter, linearizableCounter } from './counter.js';
import { linearizableQueue } from './fifo.js';
import { judgeList, linearizableList } from './list.js';
import { judgeMutex, judgeOwnedMutex, judgeReentrantMutex } from './lock.js';
import { foreignTo, type ObjectName, type ObjectType, objects } from './objects.js';
import { judgeQueue, judgeTotalQueue } from './queue.js';
import { judgeSet, linearizableSet } from './set.js';
import { judgeUniqueIds } from './unique-ids.js';

const judges: Readonly<Record<ObjectName, Readonly<Partial<Record<ModelName, JudgeCalls>>>>> = {
  set: { linearizable: linearizableSet, set: judgeSet },
  list: { linearizable: linearizableList, list: judgeList },
  counter: { linearizable: linearizableCounter, counter: judgeCounter },
  bank: { linearizable: linearizableBank, bank: judgeBank },
  queue: { linearizable: linearizableQueue, queue: judgeQueue, 'total-queue': judgeTotalQueue },
  lock: {
    'owned-mutex': judgeOwnedMutex,
    'reentrant-mutex': judgeReentrantMutex,
    mutex: judgeMutex,
    linearizable: judgeMutex,
  },
  'unique-ids': { 'unique-ids': judgeUniqueIds },
};

export class ObjectJudge {
  readonly history: History;
  readonly traits: Traits = { hasTransactions: false, hasReplacements: false };
  readonly type: ObjectType;
  readonly #name: ObjectName;
  readonly #narrator: Narrator;
  readonly #stages: Stages;
  readonly #foreign: readonly string[];
  readonly #calls: readonly ObjectCall[][];

  constructor(history: History, name: ObjectName, stages: Stages) {
    this.history = history;
    this.type = objects[name];
    this.#name = name;
    this.#stages = stages;
    this.#calls = callsByKey(history);
    this.#narrator = new Narrator(history, this.#calls.length > 1);
    this.#foreign = foreignTo(name, history);
  }

  judge(model: ModelName): JudgedModel {
    return { judgement: this.#judge(model), follows: null };
  }

  #judge(model: ModelName): ModelVerdict {
    const { noun, models, otherModels } = this.type;
    const judgeCalls = judges[this.#name][model];
    if (judgeCalls === undefined) {
      return unknownBecause(
        `a ${noun} is judged by ${[...models, ...otherModels].join(', ')} only`,
      );
    }
    if (this.#foreign.length > 0) {
      return unknownBecause(`there is also ${this.#foreign.join(', ')}, which no ${noun} has`);
    }
    const budget = this.#stages.begin(model, 0.5);
    const judgements = this.#calls.map((calls) =>
      decided(() => judgeCalls(this.#narrator, calls, budget)),
    );
    // Of a single key what is worth knowing, too.
    const [only = unknownBecause('there is nothing to judge'), ...others] = judgements;
    return others.length === 0 ? only : worst(judgements);
  }
}
