/** The cells of the coverage table, as people name them: `worker: in doubt:crash`. */
import { usageError } from '../../core/errors.js';
import { show } from '../../core/show.js';
import { unknownWord } from '../../core/suggest.js';
import type { Focus } from '../../explore/focus.js';
import { phasesOfMode } from '../../explore/phases/phases.js';
import { type FaultName, faultNames } from '../../faults/fault.js';
import { modeNames, profileOf } from '../../protocols/catalog.js';

/** Kinds of fault as columns of a table that fits a terminal. */
export const faultGroups: Readonly<Record<string, readonly FaultName[]>> = {
  CRASH: ['kill', 'power cut', 'untimely power cut', 'blackout', 'rot'],
  PAUSE: ['pause', 'absence'],
  CUT: ['one-way cut', 'isolation', 'split', 'flapping', 'takeovers'],
  LATE: ['stall', 'delay', 'stragglers'],
  LOST: ['loss', 'duplication'],
  DISK: ['slow disk', 'failing syncs', 'full disk'],
  CLOCK: ['clock jump'],
  NODES: ['add node', 'remove node'],
};

/** Blanks, commas, colons and hyphens are one. */
const plain = (name: string): string => name.toLowerCase().replace(/[\s,:-]+/g, '-');

/** The faults of a column, or one kind of them. */
function kindsNamed(word: string): readonly FaultName[] {
  const group = Object.keys(faultGroups).find((name) => plain(name) === plain(word));
  if (group !== undefined) return faultGroups[group] ?? [];
  const kind = faultNames.find((name) => plain(name) === plain(word));
  if (kind !== undefined) return [kind];
  const all = [...Object.keys(faultGroups).map((name) => name.toLowerCase()), ...faultNames];
  throw unknownWord('there is no fault', word, all, `Faults: ${all.join(', ')}.`);
}

/** Its name, with or without whose phase it is; or part of it, where no other has that. */
function phasesNamed(mode: string, word: string): readonly number[] {
  const names = phasesOfMode(mode).map(({ name }) => plain(name));
  const whole = names.flatMap((name, at) =>
    name === plain(word) || name.endsWith(`-${plain(word)}`) ? [at] : [],
  );
  if (whole.length > 0) return whole;
  return names.flatMap((name, at) => (name.includes(plain(word)) ? [at] : []));
}

export interface NamedCell {
  readonly mode: string;
  readonly focus: Focus;
}

/** Throws `bad-request` (definite) for what is no cell, or could be several. */
export function cellNamed(text: string, modes: readonly string[] = modeNames): NamedCell {
  const cut = text.lastIndexOf(':');
  const [word, fault] = [text.slice(0, Math.max(0, cut)).trim(), text.slice(cut + 1).trim()];
  if (word === '') {
    throw usageError(`--focus is PHASE:FAULT, such as "in doubt:crash", not ${show(text)}`);
  }
  const kinds = kindsNamed(fault);
  const found = modes.flatMap((mode) =>
    phasesNamed(mode, word).map((phase) => ({ mode, focus: { phase, kinds } })),
  );
  const nameOf = ({ mode, focus }: NamedCell): string =>
    `${profileOf(mode).name}'s ${show(phasesOfMode(mode)[focus.phase]?.name ?? '')}`;
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first;
  if (first !== undefined) {
    throw usageError(`${show(word)} could be ${found.map(nameOf).join(', ')}: say more of it`);
  }
  const all = modes.flatMap((mode) => phasesOfMode(mode).map(({ name }) => name));
  const short = all.map((name) => name.slice(name.indexOf(': ') + 2));
  const hint = 'The tables that --coverage prints name them.';
  throw unknownWord('there is no phase', word, [...all, ...short], hint);
}
