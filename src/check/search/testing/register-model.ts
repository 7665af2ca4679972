import { type RegisterOperations, registerKinds } from '../../register/operations.js';
import type { Call, Model } from '../model.js';
import { hashNumber } from '../model.js';

/** One of the {@link registerKinds}. */
export interface RegisterOperation {
  readonly kind: number;
  readonly value: number;
  readonly expected: number;
}

/** A register, as the engines for registers know it. */
export function registerModel(initial: number): Model<number, RegisterOperation> {
  return {
    initial,
    step(state, { kind, value, expected }) {
      switch (kind) {
        case registerKinds.read:
          return [state === value, state];
        case registerKinds.write:
          return [true, value];
        case registerKinds.cas:
          return [state === expected, value];
        case registerKinds.update:
          return [state !== 0, value];
        default:
          return [state !== expected, state];
      }
    },
    equal: (a, b) => a === b,
    hash: (state) => hashNumber(state, 0x811c9dc5),
  };
}

export function registerCalls(operations: RegisterOperations): Call<RegisterOperation>[] {
  return Array.from({ length: operations.count }, (_, at) => ({
    operation: {
      kind: operations.kind[at] as number,
      value: operations.value[at] as number,
      expected: operations.expected[at] as number,
    },
    start: operations.start[at] as number,
    end: operations.end[at] as number,
  }));
}
