/** Which consistency was that? A history judged by every model, with the evidence against what does not hold. */
import type { History } from '../history/history.js';
import { registerKey } from '../history/jepsen/jepsen.js';
import { countedStages, type Stages, timedStages } from './budget.js';
import { isOfTransactions } from './elle/anomaly.js';
import { evidenceOf } from './evidence/evidence.js';
import type { ModelVerdict } from './finding.js';
import { type Initials, initialSentence, initialsShownBy, withInitial } from './initial.js';
import { Judge } from './judge.js';
import { consequencesOf, type ModelName, modelNames, models } from './models.js';
import { ObjectJudge } from './objects/object-judge.js';
import { isOfObject, objectIn } from './objects/objects.js';
import type { CheckReport, Evidence, InitialReport, ModelReport } from './report.js';
import { depthFirst, type SearchVerdict } from './search/depth-first.js';
import type { Call, Model } from './search/model.js';
import { stalenessIn } from './staleness/report.js';

export interface CheckOptions {
  /** Absent: all that apply to the history. */
  readonly models?: readonly ModelName[];
  /** From the call on; what is not decided then is `unknown`. Absent: a minute. */
  readonly timeoutMs?: number;
  /** The clock of that: monotonic, in milliseconds. Absent: work is counted instead, so that no verdict depends on it. */
  readonly now?: () => number;
  /** What the search's tables may hold, the history itself aside. Absent: 1 GB. */
  readonly memoryBytes?: number;
  /** For eventual convergence: how long after the last write all must read the same. Absent: ten seconds. */
  readonly quietMs?: number;
  /** What every key held before all operations. Absent: nothing, unless the history shows something else. */
  readonly initial?: string;
  /** Called now and then with what is being judged, also in the middle of long work. */
  readonly onProgress?: (doing: string) => void;
}

/**
 * Judges a history, as `readHistory` returns it. What is violated comes with a core of operations that are impossible by
 * themselves; what is `unknown` with the reason. Throws nothing that the history could cause.
 */
export async function check(history: History, options: CheckOptions = {}): Promise<CheckReport> {
  return checkSync(history, options);
}

/** As {@link check}, for assertions, which can't wait. */
export function checkSync(history: History, options: CheckOptions = {}): CheckReport {
  const stages = stagesFor(options);
  const object = objectIn(history, options.models ?? null);
  if (object !== null) {
    const judge = new ObjectJudge(history, object, stages);
    return withoutDefaultKey({
      ...reportBy(judge, options.models ?? judge.type.models),
      staleness: null,
    });
  }
  if (options.initial !== undefined) {
    const given = withInitial(history, options.initial);
    const said = { of: given.initials, isAssumed: false, given: options.initial };
    return judged(given.history, options, stages, said);
  }
  const report = judged(history, options, stages, null);
  if (violatedIn(report) === 0) return report;
  const shown = initialsShownBy(history);
  if (shown.size === 0) return report;
  const assuming = judged(history, options, stages, { of: shown, isAssumed: true });
  return violatedIn(assuming) < violatedIn(report) ? assuming : report;
}

export type Limited = Pick<CheckOptions, 'timeoutMs' | 'now' | 'memoryBytes' | 'onProgress'>;

/** About what some minutes are good for. */
const questionsUntimed = 5_000_000;

export function stagesFor({
  timeoutMs = 60_000,
  now,
  memoryBytes = 1e9,
  onProgress,
}: Limited): Stages {
  return now === undefined
    ? countedStages(questionsUntimed, memoryBytes)
    : timedStages({ timeoutMs, memoryBytes, now, onProgress });
}

/**
 * Whether calls of a data type of one's own are linearizable: as if they had taken effect one after another on the model,
 * each between its start and its end. `holds` with such an order, which has been replayed; `violated` with a few calls
 * that no order explains, whichever of the others happened; else `unknown`. Exponential at worst, like the question: judge
 * what is independent, such as the keys of a store, each by itself.
 */
export function checkModel<State, Operation>(
  model: Model<State, Operation>,
  calls: readonly Call<Operation>[],
  options: Limited = {},
): SearchVerdict {
  return depthFirst(model, calls, stagesFor(options).begin('linearizable'));
}

export interface JudgeOptions {
  /** Questions and bytes that the engines may use up, each for at most some thousand steps. No clock: the same verdict everywhere. */
  readonly questionsMax?: number;
  readonly memoryBytes?: number;
  /** For eventual convergence: see {@link CheckOptions}. */
  readonly quietMs?: number;
}

/**
 * Judges a history of keys, in memory as `MemoryHistory` records it, by exactly these models, in this order: no ladder, no staleness, no
 * guess at what keys held at first. For those who judge thousands of small histories, such as the simulator; about a
 * millisecond for 300 operations. Each answer is yes (`holds`), no (`violated`, with `evidence`) or `unknown`, with the
 * reason. Deterministic.
 *
 * A history with transactions is judged by `strict-serializable` and the other models of transactions; without them also
 * by `linearizable`, `sequential`, `causal`, `regular`, the four session guarantees and `eventual`.
 */
export function judgeModels(
  history: History,
  asked: readonly ModelName[],
  options: JudgeOptions = {},
): ModelReport[] {
  const { questionsMax = 20_000, memoryBytes = 256e6, quietMs = 10_000 } = options;
  const judge = new Judge(history, asked, countedStages(questionsMax, memoryBytes), quietMs * 1e6);
  return asked.map((model) => reportOf(judge, model));
}

/** An object without a name is no register, though it was read as one. */
function withoutDefaultKey(report: CheckReport): CheckReport {
  const renamed = (evidence: Evidence | null): Evidence | null =>
    evidence?.key === registerKey ? { ...evidence, key: null } : evidence;
  const reports = report.models.map((each) => ({ ...each, evidence: renamed(each.evidence) }));
  return { ...report, models: reports, evidence: renamed(report.evidence) };
}

const violatedIn = ({ models: reports }: CheckReport): number =>
  reports.filter(({ verdict }) => verdict === 'violated').length;

function judged(
  history: History,
  options: CheckOptions,
  stages: Stages,
  initial: (Omit<InitialReport, 'sentence'> & { readonly of: Initials }) | null,
): CheckReport {
  const { models: wanted = null, quietMs = 10_000 } = options;
  const judge = new Judge(history, wanted, stages, quietMs * 1e6, initial?.of);
  const report = reportBy(judge, wanted ?? modelNames.filter((model) => applies(model, judge)));
  return {
    ...report,
    initial: initial === null ? null : told(history, initial),
    staleness: stalenessIn(judge, stages.begin('staleness')),
  };
}

const told = (
  history: History,
  { of, ...said }: Omit<InitialReport, 'sentence'> & { readonly of: Initials },
): InitialReport => ({ sentence: initialSentence(history, of), ...said });

function reportBy(judge: AnyJudge, asked: readonly ModelName[]): Omit<CheckReport, 'staleness'> {
  const { history } = judge;
  const reports = askedInOrder(asked).map((model) => reportOf(judge, model));
  const consistent = withConsequences(reports, judge);
  const strongest = strongestOf(consistent, judge);
  return {
    operations: history.count,
    keys: history.keys.length,
    processes: new Set(history.process).size,
    transactions: history.steps.size,
    durationNs: durationOf(history),
    initial: null,
    strongest,
    models: consistent,
    evidence: evidenceAbove(consistent, strongest),
  };
}

/** Of keys, or of an object. */
type AnyJudge = Pick<Judge, 'history' | 'traits' | 'judge'>;

/** A model that says nothing of such a history is no rung of its ladder: it would be unknown for ever. */
function applies(model: ModelName, { traits }: Judge): boolean {
  if (isOfObject(model)) return false;
  return traits.hasTransactions ? isOfTransactions(model) : !models[model].ofTransactions;
}

const askedInOrder = (asked: readonly ModelName[]): ModelName[] =>
  modelNames.filter((model) => asked.includes(model));

function reportOf(judge: AnyJudge, model: ModelName): ModelReport {
  const { judgement, follows } = judge.judge(model);
  const isSame = model === 'strict-serializable' && !judge.traits.hasTransactions;
  const reason = follows === null ? reasonOf(judgement) : `follows from ${models[follows].title}`;
  const evidence =
    judgement.type === 'violated' ? evidenceOf(judge.history, model, judgement.finding) : null;
  return {
    ...{ model, title: models[model].title, verdict: judgement.type },
    reason: isSame ? 'as linearizable: each operation has one key' : reason,
    follows: isSame ? 'linearizable' : follows,
    evidence,
  };
}

function reasonOf(judgement: ModelVerdict): string {
  switch (judgement.type) {
    case 'holds':
      return judgement.note ?? '';
    case 'unknown':
      return judgement.why;
    default:
      return judgement.finding.sentence;
  }
}

/** What is unknown can't hold where something weaker is violated. */
function withConsequences(reports: readonly ModelReport[], judge: AnyJudge): ModelReport[] {
  return reports.map((report) => {
    if (report.verdict !== 'unknown') return report;
    const consequences = consequencesOf(report.model, judge.traits);
    // Those that nobody asked for, too: else the verdict would depend on what else is asked.
    const broken = modelNames.find(
      (model) => consequences.has(model) && judge.judge(model).judgement.type === 'violated',
    );
    if (broken === undefined) return report;
    const reason = `without ${models[broken].title} it can't hold`;
    return { ...report, verdict: 'violated', reason, follows: broken };
  });
}

/**
 * Where there are no transactions, serializability asks so little that it is no rung of the ladder; neither is what
 * demands of a queue only that nothing comes out too often.
 */
function strongestOf(reports: readonly ModelReport[], { traits }: AnyJudge): ModelName | null {
  const isRung = (model: ModelName) =>
    model !== 'queue' && (traits.hasTransactions || model !== 'serializable');
  const found = reports.find(({ model, verdict }) => verdict === 'holds' && isRung(model));
  return found?.model ?? null;
}

/** Of the violated model that is nearest above the strongest that holds. */
function evidenceAbove(
  reports: readonly ModelReport[],
  strongest: ModelName | null,
): Evidence | null {
  const bound = strongest === null ? modelNames.length : modelNames.indexOf(strongest);
  const above = reports.filter(
    ({ model, evidence }) => evidence !== null && modelNames.indexOf(model) < bound,
  );
  return above.at(-1)?.evidence ?? null;
}

function durationOf({ count, invokedAt, returnedAt }: History): number {
  let last = 0;
  for (let at = 0; at < count; at++) {
    const returned = returnedAt[at] as number;
    last = Math.max(last, Number.isFinite(returned) ? returned : (invokedAt[at] as number));
  }
  return count === 0 ? 0 : last - (invokedAt[0] as number);
}
