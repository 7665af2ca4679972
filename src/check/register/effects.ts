/**
 * What each operation of a history did to its key and saw of it, in the words of the engines for registers.
 *
 * What surely did not happen is left out; what it saw of its key counts as a read. So does what happened but says
 * nothing: a get that failed, a conditional write that nobody answered.
 */
import { kindCode, outcomeCode } from '../../history/event.js';
import { absent, type History, unsaid } from '../../history/history.js';
import { registerKinds } from './operations.js';

/** In {@link Effects.kind}: the operation says nothing of any one key. */
export const noEffect = 255;

export interface Effects {
  /** Of {@link registerKinds}, or `noEffect`. */
  readonly kind: Uint8Array;
  /** Ids into the history's values: what was written, or read. */
  readonly value: Int32Array;
  /** What a cas found. */
  readonly expected: Int32Array;
}

export function effectsOf(history: History): Effects {
  const { count } = history;
  const effects = {
    kind: new Uint8Array(count).fill(noEffect),
    value: new Int32Array(count),
    expected: new Int32Array(count),
  };
  for (let at = 0; at < count; at++) {
    if (history.outcome[at] === outcomeCode.fail) refused(history, at, effects);
    else happened(history, at, effects);
  }
  return effects;
}

type Columns = { [C in keyof Effects]: Effects[C] };

function happened(history: History, at: number, { kind, value, expected }: Columns): void {
  const written = history.written[at] as number;
  value[at] = written;
  switch (history.kind[at]) {
    case kindCode.get:
      if (history.outcome[at] !== outcomeCode.ok || history.seen[at] === unsaid) return;
      kind[at] = registerKinds.read;
      value[at] = history.seen[at] as number;
      return;
    case kindCode.put:
      kind[at] = registerKinds.write;
      return;
    case kindCode.delete:
      kind[at] = registerKinds.write;
      value[at] = absent;
      return;
    case kindCode.insert:
      kind[at] = registerKinds.cas;
      expected[at] = absent;
      return;
    case kindCode.update:
      kind[at] = registerKinds.update;
      return;
    case kindCode.cas:
      kind[at] = registerKinds.cas;
      expected[at] = history.expected[at] as number;
      return;
    default:
      return;
  }
}

/** A condition that did not hold is something seen. */
function refused(history: History, at: number, { kind, value }: Columns): void {
  const seen = history.seen[at] as number;
  if (seen === unsaid) return;
  kind[at] = registerKinds.read;
  value[at] = seen;
}
