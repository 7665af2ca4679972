import { kindCode, outcomeCode } from '../../history/event.js';
import { absent, type History } from '../../history/history.js';
import { entryOf } from '../lookup.js';
import type { Call } from './model.js';
import type { TextOperation } from './text-model.js';

export interface TextCalls {
  /** An id into the history's keys. */
  readonly key: number;
  readonly calls: readonly Call<TextOperation>[];
  /** Of each call, its index in the history. */
  readonly index: readonly number[];
}

/** What was asked of each key that holds a text; transactions are left out. What tells nothing of the key is, too. */
export function textCallsByKey(history: History): TextCalls[] {
  const byKey = new Map<number, { calls: Call<TextOperation>[]; index: number[] }>();
  for (let at = 0; at < history.count; at++) {
    const operation = textOperation(history, at);
    if (operation === null) continue;
    const key = history.key[at] as number;
    const own = entryOf(byKey, key, () => ({ calls: [], index: [] }));
    const start = history.invokedAt[at] as number;
    own.calls.push({ operation, start, end: history.returnedAt[at] as number });
    own.index.push(at);
  }
  return [...byKey].map(([key, own]) => ({ key, ...own }));
}

function textOperation(history: History, at: number): TextOperation | null {
  const kind = history.kind[at];
  const isOk = history.outcome[at] === outcomeCode.ok;
  const text = (id: number | undefined) => history.values[id as number] ?? '';
  if (kind === kindCode.get) return isOk ? { f: 'get', text: text(history.seen[at]) } : null;
  if (history.outcome[at] === outcomeCode.fail) {
    const seen = history.seen[at] as number;
    return seen < absent ? null : { f: 'get', text: text(seen) };
  }
  const written = text(history.written[at]);
  switch (kind) {
    case kindCode.put:
    case kindCode.delete:
      return { f: 'put', text: written };
    case kindCode.append:
      return { f: 'append', text: written };
    case kindCode.insert:
      return { f: 'cas', expected: '', text: written };
    case kindCode.cas:
      return { f: 'cas', expected: text(history.expected[at]), text: written };
    case kindCode.update:
      return { f: 'update', text: written };
    default:
      return null;
  }
}
