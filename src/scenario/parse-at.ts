/** `at TIME COMMAND`: what may be done aside of the rest of a script, and when. */
import { parseDuration } from '../config/duration.js';
import type { Millis } from '../core/ids.js';
import { show } from '../core/show.js';
import { isWord, type Word, wordText } from '../operations/transaction-text.js';
import type { ScriptCommand } from './command-table.js';
import { LineError } from './script-lines.js';
import { structures } from './structures.js';

const usage = '`at TIME COMMAND`, such as `at 250ms node kill n2`';

/** When, and the words of what; `words` begin with `at`. Throws {@link LineError}. */
export function splitAt(
  words: readonly Word[],
  endColumn: number,
): { readonly atMs: Millis; readonly command: readonly Word[] } {
  const [, time, ...command] = words;
  const atMs = time === undefined ? null : parseDuration(wordText(time));
  if (atMs === null) {
    const typed =
      time === undefined ? 'a time' : `a time such as 12.345ms, not ${show(wordText(time))}`;
    throw new LineError(time?.column ?? endColumn, `at takes ${typed}: ${usage}`);
  }
  const [first] = command;
  const structure = structures.find(({ name }) => name !== 'try' && isWord(first, name));
  if (first !== undefined && structure !== undefined) {
    throw new LineError(first.column, `at does one command, not \`${structure.name}\`: ${usage}`);
  }
  return { atMs, command };
}

const asked: ReadonlySet<string> = new Set(['dump', 'verify', 'echo']);

/** What breaks, mends or asks: it is over soon, and others need not wait for it. */
export function isAside({
  name,
  standsFor = name,
  block,
  arguments: args,
}: ScriptCommand): boolean {
  const isFault = /^(?:fault|node) /.test(standsFor) && standsFor !== 'fault nemesis';
  return !block && (isFault || args[0]?.kind === 'key' || asked.has(standsFor));
}

/** Throws {@link LineError} for what is not. */
export function checkAside(command: ScriptCommand, column: number): void {
  if (isAside(command)) return;
  const { name } = command;
  throw new LineError(
    column,
    `\`${name}\` can't be done at a time: faults, nodes and single keys can`,
  );
}

/** Which nodes there are then, nobody knows before. */
export const changesNodes = ({ name }: ScriptCommand): boolean =>
  name === 'node add' || name === 'node remove';
