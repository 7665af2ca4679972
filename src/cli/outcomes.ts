/** How reads and writes of one key are shown. */
import type { ReadOutcome, RefusedOutcome, WriteOutcome } from '../client/client.js';
import type { Key } from '../core/key.js';
import { bytesToJson, bytesToLine, keyToJson, keyToLine } from '../render/bytes.js';
import { printJson, printLine, write } from '../render/output.js';

export function printRead(
  key: Key,
  { value, version, node }: ReadOutcome,
  how: { readonly json: boolean; readonly raw: boolean },
): void {
  if (how.json) {
    const shown = value === null ? null : bytesToJson(value);
    const found = value !== null;
    const status = found ? 'OK' : 'ERR_KEY';
    printJson({ key: keyToJson(key), status, found, value: shown, version, node });
  } else if (value !== null) {
    write(value);
    if (!how.raw) write('\n');
  }
}

/** Prints what came of a write; true when it took effect. */
export function printWrite(
  key: Key,
  outcome: WriteOutcome | RefusedOutcome,
  how: { readonly json: boolean },
): boolean {
  const done = outcome.type === 'done';
  if (how.json) printJson(writeDocument(key, outcome));
  else printLine(done ? 'OK' : refusal(key, outcome));
  return done;
}

function writeDocument(key: Key, outcome: WriteOutcome | RefusedOutcome): unknown {
  const { version, node } = outcome;
  if (outcome.type === 'done') {
    return { ok: true, key: keyToJson(key), existed: outcome.existed, version, node };
  }
  const actual = outcome.actual === null ? null : bytesToJson(outcome.actual);
  return { ok: false, key: keyToJson(key), reason: outcome.reason, actual, version, node };
}

const shownCharactersMax = 60;

function refusal(key: Key, { reason, actual }: RefusedOutcome): string {
  const name = keyToLine(key, shownCharactersMax);
  const held = actual === null ? 'nothing' : bytesToLine(actual, shownCharactersMax);
  switch (reason) {
    case 'exists':
      return `refused: ${name} already holds ${held}`;
    case 'absent':
      return `refused: ${name} is absent`;
    case 'different':
      return `refused: ${name} holds ${held}`;
  }
}
