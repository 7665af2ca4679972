/** A lock, judged as a register that is free or held: the engines for registers are quick. */

import { entryOf } from '../../core/lookup.js';
import type { Budget } from '../budget.js';
import type { Narrator } from '../evidence/narrator.js';
import { type Finding, type ModelVerdict, verdictOf, violated } from '../finding.js';
import { linearizable } from '../linearizable.js';
import { type RegisterOperations, registerKinds } from '../register/operations.js';
import { hashNumber, type Model } from '../search/model.js';
import { searched } from '../search/searched.js';
import { type JudgeCalls, type ObjectCall, possible } from './calls.js';
import { overfullWindow, type Window } from './lock-window.js';

const free = 0;
const heldByAny = 1;

/** Knossos' `mutex`: an acquire finds the lock free, a release finds it held; it is free at first. */
export const judgeMutex: JudgeCalls = (narrator, calls, budget) => {
  const judgement = judged(narrator, possible(calls), budget, () => heldByAny);
  if (judgement.type !== 'violated') return judgement;
  const window = overfullWindow(possible(calls));
  return window === null ? judgement : violated(windowFinding(narrator, window));
};

function windowFinding(narrator: Narrator, { inside, between }: Window): Finding {
  const last = inside.reduce((latest, call) => (call.end > latest.end ? call : latest));
  const isAcquire = last.kind === 'acquire';
  const others = isAcquire ? 'release' : 'acquire';
  const most =
    between.length === 0
      ? `no ${others}`
      : `only ${between.length} ${others}${between.length === 1 ? '' : 's'}`;
  const who = [...new Set(inside.map(({ at }) => narrator.who(at)))];
  const done = `${last.kind}d the lock`;
  const named =
    inside.length > 3
      ? `the lock was ${last.kind}d ${inside.length} times`
      : who.length === 1
        ? `${who[0]} ${done} ${inside.length} times`
        : `${listed(who)} ${done}`;
  return {
    anomaly: isAcquire ? 'held twice' : 'release of what is not held',
    sentence: `${named}, and ${most} can have come between`,
    operations: [...inside, ...between].map(({ at }) => at),
    culprit: last.at,
  };
}

const listed = (names: readonly string[]): string =>
  names.length < 3 ? names.join(' and ') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** The same, and a release finds it held by whoever releases it. */
export const judgeOwnedMutex: JudgeCalls = (narrator, calls, budget) => {
  const owners = new Map<number, number>();
  return judged(narrator, possible(calls), budget, ({ process }) =>
    entryOf(owners, process, () => owners.size + 1),
  );
};

function judged(
  narrator: Narrator,
  calls: readonly ObjectCall[],
  budget: Budget,
  heldBy: (call: ObjectCall) => number,
): ModelVerdict {
  return verdictOf(linearizable(registerOf(calls, heldBy), budget), ({ core }) => {
    const own = core.map((nth) => calls[nth] as ObjectCall);
    return story(
      narrator,
      own.sort((a, b) => a.at - b.at),
    );
  });
}

function registerOf(
  calls: readonly ObjectCall[],
  heldBy: (call: ObjectCall) => number,
): RegisterOperations {
  const isAcquire = ({ kind }: ObjectCall) => kind === 'acquire';
  return {
    count: calls.length,
    kind: new Uint8Array(calls.length).fill(registerKinds.cas),
    value: Int32Array.from(calls, (call) => (isAcquire(call) ? heldBy(call) : free)),
    expected: Int32Array.from(calls, (call) => (isAcquire(call) ? free : heldBy(call))),
    start: Float64Array.from(calls, ({ start }) => start),
    end: Float64Array.from(calls, ({ end }) => end),
    initial: free,
  };
}

/** `core`: in the order of the history. */
function story(narrator: Narrator, core: readonly ObjectCall[]): Finding {
  const sure = core.filter(({ isOk }) => isOk);
  const last = sure.reduce<ObjectCall | undefined>(
    (latest, call) => (latest === undefined || call.end > latest.end ? call : latest),
    undefined,
  );
  return {
    anomaly: last?.kind === 'release' ? 'release of what is not held' : 'held twice',
    sentence: sentenceOf(narrator, core, last),
    operations: core.map(({ at }) => at),
    culprit: last?.at ?? -1,
  };
}

function sentenceOf(
  narrator: Narrator,
  core: readonly ObjectCall[],
  last: ObjectCall | undefined,
): string {
  const acquires = core.filter(({ kind }) => kind === 'acquire');
  const releases = core.filter(({ kind }) => kind === 'release');
  const [first, second] = acquires.map(({ at }) => narrator.who(at));
  if (releases.length === 0 && acquires.length === 2 && first !== undefined) {
    const both =
      first === second
        ? `${first} acquired the lock twice`
        : `${first} and ${second} both acquired the lock`;
    return `${both}, and nobody can have released it between`;
  }
  const who = last === undefined ? 'somebody' : narrator.who(last.at);
  if (acquires.length === 0) return `${who} released the lock, which it can't have held`;
  const did = last?.kind === 'release' ? 'released the lock, which it' : 'acquired the lock, which';
  const rest = last?.kind === 'release' ? "can't have held then" : "can't have been free then";
  return `${who} ${did} ${rest}, in whichever order these operations came`;
}

/** Who holds it, and how often; nobody: 0 times. */
interface Holding {
  readonly owner: number;
  readonly times: number;
}

const reentrantModel: Model<Holding, { readonly owner: number; readonly isAcquire: boolean }> = {
  initial: { owner: -1, times: 0 },
  step(state, { owner, isAcquire }) {
    const { times } = state;
    if (times > 0 && state.owner !== owner) return [false, state];
    if (isAcquire) return [true, { owner, times: times + 1 }];
    if (times === 0) return [false, state];
    return [true, times === 1 ? { owner: -1, times: 0 } : { owner, times: times - 1 }];
  },
  equal: (a, b) => a.owner === b.owner && a.times === b.times,
  hash: ({ owner, times }) => hashNumber(owner, hashNumber(times, 0x811c9dc5)),
};

/** With owners, each of whom may acquire it again, and releases it as often. */
export const judgeReentrantMutex: JudgeCalls = (narrator, calls, budget) => {
  const asked = possible(calls).map((call) => ({
    call,
    operation: { owner: call.process, isAcquire: call.kind === 'acquire' },
  }));
  const tell = (core: readonly number[]) => {
    const own = calls.filter(({ at }) => core.includes(at));
    return story(narrator, own).sentence;
  };
  return searched(reentrantModel, asked, budget, tell);
};
