/**
 * What nobody answered may never have happened: it belongs into a core only together with somebody who saw it.
 */
import { kindCode, outcomeCode } from '../../history/event.js';
import { absent, type History } from '../../history/history.js';

/** The operations, and for each that has no answer one that saw what it left; in the order in which they began. */
export function withObservers(history: History, operations: readonly number[]): number[] {
  const all = new Set(operations);
  for (const at of all) {
    const value = history.written[at] as number;
    const needsOne = history.outcome[at] === outcomeCode.info && value > absent;
    if (!needsOne || [...all].some((other) => sees(history, other, at))) continue;
    const observer = observerOf(history, at);
    if (observer !== -1) all.add(observer);
  }
  return [...all].sort((a, b) => a - b);
}

/** Whoever surely happened is better than one who may not have either. */
function observerOf(history: History, write: number): number {
  let unsure = -1;
  for (let at = 0; at < history.count; at++) {
    if (!sees(history, at, write)) continue;
    if (history.outcome[at] !== outcomeCode.info) return at;
    unsure = at;
  }
  return unsure;
}

function sees(history: History, at: number, write: number): boolean {
  if (at === write || history.key[at] !== history.key[write]) return false;
  const value = history.written[write];
  if (history.seen[at] === value) return true;
  const found = history.kind[at] === kindCode.cas && history.outcome[at] !== outcomeCode.fail;
  return found && history.expected[at] === value;
}
