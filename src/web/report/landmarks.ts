/** What is worth looking at in a run, in the order of time: what was illegal, and what was broken. */
import type { CheckReport } from '../../check/report.js';
import { faultTitle } from '../../history/faults.js';
import type { History } from '../../history/history.js';

export interface Landmark {
  readonly time: number;
  /** `stale read, against linearizable`. */
  readonly title: string;
  /** `null`: it is none. */
  readonly operation: number | null;
}

/** Operations that should not have been, each with the models that it contradicts. */
export function illegalIn(check: CheckReport | null): ReadonlyMap<number, string> {
  const found = new Map<string, { at: number; anomaly: string; titles: string[] }>();
  for (const { title, evidence } of check?.models ?? []) {
    for (const { index, isCulprit } of evidence?.operations ?? []) {
      if (!isCulprit || evidence === null) continue;
      const id = `${index} ${evidence.anomaly}`;
      const own = found.get(id);
      if (own === undefined)
        found.set(id, { at: index, anomaly: evidence.anomaly, titles: [title] });
      else if (!own.titles.includes(title)) own.titles.push(title);
    }
  }
  const illegal = new Map<number, string>();
  for (const { at, anomaly, titles } of found.values()) {
    const words = `${anomaly}, against ${titles.join(', ')}`;
    const before = illegal.get(at);
    illegal.set(at, before === undefined ? words : `${before}; ${words}`);
  }
  return illegal;
}

export function landmarksIn(history: History, illegal: ReadonlyMap<number, string>): Landmark[] {
  const landmarks: Landmark[] = [...illegal].map(([operation, title]) => ({
    ...{ operation, title },
    time: history.invokedAt[operation] as number,
  }));
  for (const { words, beganAt, endedAt } of history.faults) {
    const title = faultTitle(words);
    landmarks.push({ time: beganAt, title: `${title} begins`, operation: null });
    if (Number.isFinite(endedAt) && endedAt > beganAt) {
      landmarks.push({ time: endedAt, title: `${title} ends`, operation: null });
    }
  }
  return landmarks.sort((a, b) => a.time - b.time);
}

/** The next one after `place`, or before it; stays at the ends. */
export const stepped = (place: number, by: number, count: number): number =>
  count === 0 ? -1 : Math.min(count - 1, Math.max(0, place + by));
