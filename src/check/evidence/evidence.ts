/** A finding as the report shows it. */
import { type History, kinds, outcomes, unsaid } from '../../history/history.js';
import type { Finding } from '../finding.js';
import type { ModelName } from '../models.js';
import type { Evidence, EvidenceOperation } from '../report.js';
import { faultsDuring } from './meanwhile.js';
import { Narrator, shownText } from './narrator.js';
import { withObservers } from './observers.js';

export function evidenceOf(history: History, model: ModelName, finding: Finding): Evidence {
  const narrator = new Narrator(history);
  const core = withObservers(history, finding.operations);
  const operations = core.map((at) => evidenceOperation(narrator, at, at === finding.culprit));
  const keys = new Set(core.map((at) => history.key[at] as number));
  const [key = unsaid] = keys;
  return {
    model,
    anomaly: finding.anomaly,
    key: keys.size === 1 && key !== unsaid ? (history.keys[key] ?? null) : null,
    sentence: finding.sentence,
    because: finding.because ?? [],
    operations,
    ...(history.faults.length === 0 ? {} : { faults: faultsDuring(history, operations) }),
  };
}

export function evidenceOperation(
  narrator: Narrator,
  at: number,
  isCulprit: boolean,
): EvidenceOperation {
  const { history } = narrator;
  const named = (names: readonly string[], id: number) =>
    id === unsaid ? null : shownText(names[id] ?? '');
  const returnedAt = history.returnedAt[at] as number;
  return {
    index: at,
    line: history.line[at] as number,
    process: history.process[at] as number,
    session: named(history.sessions, history.session[at] as number),
    node: named(history.nodes, history.node[at] as number),
    key: named(history.keys, history.key[at] as number),
    f: kinds[history.kind[at] as number] ?? 'get',
    outcome: outcomes[history.outcome[at] as number] ?? 'info',
    label: narrator.label(at),
    who: narrator.who(at),
    invokedAt: history.invokedAt[at] as number,
    returnedAt: Number.isFinite(returnedAt) ? returnedAt : null,
    isCulprit,
  };
}
