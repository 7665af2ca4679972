/**
 * The smallest reason why a lock without owners can't have been kept: between two moments more acquires began and ended
 * than releases can have come between, by two or more. (Or the other way round.)
 */

import { countWhile } from '../../core/lookup.js';
import type { ObjectCall } from './calls.js';

export interface Window {
  /** All within it. */
  readonly inside: readonly ObjectCall[];
  /** Of the other kind, all that can have taken effect within it. */
  readonly between: readonly ObjectCall[];
}

/** So many, one after the other by their beginnings, are looked at together. */
const togetherMax = 512;

export function overfullWindow(calls: readonly ObjectCall[]): Window | null {
  const acquires = calls.filter(({ kind }) => kind === 'acquire');
  const releases = calls.filter(({ kind }) => kind === 'release');
  const [one, other] = [smallestOf(acquires, releases), smallestOf(releases, acquires)];
  if (one === null || other === null) return one ?? other;
  return sizeOf(one) <= sizeOf(other) ? one : other;
}

const sizeOf = ({ inside, between }: Window): number => inside.length + between.length;

function smallestOf(own: readonly ObjectCall[], others: readonly ObjectCall[]): Window | null {
  const sure = own.filter(({ isOk }) => isOk).sort((a, b) => a.start - b.start);
  const starts = Float64Array.from(others, ({ start }) => start).sort();
  const ends = Float64Array.from(others, ({ end }) => end).sort();
  let best: { readonly from: number; readonly to: number; readonly size: number } | null = null;
  for (let at = 0; at < sure.length; at++) {
    const from = (sure[at] as ObjectCall).start;
    const endedBefore = countWhile(ends, (time) => time < from);
    const insideEnds = Float64Array.from(sure.slice(at, at + togetherMax), ({ end }) => end).sort();
    for (const [before, to] of insideEnds.entries()) {
      const count = before + 1;
      const between = countWhile(starts, (time) => time <= to) - endedBefore;
      const size = count + between;
      if (count <= between + 1 || (best !== null && size >= best.size)) continue;
      best = { from, to, size };
      break;
    }
  }
  if (best === null) return null;
  const { from, to } = best;
  return {
    inside: sure.filter(({ start, end }) => start >= from && end <= to),
    between: others.filter(({ start, end }) => start <= to && end >= from),
  };
}
