/** What a run must have kept: the clients' history, judged by the strongest models that its levels promise. */
import { judgeModels } from '../check/check.js';
import type { ModelName } from '../check/models.js';
import type { Evidence, ModelReport } from '../check/report.js';
import { keyFromText } from '../core/key.js';
import { selectOperations } from '../history/columns.js';
import { kindCode, outcomeCode } from '../history/event.js';
import { absent, type History, unsaid } from '../history/history.js';
import type { Consistency } from '../protocols/catalog.js';
import type { HistoryEntry } from './history.js';
import type { Violation } from './invariants.js';
import { type SwarmProfile, strengthOf } from './profile.js';
import { checkVersionOrder, nodeOrder, sessionOrders, type VersionOrder } from './version-order.js';
import type { Workload } from './workload.js';

export interface JudgeSetup {
  readonly profile: SwarmProfile;
  readonly workload: Pick<Workload, 'readLevels' | 'sessions'>;
  /** What was acknowledged may be gone, the only copy of it with a disk: no session can keep to that. */
  readonly mayLose: boolean;
  /** What reads at one level promise when writes are made at any of the workload's. */
  consistencyAt(level: HistoryEntry['level']): Consistency;
}

export interface HistoryVerdict {
  readonly violations: readonly Violation[];
  /** How many histories and models, by `model verdict`. */
  readonly verdicts: ReadonlyMap<string, number>;
  /** Of the first model that is violated. */
  readonly evidence: Evidence | null;
}

/** `entries` are the operations of `history`, in its order. */
export function judgeHistory(
  history: History,
  entries: readonly HistoryEntry[],
  setup: JudgeSetup,
): HistoryVerdict {
  const verdicts = new Map<string, number>();
  const violations: Violation[] = [];
  let evidence: Evidence | null = null;
  const judge = (part: History, models: readonly ModelName[]): void => {
    for (const report of models.length === 0 ? [] : judgeModels(part, models)) {
      const name = `${report.model} ${report.verdict}`;
      verdicts.set(name, (verdicts.get(name) ?? 0) + 1);
      if (report.verdict !== 'violated') continue;
      violations.push(violationOf(report));
      evidence ??= report.evidence;
    }
  };
  const ranks = entries.map(({ operation, level }) =>
    operation.type === 'get' ? strengthOf(setup.consistencyAt(level)) : Number.POSITIVE_INFINITY,
  );
  const orders: VersionOrder[] = [];
  const promised = new Set(setup.workload.readLevels.map((level) => setup.consistencyAt(level)));
  for (const consistency of promised) {
    if (consistency === 'eventual') continue;
    const rank = strengthOf(consistency);
    const isIn = entries.map((_, at) => (ranks[at] as number) >= rank);
    const part = selectOperations(history, Uint8Array.from(isIn, Number));
    const isAtomic = setup.profile.atomicConditionals;
    // Of an update nobody knows which value it found, so that whole keys would be left unknown.
    const split = consistency === 'regular' ? [kindCode.update] : conditionalKinds;
    judge(isAtomic ? part : withoutConditions(part, split), [modelOf(consistency, part)]);
    const chosen = new Set(entries.filter((_, at) => isIn[at]));
    orders.push({
      check: consistency,
      group: (entry) => (chosen.has(entry) ? '' : null),
      telling: consistency === 'regular' ? 'writes' : 'all',
      heeding: 'all',
    });
  }
  // Where stamps come from clocks that differ, what a session wrote last need not be newest: values don't tell.
  if (setup.profile.sessions?.ordersWrites === true) {
    const sessions = (setup.workload.sessions ?? []).filter(
      (guarantee) => !setup.mayLose || sessionOrders[guarantee].heeding === 'writes',
    );
    if (!hasTransactions(history)) judge(history, sessions);
    orders.push(nodeOrder, ...sessions.map((guarantee) => sessionOrders[guarantee]));
  }
  violations.push(...checkVersionOrder(entries, orders));
  return { violations, verdicts, evidence };
}

/** Of single operations on single keys strict serializability is linearizability, which is quicker to decide. */
function modelOf(consistency: Consistency, history: History): ModelName {
  if (consistency === 'regular') return 'regular';
  return hasTransactions(history) ? 'strict-serializable' : 'linearizable';
}

const hasTransactions = ({ steps }: History): boolean => steps.size > 0;

const conditionalKinds: readonly number[] = [kindCode.insert, kindCode.update, kindCode.cas];

/**
 * Where a conditional write is a read and then a write, it counts as a write when it was made and as a read when it was
 * refused.
 */
function withoutConditions(history: History, kinds: readonly number[]): History {
  const { count, outcome, seen } = history;
  const kind = history.kind.slice();
  const expected = history.expected.slice();
  const written = history.written.slice();
  const asRead = outcome.slice();
  for (let at = 0; at < count; at++) {
    if (!kinds.includes(kind[at] as number)) continue;
    expected[at] = unsaid;
    if (outcome[at] === outcomeCode.fail && seen[at] !== unsaid) {
      kind[at] = kindCode.get;
      asRead[at] = outcomeCode.ok;
      written[at] = unsaid;
    } else kind[at] = written[at] === absent ? kindCode.delete : kindCode.put;
  }
  return { ...history, kind, expected, written, outcome: asRead };
}

function violationOf({ model, reason, evidence }: ModelReport): Violation {
  const key = evidence?.key ?? null;
  const because = evidence?.because.join('; ') ?? '';
  const message = because === '' ? reason : `${reason} (${because})`;
  return { check: model, key: key === null ? null : keyFromText(key), message };
}
