/** What a bench has to tell: its history and verdict, its exact figures, and the trace where its cluster keeps one. */
import type { BenchReport } from '../../bench/run.js';
import { benchTables } from '../../bench/tables.js';
import type { Cluster } from '../../cluster/state/state.js';
import { nothingTold, type Report } from '../../report/report.js';
import type { JudgedHistory } from '../load/judged.js';
import type { TypedCommand } from '../perform-typed.js';
import { aboutOf, clusterPairs } from './about.js';
import { toldTrace, tracedSince } from './told-trace.js';

export interface BenchTold {
  readonly typed: TypedCommand;
  readonly cluster: Cluster;
  readonly report: BenchReport;
  readonly verdict: JudgedHistory;
}

export function benchTold({ typed, cluster, report, verdict }: BenchTold): Report {
  const { record, folder } = cluster;
  const { name, runtime } = record;
  const { history, report: check, beganAtMs, sentences } = verdict;
  const traced = record.trace === 'on' ? tracedSince(folder, beganAtMs) : [];
  const { notes, ...trace } = toldTrace(traced, check.evidence, beganAtMs);
  const about = { seed: report.plan.seed, cluster: clusterPairs(record, runtime, name) };
  return {
    ...nothingTold,
    about: aboutOf('bench', typed, about),
    ...{ check, history, historyBeginMs: beganAtMs, ...trace },
    tables: benchTables(report),
    notes: [...sentences.slice(0, 1), ...notes],
  };
}
