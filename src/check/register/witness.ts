import { type RegisterOperations, registerKinds } from './operations.js';

/** The register's value after operation `at` took effect on `value`; -1 when it could not have. */
export function step(operations: RegisterOperations, at: number, value: number): number {
  const own = operations.value[at] as number;
  switch (operations.kind[at]) {
    case registerKinds.read:
      return value === own ? value : -1;
    case registerKinds.write:
      return own;
    case registerKinds.cas:
      return value === operations.expected[at] ? own : -1;
    default:
      return value !== 0 ? own : -1;
  }
}

/**
 * Whether `witness` proves that the operations are linearizable: every operation that surely happened is in it once,
 * nothing is in it twice, each finds the value it says it found, and none comes after one that began when it had
 * already ended. O(n), and shares nothing with the engines, so that a wrong `holds` cannot hide.
 */
export function isLegalWitness(operations: RegisterOperations, witness: Int32Array): boolean {
  return (
    isComplete(operations, witness) &&
    keepsRealTime(operations, witness) &&
    isLegal(operations, witness)
  );
}

function isComplete({ count, end }: RegisterOperations, witness: Int32Array): boolean {
  const isIn = new Uint8Array(count);
  for (let place = 0; place < witness.length; place++) {
    const at = witness[place] as number;
    if (at < 0 || at >= count || isIn[at] === 1) return false;
    isIn[at] = 1;
  }
  for (let at = 0; at < count; at++) {
    if (isIn[at] === 0 && end[at] !== Number.POSITIVE_INFINITY) return false;
  }
  return true;
}

function keepsRealTime({ start, end }: RegisterOperations, witness: Int32Array): boolean {
  let laterEnd = Number.POSITIVE_INFINITY;
  for (let place = witness.length - 1; place >= 0; place--) {
    const at = witness[place] as number;
    laterEnd = Math.min(laterEnd, end[at] as number);
    if (laterEnd < (start[at] as number)) return false;
  }
  return true;
}

function isLegal(operations: RegisterOperations, witness: Int32Array): boolean {
  let value = operations.initial;
  for (let place = 0; place < witness.length; place++) {
    value = step(operations, witness[place] as number, value);
    if (value === -1) return false;
  }
  return true;
}
