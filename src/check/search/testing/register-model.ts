import type { RegisterOperations } from '../../register/operations.js';
import { step } from '../../register/witness.js';
import { type Call, hashNumber, type Model } from '../model.js';

/** A register, as the engines for registers know it; its operations by number. */
export const registerModel = (operations: RegisterOperations): Model<number, number> => ({
  initial: operations.initial,
  step(state, at) {
    const after = step(operations, at, state);
    return [after !== -1, after];
  },
  equal: (a, b) => a === b,
  hash: (state) => hashNumber(state, 0x811c9dc5),
});

export const registerCalls = ({ count, start, end }: RegisterOperations): Call<number>[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ operation: at, start: start[at] as number, end: end[at] as number },
  }));
