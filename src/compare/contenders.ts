/** What is compared: modes, each with the flags of `cluster up` that it is given. */
import type { Setting } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import type { ClusterSpec } from '../config/spec.js';
import { usageError } from '../core/errors.js';
import { show } from '../core/show.js';
import { didYouMean } from '../core/suggest.js';
import { settingsOfFlag, specFlags } from '../operations/spec-flags.js';
import { isModuleName, modeNames } from '../protocols/catalog.js';

export interface Contender {
  /** As it was named: `quorum --read one`. */
  readonly label: string;
  readonly spec: ClusterSpec;
}

const contendersMax = 12;

/** A mode, with or without flags; anything else names a scenario. */
export function isContender(word: string): boolean {
  const [mode = ''] = word.trim().split(/\s+/);
  return modeNames.some((name) => name === mode) || isModuleName(mode);
}

/** All modes when none is named. `shared`: what holds for each of them, unless it says otherwise itself. */
export function contendersOf(words: readonly string[], shared: readonly Setting[]): Contender[] {
  const named = words.length === 0 ? [...modeNames] : words.map((word) => word.trim());
  if (named.length > contendersMax) {
    throw usageError(`at most ${contendersMax} are compared at a time, not ${named.length}`);
  }
  const twice = named.find((label, at) => named.indexOf(label) < at);
  if (twice !== undefined) throw usageError(`${show(twice)} is named twice`);
  return named.map((label) => {
    return { label, spec: resolveSpec([...shared, ...settingsOfLabel(label)]) };
  });
}

/** Where a cluster runs, and how many nodes there are, is the same for all. */
const ownFlags = specFlags.filter(
  ({ name, kind, commandLineOnly }) =>
    commandLineOnly !== true && kind === 'text' && !['mode', 'nodes', 'config'].includes(name),
);

function settingsOfLabel(label: string): Setting[] {
  const [mode = '', ...words] = label.split(/\s+/);
  const settings = settingsOfFlag('mode', [mode], { source: label });
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    const [, typed, said] = /^--?([\w-]+)(?:=(.*))?$/.exec(word) ?? [];
    const flag = ownFlags.find(({ name, char }) => name === typed || char === typed);
    if (flag === undefined) throw unknownFlag(word, typed ?? '', label);
    const value = said ?? words[++at];
    if (value === undefined) throw usageError(`${show(label)}: ${word} takes a value`);
    settings.push(...settingsOfFlag(flag.name, [value], { source: `${label}: --${flag.name}` }));
  }
  return settings;
}

function unknownFlag(word: string, typed: string, label: string) {
  const names = ownFlags.map(({ name }) => name);
  return usageError(
    `${show(label)}: ${show(word)} is no flag of a mode${didYouMean(typed, names)}`,
    "Such as 'quorum --read one' or 'paxos --read local': flags of `kvx cluster up`.",
  );
}
