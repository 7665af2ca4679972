import type { ReplicaView } from '../../../core/replica.js';
import type { MetricFamily, MetricSample, MetricType } from '../../../runtime/metrics/family.js';
import type { NodeLoad } from '../../../runtime/node.js';
import type { Journal } from '../../../runtime/ports.js';
import type { ClusterRecord } from '../../state/record.js';
import type { MeasuredDisk } from './measured-disk.js';
import type { OperationCounts } from './operation-counts.js';

/** All that a node's metrics are read from: counters that stand already, and its replica. */
export interface MetricSource {
  readonly record: ClusterRecord;
  readonly node: string;
  readonly incarnation: number;
  /** Seconds since 1970. */
  readonly startedAt: number;
  readonly view: ReplicaView;
  readonly load: NodeLoad;
  readonly operations: OperationCounts;
  readonly journal: Pick<Journal<unknown>, 'appended' | 'durable' | 'logBytes'>;
  readonly disk: Pick<MeasuredDisk, 'syncTimes' | 'writtenBytes' | 'snapshotCount'>;
  /** To its peers, behind the fault filter and before it. */
  readonly link: {
    readonly sentCount: number;
    readonly receivedCount: number;
    readonly receivedBytes: number;
    readonly lostCount: number;
    readonly bytesWaiting: number;
  };
  readonly lines: { readonly sentBytes: number; readonly lostCount: number };
  /** Rules about its links, and what is wrong with the node itself. */
  readonly faultCount: number;
  /** Of its own socket. */
  readonly connections: { readonly client: number; readonly peer: number };
  /** `null`: it takes no Redis clients. */
  readonly resp: RespCounts | null;
}

export interface RespCounts {
  readonly connections: number;
  /** Since the start. */
  readonly clients: number;
  readonly commands: number;
}

/** One family of metrics: what its samples are now; `null` where there is no such thing. */
export interface MetricRow<S = MetricSource> {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  /** Which there are, for the documentation. */
  readonly labels?: readonly string[];
  read(source: S): number | Iterable<MetricSample> | null;
}

type Named = string | readonly [name: string, ...labels: string[]];

const rowOf =
  (type: MetricType) =>
  <S = MetricSource>(named: Named, help: string, read: MetricRow<S>['read']): MetricRow<S> => {
    const [name, ...labels] = typeof named === 'string' ? [named] : named;
    return { name, type, help, read, ...(labels.length > 0 && { labels }) };
  };

export const gaugeRow = rowOf('gauge');
export const counterRow = rowOf('counter');
export const histogramRow = rowOf('histogram');

/** Each row's samples, with these labels on all of them. */
export function familiesOf<S>(
  rows: readonly MetricRow<S>[],
  source: S,
  labels: MetricSample['labels'],
): MetricFamily[] {
  return rows.flatMap(({ name, type, help, read }) => {
    const found = read(source);
    if (found === null) return [];
    const bare = typeof found === 'number' ? [labelled(found)] : found;
    const samples = Array.from(bare, (each) => ({ ...each, labels: [...labels, ...each.labels] }));
    return samples.length === 0 ? [] : [{ name, type, help, samples }];
  });
}

export const labelled = (
  value: number,
  labels: Readonly<Record<string, string>> = {},
): MetricSample => ({ suffix: '', labels: Object.entries(labels), value });
