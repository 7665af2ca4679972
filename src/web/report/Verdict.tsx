/** What the page is for: which consistency clients got, and the smallest evidence that they did not get more. */
import type { ComponentChild, ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { meanwhile } from '../../check/evidence/meanwhile.js';
import { nanoseconds } from '../../check/evidence/time.js';
import { models as knownModels } from '../../check/models.js';
import type {
  CheckReport,
  Evidence,
  EvidenceOperation,
  ModelReport,
  Verdict as Word,
} from '../../check/report.js';
import { hasTimes } from '../../report/figures.js';
import { Button } from '../parts/Button.js';
import { EvidenceTimeline } from './EvidenceTimeline.js';

const marks: Readonly<Record<Word, string>> = { holds: '✓', violated: '✗', unknown: '?' };
const tones: Readonly<Record<Word, string>> = { holds: 'good', violated: 'bad', unknown: 'warn' };
const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;

const hasClock = ({ durationNs, operations }: CheckReport): boolean =>
  hasTimes(operations, durationNs);

interface VerdictProps {
  readonly check: CheckReport;
  readonly onPick: (operation: number) => void;
  /** Below the evidence. */
  readonly children?: ComponentChildren;
}

export function VerdictPart({ check, onPick, children }: VerdictProps) {
  const [chosen, setChosen] = useState<Evidence | null>(null);
  const evidence = chosen ?? check.evidence;
  return (
    <section id="verdict" class="panel" aria-label="Verdict">
      <Headline check={check} />
      <div class="verdict-columns">
        <Ladder check={check} shown={evidence} onEvidence={(model) => setChosen(model.evidence)} />
        {evidence !== null && (
          <EvidenceView key={evidence.model} evidence={evidence} check={check} onPick={onPick} />
        )}
      </div>
      {children}
      {check.staleness !== null && hasClock(check) && (
        <p class="staleness">
          <strong>How stale:</strong> {check.staleness.sentence}
          {check.staleness.deltaNs !== null && `; Δ = ${nanoseconds(check.staleness.deltaNs)}`}
        </p>
      )}
    </section>
  );
}

function Headline({ check }: { readonly check: CheckReport }) {
  const { strongest, evidence, models, operations, processes, keys, durationNs } = check;
  const isUnsure = models.some(({ verdict }) => verdict === 'unknown');
  const tone = evidence !== null ? 'bad' : strongest === null || isUnsure ? 'warn' : 'good';
  const time = hasClock(check) ? ` in ${nanoseconds(durationNs)}` : '';
  return (
    <header class={`headline ${tone}`}>
      <span class="headline-mark" aria-hidden="true">
        {evidence !== null ? '✗' : tone === 'good' ? '✓' : '?'}
      </span>
      <div>
        <h2>{headlineOf(check)}</h2>
        {evidence !== null && <p class="sentence">{sentenceOf(evidence)}</p>}
        <p class="muted small">
          {plural(operations, 'operation')} of {plural(processes, 'client')} on{' '}
          {plural(keys, 'key')}
          {time}
          {check.initial !== null && `; ${initialOf(check.initial)}`}
        </p>
      </div>
    </header>
  );
}

function headlineOf({ strongest, evidence, models }: CheckReport): string {
  const best = strongest === null ? null : knownModels[strongest].title;
  if (evidence !== null) {
    const not = `Not ${knownModels[evidence.model].title}: ${evidence.anomaly}`;
    return best === null ? not : `${not}. The strongest that holds: ${best}`;
  }
  if (best !== null) return `The strongest that holds: ${best}`;
  const isUnsure = models.some(({ verdict }) => verdict === 'unknown');
  return isUnsure ? 'None is known to hold' : 'None of the models asked for holds';
}

const initialOf = ({ sentence, isAssumed }: NonNullable<CheckReport['initial']>): string =>
  isAssumed ? `judged as if ${sentence}` : `as was said, ${sentence}`;

const sentenceOf = ({ sentence }: Evidence): string =>
  `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;

interface LadderProps {
  readonly check: CheckReport;
  readonly shown: Evidence | null;
  readonly onEvidence: (model: ModelReport) => void;
}

function Ladder({ check, shown, onEvidence }: LadderProps) {
  const said = new Map<string, string>();
  return (
    <ol class="ladder" aria-label="Consistency models, strongest first">
      {check.models.map((model) => {
        const { verdict, reason, title } = model;
        // Why something holds is soon said; a violation is not told twice.
        const before = verdict === 'holds' ? undefined : said.get(reason);
        if (before === undefined) said.set(reason, title);
        const isStrongest = model.model === check.strongest;
        return (
          <li
            key={model.model}
            class={`rung ${tones[verdict]} ${isStrongest ? 'is-strongest' : ''}`}
          >
            <span class="mark" aria-hidden="true">
              {marks[verdict]}
            </span>
            <div>
              <div class="rung-title">
                <strong title={knownModels[model.model].promise}>{title}</strong>
                <span class={`verdict ${tones[verdict]}`}>{verdict}</span>
                {isStrongest && <span class="pill good">the strongest that holds</span>}
                {model.evidence !== null && (
                  <Button
                    class="link no-print"
                    aria-pressed={model.evidence === shown}
                    onClick={() => onEvidence(model)}
                  >
                    {model.evidence === shown ? 'shown' : 'evidence'}
                  </Button>
                )}
              </div>
              {reason !== '' && (
                <p class="reason">{before === undefined ? reason : `as for ${before}`}</p>
              )}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

interface EvidenceViewProps {
  readonly evidence: Evidence;
  readonly check: CheckReport;
  readonly onPick: (operation: number) => void;
}

function EvidenceView({ evidence, check, onPick }: EvidenceViewProps) {
  const broken = meanwhile(evidence, hasClock(check));
  const isMain = evidence === check.evidence;
  return (
    <div class="evidence">
      <h3>
        Evidence against {knownModels[evidence.model].title}: {evidence.anomaly}
        {evidence.key !== null && ` of key ${evidence.key}`}
      </h3>
      {!isMain && <p>{sentenceOf(evidence)}</p>}
      <EvidenceTimeline {...{ evidence, onPick }} isTimed={hasClock(check)} />
      <ul class="because">
        {evidence.because.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
        {broken !== null && <li>{broken}</li>}
      </ul>
      <EvidenceTable evidence={evidence} isTimed={hasClock(check)} onPick={onPick} />
    </div>
  );
}

/** More than these nobody reads. */
const operationsShownMax = 24;

interface EvidenceTableProps {
  readonly evidence: Evidence;
  readonly isTimed: boolean;
  readonly onPick: (operation: number) => void;
}

function EvidenceTable({ evidence: { operations }, isTimed, onPick }: EvidenceTableProps) {
  const first = operations[0]?.invokedAt ?? 0;
  const time = (at: number | null): string =>
    !isTimed ? '' : at === null ? 'unknown' : at === first ? '0' : `+${nanoseconds(at - first)}`;
  const namesKeys = new Set(operations.map(({ key }) => key)).size > 1;
  const more = operations.length - operationsShownMax;
  const shown = operations.slice(0, operationsShownMax);
  const columns: readonly (readonly [string, (operation: EvidenceOperation) => ComponentChild])[] =
    [
      ['Who', ({ who }) => who],
      ['Operation', ({ label, index }) => <PickLink {...{ label, index, onPick }} />],
      ['Key', ({ key }) => (namesKeys ? key : null)],
      ['Node', ({ node }) => node],
      ['Began', ({ invokedAt }) => time(invokedAt)],
      ['Ended', ({ returnedAt }) => time(returnedAt)],
      ['Line', ({ line }) => line],
    ];
  // Columns that say nothing are left out.
  const said = columns.filter(([, of]) => shown.some((each) => (of(each) ?? '') !== ''));
  return (
    <div class="scrolled">
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">
              #
            </th>
            {said.map(([title]) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((each, at) => (
            <tr key={each.index} class={each.isCulprit ? 'is-culprit' : ''}>
              <td class="number">
                {each.isCulprit && '▸'}
                {at + 1}
              </td>
              {said.map(([title, of]) => (
                <td key={title}>{of(each)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p class="muted">and {plural(more, 'more', 'more')}</p>}
    </div>
  );
}

type PickProps = Pick<EvidenceOperation, 'label' | 'index'> & Pick<EvidenceTableProps, 'onPick'>;

function PickLink({ label, index, onPick }: PickProps) {
  return (
    <Button class="link mono" title="Show it among all" onClick={() => onPick(index)}>
      {label}
    </Button>
  );
}
