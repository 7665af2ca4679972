/** Measured staleness beside what PBS predicts. */
import { formatDuration } from '../config/duration.js';
import { right } from '../render/page.js';
import type { TableOptions } from '../render/table.js';
import { tableLines } from '../render/table.js';
import { wrap } from '../render/wrap.js';
import type { Quorums, StalenessBin } from './pbs.js';

export interface StalenessReport {
  readonly quorums: Quorums;
  /** Those measured of writes that travelled. */
  readonly delayCount: number;
  readonly bins: readonly StalenessBin[];
}

const columns = [
  { title: 'AGE OF THE WRITE' },
  ...['READS', 'STALE', 'MEASURED', 'PREDICTED'].map(right),
];

const percent = (part: number, whole: number): string =>
  `${Number(((100 * part) / whole).toFixed(2))}%`;

export function stalenessLines(report: StalenessReport | null, options: TableOptions): string[] {
  if (report === null) return [];
  const { quorums, delayCount, bins } = report;
  const { replicas, read, write } = quorums;
  const title = `Stale reads, and what PBS (Bailis et al. 2012) predicts for R=${read} W=${write} of N=${replicas} from the delays of ${delayCount} messages with writes:`;
  const sum = (of: 'reads' | 'stale' | 'expected') => bins.reduce((all, bin) => all + bin[of], 0);
  const all = { reads: sum('reads'), stale: sum('stale'), expected: sum('expected') };
  const rows = [...bins.map((bin) => ({ name: ageOf(bin), ...bin })), { name: 'all', ...all }];
  return [
    '',
    ...wrap(title, Math.min(options.width ?? 80, 100)),
    ...tableLines(
      columns,
      rows.map(({ name, reads, stale, expected }) => [
        ...[name, `${reads}`, `${stale}`, percent(stale, reads), percent(expected, reads)],
      ]),
      options,
    ),
  ];
}

function ageOf({ fromMs, toMs }: StalenessBin): string {
  if (!Number.isFinite(toMs)) return `from ${formatDuration(fromMs)}`;
  return `below ${formatDuration(toMs)}`;
}
