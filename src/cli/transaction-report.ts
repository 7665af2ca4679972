/** How the end of a transaction is shown. */

import type { CommittedOutcome, RefusedOutcome } from '../client/client.js';
import type { Key } from '../core/key.js';
import type { TransactionStep } from '../core/operation.js';
import { sameBytes } from '../core/results.js';
import { bytesToJson, bytesToLine, keyToJson, keyToLine } from '../render/bytes.js';
import { printJson, printLine } from '../render/output.js';

type Steps = readonly TransactionStep[];
type How = { readonly json: boolean };

const shownCharactersMax = 60;

/** Each get's result on a line of its own, escaped like all values that share a page; `OK` when there is none. */
export function printCommitted(steps: Steps, outcome: CommittedOutcome, how: How): void {
  const { values, version, node } = outcome;
  const keys = steps.filter(({ type }) => type === 'get').map(({ key }) => key);
  if (how.json) {
    const gets = keys.map((key, at) => {
      const value = values[at] ?? null;
      const shown = value === null ? null : bytesToJson(value);
      return { key: keyToJson(key), found: value !== null, value: shown };
    });
    printJson({ ok: true, gets, version, node });
    return;
  }
  if (values.length === 0) printLine('OK');
  for (const value of values) printLine(value === null ? '(absent)' : bytesToLine(value));
}

/** A check did not hold. */
export function printRefused(steps: Steps, outcome: RefusedOutcome, how: How): void {
  const { actual, version, node } = outcome;
  const keys = suspectsOf(steps, actual);
  if (how.json) {
    const shown = actual === null ? null : bytesToJson(actual);
    const key = keys.length === 1 ? keyToJson(keys[0] as Key) : null;
    printJson({ ok: false, reason: 'check', key, actual: shown, version, node });
    return;
  }
  const held = actual === null ? 'is absent' : `holds ${bytesToLine(actual, shownCharactersMax)}`;
  const names = keys.map((key) => keyToLine(key, shownCharactersMax));
  printLine(`aborted: ${names.length <= 1 ? '' : 'one of '}${names.join(', ')} ${held}`);
}

/** Another transaction stood in the way until the time was up. */
export function printConflict({ message }: { readonly message: string }, how: How): void {
  if (how.json) printJson({ ok: false, reason: 'conflict', message });
  else printLine(`aborted: ${message}`);
}

/** The keys of the checks that fail on what was found; the answer does not say which it was. */
function suspectsOf(steps: Steps, actual: Uint8Array | null): readonly Key[] {
  const failing = steps.flatMap((step) =>
    step.type === 'check' && !sameBytes(step.expected, actual) ? [step.key] : [],
  );
  return [...new Set(failing)];
}
