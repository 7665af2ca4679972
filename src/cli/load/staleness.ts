/** In quorum mode: how many reads were stale, beside what the delays between its nodes let one expect. */
import { agedReads, delaysIn, StalenessPrediction, stalenessBins } from '../../bench/pbs.js';
import type { StalenessReport } from '../../bench/staleness-lines.js';
import type { ClusterSpec } from '../../config/spec.js';
import type { Millis } from '../../core/ids.js';
import type { Level } from '../../core/operation.js';
import { SeededRandom } from '../../core/random.js';
import type { TraceEvent } from '../../core/trace-event.js';
import { profileOf } from '../../protocols/catalog.js';
import { neededFor } from '../../protocols/quorum/levels.js';
import { traceSourcesOf } from '../programs/trace-source.js';

/** `null`: the cluster writes down no trace, from which delays are known, or no read came after a write. */
export async function tracedStaleness(
  { mode, options, nodes }: Pick<ClusterSpec, 'mode' | 'options' | 'nodes'>,
  folder: string,
  beganAt: Millis,
): Promise<StalenessReport | null> {
  const events = eventsSince(folder, beganAt);
  const delays = delaysIn(events);
  const reads = agedReads(events);
  if (reads.length === 0 || Object.values(delays).some(({ length }) => length === 0)) return null;
  const { defaultLevels } = profileOf(mode);
  const said = { replicas: 3, ...defaultLevels, ...options } as {
    readonly replicas: number;
    readonly read: Level;
    readonly write: Level;
  };
  const replicas = Math.min(said.replicas, nodes.length);
  const quorums = {
    replicas,
    read: neededFor(said.read, replicas),
    write: neededFor(said.write, replicas),
    localShare: replicas / nodes.length,
  };
  const prediction = new StalenessPrediction(delays, quorums, new SeededRandom(1));
  const bins = stalenessBins(reads, prediction);
  return { quorums, delayCount: delays.write.length, bins };
}

/** Of long loads the files have the end: what all of them have. */
function eventsSince(folder: string, beganAt: Millis): TraceEvent[] {
  let from = beganAt;
  const files = traceSourcesOf(folder).map((source) => {
    const events: TraceEvent[] = [];
    for (let event = source.next(); event !== null && event !== 'later'; event = source.next()) {
      if (event.data.type !== 'fault') events.push(event);
    }
    source.close();
    from = Math.max(from, events[0]?.atMs ?? 0);
    return events;
  });
  return files.flat().filter(({ atMs }) => atMs >= from);
}
