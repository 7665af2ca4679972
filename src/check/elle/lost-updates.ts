import { entryOf } from '../lookup.js';
import type { DirectAnomaly } from './anomaly.js';
import { SeenKeys } from './seen.js';
import type { Sources } from './sources.js';

/** Two that read the same and each put something in its place: at most one of them can have been the next. */
export function lostUpdates(sources: Sources): DirectAnomaly[] {
  const { live, happened, access } = sources;
  const keys = new SeenKeys(sources);
  const anomalies: DirectAnomaly[] = [];
  const first = new Map<number, Map<number, number>>();
  live.forEach((_, by) => {
    if (happened[by] === 0) return;
    for (const { key, source } of keys.of(by)) {
      if (!access[by]?.writes.some((write) => write.key === key)) continue;
      const ofKey = entryOf(first, key, () => new Map());
      const other = ofKey.get(source);
      if (other === undefined) ofKey.set(source, by);
      else if (other !== by) {
        anomalies.push({
          ...{ name: 'lost update', forbiddenBy: 'snapshot-isolation', by: [other, by] },
          told: '{0} and {1} read the same and both wrote in its place',
        });
      }
    }
  });
  return anomalies;
}
