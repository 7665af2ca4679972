/** Keys that hold a text, to which one can append: judged by search. */

import { pushTo } from '../../core/lookup.js';
import { kindCode, outcomeCode } from '../../history/event.js';
import { absent, type History } from '../../history/history.js';
import { hashString, type Model } from './model.js';
import type { Asked } from './searched.js';

/** What a text register can be asked, and what it said. Absence is the empty text. */
export type TextOperation =
  | { readonly f: 'get' | 'put' | 'append'; readonly text: string }
  | { readonly f: 'cas'; readonly expected: string; readonly text: string }
  /** Found something. */
  | { readonly f: 'update'; readonly text: string };

export const textModel: Model<string, TextOperation> = {
  initial: '',
  step(state, operation) {
    switch (operation.f) {
      case 'get':
        return [state === operation.text, state];
      case 'put':
        return [true, operation.text];
      case 'append':
        return [true, state + operation.text];
      case 'cas':
        return [state === operation.expected, operation.text];
      default:
        return [state !== '', operation.text];
    }
  },
  equal: (a, b) => a === b,
  hash: hashString,
  bytes: (state) => 32 + state.length,
};

/** What was asked of each key; transactions are left out. What tells nothing of the key is, too. */
export function textCallsByKey(history: History): Map<number, Asked<TextOperation>[]> {
  const byKey = new Map<number, Asked<TextOperation>[]>();
  for (let at = 0; at < history.count; at++) {
    const operation = textOperation(history, at);
    if (operation === null) continue;
    const [start, end] = [history.invokedAt[at] as number, history.returnedAt[at] as number];
    pushTo(byKey, history.key[at] as number, { call: { at, start, end }, operation });
  }
  return byKey;
}

function textOperation(history: History, at: number): TextOperation | null {
  const kind = history.kind[at];
  const outcome = history.outcome[at];
  const seen = history.seen[at] as number;
  const text = (id: number | undefined) => history.values[id as number] ?? '';
  if (kind === kindCode.get && outcome !== outcomeCode.ok) return null;
  if (kind === kindCode.get || (outcome === outcomeCode.fail && seen >= absent)) {
    return { f: 'get', text: text(seen) };
  }
  if (outcome === outcomeCode.fail) return null;
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
