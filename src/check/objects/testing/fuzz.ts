import type { Random } from '../../../core/random.js';
import { type Budget, unlimited } from '../../budget.js';
import { Narrator } from '../../evidence/narrator.js';
import type { ModelVerdict } from '../../finding.js';
import { linearizableBank } from '../bank.js';
import { callsByKey, type ObjectCall } from '../calls.js';
import { judgeCounter, linearizableCounter } from '../counter.js';
import { linearizableQueue } from '../fifo.js';
import { judgeList, linearizableList } from '../list.js';
import { judgeMutex, judgeOwnedMutex, judgeReentrantMutex } from '../lock.js';
import { judgeQueue, judgeTotalQueue } from '../queue.js';
import { judgeSet, linearizableSet } from '../set.js';
import * as define from './definitions.js';
import * as ask from './random-object.js';

type Judge = (narrator: Narrator, calls: readonly ObjectCall[], budget: Budget) => ModelVerdict;

interface Fuzzer {
  readonly judge: Judge;
  readonly define: (
    calls: readonly ObjectCall[],
    demanded?: (call: ObjectCall) => boolean,
  ) => define.Answer;
  /** A new one for each history. */
  readonly asker: () => Parameters<typeof ask.randomObject>[2];
  readonly processes?: number;
  /** Whether the operations of a core are impossible whichever of the others happened; and if so, whenever. */
  readonly cores: 'whichever happened' | 'whenever they happened' | 'not checked';
}

const asAnswer = (isSo: boolean): define.Answer => (isSo ? 'holds' : 'violated');
/** All from which six transfers of at most 2 can lead to what is read, whose total is 3 or 4. */
const beginnings = Array.from({ length: 30 }, (_, at) => at - 13).flatMap((a) =>
  [3, 4].map((total) => ({ a, b: total - a })),
);

const linearizable = (
  judge: Judge,
  asker: Fuzzer['asker'],
  isSo: (calls: readonly ObjectCall[], demanded?: (call: ObjectCall) => boolean) => boolean,
  processes?: number,
): Fuzzer => ({
  ...{ judge, asker, cores: 'whenever they happened' },
  define: (calls, demanded) => asAnswer(isSo(calls, demanded)),
  ...(processes === undefined ? {} : { processes }),
});

const defined = (judge: Judge, asker: Fuzzer['asker'], definition: Fuzzer['define']): Fuzzer => ({
  judge,
  asker,
  define: definition,
  cores: 'not checked',
});

export const objectFuzzers: Readonly<Record<string, Fuzzer>> = {
  'linearizable set': linearizable(
    linearizableSet,
    () => ask.askSet(3),
    (calls, demanded) => define.isLinearizable(calls, [], define.setStep, demanded),
  ),
  'linearizable list': linearizable(linearizableList, ask.askList, (calls, demanded) =>
    define.isLinearizable(calls, [], define.listStep, demanded),
  ),
  'linearizable counter': linearizable(
    linearizableCounter,
    () => ask.askCounter([1, 2, -1]),
    (calls, demanded) => define.isLinearizable(calls, 0, define.counterStep, demanded),
  ),
  'linearizable bank': linearizable(
    linearizableBank,
    () => ask.askBank,
    (calls, demanded) => define.isLinearizableBank(calls, beginnings, demanded),
  ),
  'linearizable queue': linearizable(
    linearizableQueue,
    () => ask.askQueue(0),
    (calls, demanded) =>
      define.isLinearizable(define.drainsAsDequeues(calls), [], define.queueStep, demanded),
  ),
  'linearizable queue whose values repeat': linearizable(
    linearizableQueue,
    () => ask.askQueue(2),
    (calls, demanded) =>
      define.isLinearizable(define.drainsAsDequeues(calls), [], define.queueStep, demanded),
  ),
  // Its cores say how many can have come between, which those that came before can't have.
  lock: {
    ...linearizable(
      judgeMutex,
      () => ask.askLock,
      (calls, demanded) => define.isLinearizable(calls, false, define.mutexStep, demanded),
    ),
    cores: 'whichever happened',
  },
  'lock with owners': {
    ...linearizable(
      judgeOwnedMutex,
      ask.askOwnedLock,
      (calls, demanded) =>
        define.isLinearizable<number | 'free'>(calls, 'free', define.ownedStep, demanded),
      2,
    ),
    cores: 'whichever happened',
  },
  'reentrant lock': linearizable(
    judgeReentrantMutex,
    ask.askOwnedLock,
    (calls, demanded) => define.isLinearizable(calls, [], define.reentrantStep, demanded),
    2,
  ),
  set: defined(
    judgeSet,
    () => ask.askSet(3),
    (calls) => define.growing(calls, 'set'),
  ),
  list: defined(judgeList, ask.askList, (calls) => define.growing(calls, 'list')),
  counter: defined(judgeCounter, () => ask.askCounter([1, 2, -1]), define.counterBounds),
  'total queue': defined(judgeTotalQueue, () => ask.askQueue(0), define.totalQueue),
  queue: defined(judgeQueue, () => ask.askQueue(2), define.queueSources),
};

export interface FuzzReport {
  readonly failures: readonly string[];
  readonly holds: number;
  readonly violated: number;
}

/** Verdicts against definitions; and what a core has is impossible, whatever the others did. */
export async function fuzzObjects(
  name: string,
  random: Random,
  times: number,
): Promise<FuzzReport> {
  const fuzzer = objectFuzzers[name] as Fuzzer;
  const failures: string[] = [];
  const counts = { holds: 0, violated: 0, unknown: 0 };
  for (let time = 0; time < times; time++) {
    const count = 3 + random.below(4);
    const { history, text } = ask.randomObject(random, count, fuzzer.asker(), fuzzer.processes);
    const [calls = []] = callsByKey(history);
    const judgement = fuzzer.judge(new Narrator(history), calls, unlimited);
    const expected = fuzzer.define(calls);
    counts[expected]++;
    const isUndecided = judgement.type === 'unknown' && fuzzer.cores !== 'not checked';
    if (judgement.type !== expected && !isUndecided) {
      failures.push(`${judgement.type}, not ${expected}:\n${text}`);
    }
    if (judgement.type !== 'violated' || fuzzer.cores === 'not checked') continue;
    const core = new Set(judgement.finding.operations);
    const isInCore = ({ at }: ObjectCall) => core.has(at);
    const relaxed = calls.map((call) =>
      isInCore(call) || fuzzer.cores === 'whichever happened' ? call : { ...call, end: Infinity },
    );
    if (fuzzer.define(relaxed, isInCore) === 'violated') continue;
    failures.push(`a core that is possible: ${[...core]}\n${text}`);
  }
  return { failures, holds: counts.holds, violated: counts.violated };
}
