/** What clients of a bench asked and were told: written down, and judged as soon as the load is over. */
import type { Judged } from '../../bench/report.js';
import type { CheckReport } from '../../check/report.js';
import type { Cluster } from '../../cluster/state/state.js';
import { promisedOf } from '../../compare/promised.js';
import type { ClusterSpec } from '../../config/spec.js';
import type { Millis } from '../../core/ids.js';
import type { Level } from '../../core/operation.js';
import { quantity } from '../../core/show.js';
import { KeptHistory } from '../../explore/kept-history.js';
import { FileSink } from '../../history/files/file-sink.js';
import type { History } from '../../history/history.js';
import { JsonLines } from '../../history/recorder/json-lines.js';
import { Recorder } from '../../history/recorder/recorder.js';
import { LiveLine } from '../../render/live-line.js';
import { tracedStaleness } from './staleness.js';

interface HistoryWanted {
  readonly history?: string;
  readonly check?: boolean;
  readonly report?: string;
}

export interface JudgedHistory extends Judged {
  readonly history: History;
  /** When its clock stood at 0, as traces date it. */
  readonly beganAtMs: Millis;
  readonly report: CheckReport;
}

export interface JudgedRecorder {
  readonly recorder: Recorder;
  judge(): Promise<JudgedHistory>;
}

const judgeMs = 60_000;

/** Throws as {@link FileSink} does. */
export function openJudged(
  { history: path, check: isAsked = false, report: reportPath }: HistoryWanted,
  { record, folder }: Cluster,
  level: Level | null,
): JudgedRecorder {
  const { mode, options } = record;
  const beganAt = Date.now();
  const lines = path === undefined ? null : new JsonLines(new FileSink(path));
  const isJudged = isAsked || reportPath !== undefined;
  const kept = isJudged || lines === null ? new KeptHistory(lines) : null;
  const recorder = new Recorder({
    sink: kept ?? (lines as JsonLines),
    now: () => performance.now(),
  });
  const levels = level === null ? {} : { read: level, write: level };
  const beganAtMs = performance.timeOrigin + performance.now();
  return {
    recorder,
    judge: async () => {
      const spec = { ...record, mode, options: { ...options, ...levels } };
      const judged = { beganAtMs, ...(await judge(kept as KeptHistory, spec)) };
      if (mode !== 'quorum') return judged;
      const staleness = await tracedStaleness(spec, folder, beganAt);
      if (staleness === null) return judged;
      const document = { ...(judged.document as object), pbs: staleness };
      return { ...judged, staleness, document };
    },
  };
}

/** Says meanwhile what takes long. */
export async function checkLive(history: History): Promise<CheckReport> {
  const { check } = await import('../../check/check.js');
  const begun = performance.now();
  let doing = 'judging';
  const live = new LiveLine(
    () => `${doing} (${Math.round((performance.now() - begun) / 1000)} s)…`,
  );
  const report = await check(history, {
    ...{ timeoutMs: judgeMs, now: () => performance.now() },
    onProgress: (what) => {
      doing = `judging: ${what.replaceAll('-', ' ')}`;
      live.say();
    },
  });
  live.end();
  return report;
}

async function judge(
  kept: KeptHistory,
  spec: Pick<ClusterSpec, 'mode' | 'options'>,
): Promise<Omit<JudgedHistory, 'beganAtMs'>> {
  const { models } = await import('../../check/models.js');
  const history = kept.history();
  const report = await checkLive(history);
  const { model, verdict, why } = promisedOf(spec, kept, report);
  const strongest = report.strongest === null ? 'none is known to' : models[report.strongest].title;
  const broken = why === null ? '' : `: ${why}`;
  const mark = { holds: '✓', violated: '✗', unknown: '?' }[verdict];
  const { staleness, operations, evidence } = report;
  return {
    answer: { holds: 'yes', violated: 'no', unknown: 'unknown' }[verdict] as Judged['answer'],
    sentences: [
      `${mark} promised ${models[model].title}: ${verdict}${broken}`,
      `strongest that holds of ${quantity(operations, 'operation')}: ${strongest}`,
      ...(evidence === null ? [] : [`not ${models[evidence.model].title}: ${evidence.sentence}`]),
      ...(staleness === null ? [] : [`stale: ${staleness.sentence}`]),
    ],
    staleness: null,
    ...{ history, report },
    document: { promised: { model, verdict, why }, ...report },
  };
}
