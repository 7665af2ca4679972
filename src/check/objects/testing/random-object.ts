/** Small histories of objects at random, of which some are what a right object would say, and some are not. */
import type { Random } from '../../../core/random.js';
import type { History } from '../../../history/history.js';
import { parseHistory } from '../../../history/read.js';

interface Asked {
  readonly f: string;
  /** What it says when it begins, and when it ends. */
  readonly value: unknown;
  readonly answer: unknown;
}

export interface RandomObject {
  readonly history: History;
  readonly text: string;
}

/** `ask`: the next operation. Each is of a process of its own, but for those of `processes`. */
export function randomObject(
  random: Random,
  count: number,
  ask: (random: Random) => Asked,
  processes = count,
): RandomObject {
  const lines: { readonly time: number; readonly isEnd: boolean; readonly line: object }[] = [];
  const free = Array.from({ length: processes }, () => 0);
  for (let at = 0; at < count; at++) {
    const { f, value, answer } = ask(random);
    const process = at % processes;
    const start = (free[process] as number) + random.below(processes === count ? 12 : 3);
    const end = start + random.below(5);
    free[process] = end + 1;
    const roll = random.below(10);
    const type = roll === 0 ? 'fail' : roll === 1 ? 'info' : 'ok';
    const common = { process, f, key: 'o' };
    lines.push({
      time: start,
      isEnd: false,
      line: { ...common, type: 'invoke', value, time: start },
    });
    lines.push({
      time: end,
      isEnd: true,
      line: { ...common, type, value: type === 'ok' ? answer : null, time: end },
    });
  }
  lines.sort((a, b) => a.time - b.time || Number(a.isEnd) - Number(b.isEnd));
  const text = lines.map(({ line }) => JSON.stringify(line)).join('\n');
  return { text, history: parseHistory(text, { format: 'jsonl' }) };
}

const some = <T>(random: Random, items: readonly T[]): T => items[random.below(items.length)] as T;
const subset = (random: Random, items: readonly number[], odds: number): number[] =>
  items.filter(() => random.below(10) < odds);

/** `values`: of how many values elements are; few repeat. */
export const askSet =
  (values: number) =>
  (random: Random): Asked => {
    const all = Array.from({ length: values }, (_, at) => at);
    if (random.below(2) === 0) return { f: 'get', value: null, answer: subset(random, all, 6) };
    const value = some(random, all);
    return { f: 'add', value, answer: value };
  };

export const askList = () => {
  let next = 0;
  return (random: Random): Asked => {
    if (random.below(2) === 0 && next > 0) {
      const length = random.below(Math.min(next + 1, 4));
      const items = Array.from({ length }, (_, at) => at);
      if (random.below(4) === 0) items.reverse();
      return { f: 'get', value: null, answer: items };
    }
    const value = next++;
    return { f: 'append', value, answer: value };
  };
};

export const askCounter =
  (amounts: readonly number[]) =>
  (random: Random): Asked => {
    if (random.below(2) === 0) return { f: 'get', value: null, answer: random.below(6) };
    const value = some(random, amounts);
    return { f: 'add', value, answer: value };
  };

export const askQueue = (values: number) => {
  let next = 0;
  return (random: Random): Asked => {
    const roll = random.below(20);
    if (roll < 9) {
      const value = values === 0 ? next++ : random.below(values);
      return { f: 'enqueue', value, answer: value };
    }
    const item = random.below(Math.max(values, next, 1));
    if (roll < 17) return { f: 'dequeue', value: null, answer: item };
    if (roll < 19) return { f: 'dequeue', value: null, answer: null };
    return { f: 'drain', value: null, answer: random.below(2) === 0 ? [] : [item] };
  };
};

export const askLock = (random: Random): Asked => ({
  f: random.below(9) < 5 ? 'acquire' : 'release',
  value: null,
  answer: null,
});

/** Two clients take turns, each of which acquires and releases it as a rule. */
export const askOwnedLock = () => {
  let count = 0;
  return (random: Random): Asked => {
    const isAcquire = (count++ >> 1) % 2 === (random.below(6) === 0 ? 1 : 0);
    return { f: isAcquire ? 'acquire' : 'release', value: null, answer: null };
  };
};

export const askBank = (random: Random): Asked => {
  if (random.below(2) === 0) {
    const first = random.below(4);
    return {
      f: 'get',
      value: null,
      answer: { a: first, b: 3 - first + (random.below(8) === 0 ? 1 : 0) },
    };
  }
  const value = {
    from: some(random, ['a', 'b']),
    to: some(random, ['a', 'b']),
    amount: 1 + random.below(2),
  };
  return { f: 'transfer', value, answer: value };
};
