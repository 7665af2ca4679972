import { hashString } from './hash.js';
import type { Model } from './model.js';

/** What a text register can be asked, and what it said. Absence is the empty text. */
export type TextOperation =
  | { readonly f: 'get' | 'put' | 'append'; readonly text: string }
  | { readonly f: 'cas'; readonly expected: string; readonly text: string }
  /** Found something. */
  | { readonly f: 'update'; readonly text: string };

/** One key that holds a text, to which one can append. */
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
