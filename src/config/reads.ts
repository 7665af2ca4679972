/** What gets of a cluster return: what they find, or the worst that is legal (`runtime/worst-reads.ts`), chosen by a seed. */
import { profileOf } from '../protocols/catalog.js';
import { readPromises } from '../protocols/options.js';

export type ReadsWord = 'usual' | `worst:${number}`;

/** Reads `usual`, `worst` (by seed 1) or `worst:SEED`; `null`: it is none of them. */
export function parseReads(text: unknown): ReadsWord | null {
  if (text === 'usual') return text;
  const said = /^worst(?::(\d{1,15}))?$/.exec(String(text));
  return said && `worst:${Number(said[1] ?? 1)}`;
}

/** As far as a cluster's spec says it. */
interface Reading {
  readonly mode: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly reads?: ReadsWord;
}

/** All gets do, not only those of connections that ask for it. */
export function readsWorst({ reads }: Pick<Reading, 'reads'>): boolean {
  return reads?.startsWith('worst') === true;
}

/**
 * What nodes need for it, with a seed of `null` where only connections that ask for it read so; `null` where the mode leaves
 * nothing open.
 */
export function worstPlanOf({ mode, options, reads = 'usual' }: Reading) {
  const promises = readPromises(profileOf(mode), options);
  const seed = reads === 'usual' ? null : Number(reads.slice('worst:'.length));
  return promises && { promises, seed };
}
