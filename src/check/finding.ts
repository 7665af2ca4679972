import { Undecided } from './budget.js';

/** Why a model is violated: a few operations that suffice, and the reason in words. */
export interface Finding {
  /** What went wrong, by the name the literature has for it. */
  readonly anomaly: string;
  /** One sentence that a person can check against the operations. */
  readonly sentence: string;
  /** What the sentence rests on, step by step; absent: it needs nothing more. */
  readonly because?: readonly string[];
  /** Indices into the history, in the order in which they began. */
  readonly operations: readonly number[];
  /** Among them the one that should not have been, to be pointed at; -1 when it is not one more than others. */
  readonly culprit: number;
}

/** What a checker of one model says of one key, or of all. */
export type ModelVerdict =
  /** `note`: what is worth knowing all the same. */
  | { readonly type: 'holds'; readonly note?: string }
  | { readonly type: 'violated'; readonly finding: Finding }
  | { readonly type: 'unknown'; readonly why: string };

export const holds: ModelVerdict = { type: 'holds' };

export function violated(finding: Finding): ModelVerdict {
  const operations = [...new Set(finding.operations)].sort((a, b) => a - b);
  return { type: 'violated', finding: { ...finding, operations } };
}

export function unknownBecause(why: string): ModelVerdict {
  return { type: 'unknown', why };
}

/** What an engine found. `tell`: of a violation, in words. */
export function verdictOf<Found extends { readonly type: ModelVerdict['type'] }>(
  found: Found | { readonly type: 'unknown'; readonly why: string },
  tell: (violation: Extract<Found, { readonly type: 'violated' }>) => Finding,
): ModelVerdict {
  if ('why' in found) return unknownBecause(found.why);
  if (found.type !== 'violated') return holds;
  return violated(tell(found as Extract<Found, { readonly type: 'violated' }>));
}

/** What `judge` says, or why it can't. */
export function decided(judge: () => ModelVerdict): ModelVerdict {
  try {
    return judge();
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
    return unknownBecause(error.why);
  }
}

/** The judgement of the whole from those of its parts: the smallest violation, else what is unknown, else it holds. */
export function worst(judgements: Iterable<ModelVerdict>): ModelVerdict {
  let result: ModelVerdict = holds;
  for (const judgement of judgements) {
    if (judgement.type === 'holds' || judgement === result) continue;
    if (result.type === 'holds') result = judgement;
    else if (judgement.type === 'violated') {
      const isSmaller =
        result.type !== 'violated' ||
        judgement.finding.operations.length < result.finding.operations.length;
      if (isSmaller) result = judgement;
    }
  }
  return result;
}
