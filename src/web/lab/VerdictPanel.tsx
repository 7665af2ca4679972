/** What still holds at the cursor: the ladder of models, and the first operation that should not have been. */
import { models } from '../../check/models.js';
import type { CheckReport, ModelName, ModelReport } from '../../check/report.js';
import type { ModelFall, Recording } from '../../lab/recording.js';
import { Button } from '../parts/Button.js';
import { firstFall, type LabState, type LabStore, useLab } from './store.js';

type Standing = 'holds' | 'violated' | 'unknown';

/** The fall that is shown: of the chosen model, else the first one. */
export function fallShown({ recording, cursor, model }: LabState): ModelFall | null {
  if (recording === null) return null;
  const fallen = recording.falls.filter(({ event }) => event <= cursor);
  const chosen = fallen.find((fall) => fall.model === model);
  if (chosen !== undefined) return chosen;
  return firstFall(fallen);
}

export function VerdictPanel({ store }: { readonly store: LabStore }) {
  const recording = useLab(store, (state) => state.recording);
  const running = useLab(store, (state) => state.running);
  const broken = useLab(store, (state) => state.broken);
  const fall = useLab(store, fallShown);
  // Which models have fallen changes only where one falls.
  useLab(store, ({ recording: run, cursor }) => fallenCount(run, cursor));
  const isOver = useLab(store, ({ recording: run, cursor }) =>
    run === null ? false : cursor >= run.lanes.events.count - 1,
  );
  return (
    <section class="panel verdict" aria-label="Verdict">
      <header>
        <h2>Verdict</h2>
        <span class="muted">{isOver ? 'of the whole run' : 'at this moment'}</span>
        {running !== null && <span class="pill warn">running, {running} events</span>}
      </header>
      <div class="panel-body">
        {broken !== null && <p class="bad broken">{broken}</p>}
        {recording !== null && (
          <Judged store={store} recording={recording} fall={fall} isOver={isOver} />
        )}
      </div>
    </section>
  );
}

const fallenCount = (recording: Recording | null, cursor: number): number =>
  recording?.falls.filter(({ event }) => event <= cursor).length ?? 0;

interface JudgedProps {
  readonly store: LabStore;
  readonly recording: Recording;
  readonly fall: ModelFall | null;
  readonly isOver: boolean;
}

function Judged({ store, recording, fall, isOver }: JudgedProps) {
  const { check, failure, falls, isCut } = recording;
  const { cursor } = store.state;
  return (
    <>
      <div aria-live="polite">
        {fall === null ? (
          <Sentence isOver={isOver} check={check} />
        ) : (
          <div class="fall">
            <p>
              <b class="bad">Not {models[fall.model].title}:</b> {fall.sentence}
            </p>
            <p class="muted">Its promise: {models[fall.model].promise}.</p>
            <p class="fall-actions">
              <Button onClick={() => store.seek(fall.event)}>Go there</Button>
              <span class="muted">
                {fall.slice.length} events led to it: they are lit in the diagram.
              </span>
            </p>
          </div>
        )}
        {isOver && failure !== null && (
          <p class="failure">
            <b class="bad">The script</b>{' '}
            {fall !== null && failure.includes(fall.sentence)
              ? 'fails by that.'
              : `fails: ${failure}`}
          </p>
        )}
        {isCut && <p class="warn">The run was cut off: it became too long.</p>}
      </div>
      {check !== null && (
        <ul class="ladder">
          {check.models.map((each) => (
            <Rung
              key={each.model}
              report={each}
              standing={standingOf(each, falls, cursor, isOver)}
              isShown={fall?.model === each.model}
              onChoose={() => store.chooseModel(fall?.model === each.model ? null : each.model)}
            />
          ))}
        </ul>
      )}
    </>
  );
}

function Sentence({
  check,
  isOver,
}: {
  readonly check: CheckReport | null;
  readonly isOver: boolean;
}) {
  if (check === null) return <p class="muted">No client has asked anything: nothing to judge.</p>;
  if (!isOver) return <p class="good">Nothing wrong so far.</p>;
  return (
    <p class="good">
      {check.strongest === null ? 'No model was broken.' : `It is ${check.strongest}.`}
    </p>
  );
}

function standingOf(
  { model, verdict }: ModelReport,
  falls: readonly ModelFall[],
  cursor: number,
  isOver: boolean,
): Standing {
  const fall = falls.find((each) => each.model === model);
  if (fall !== undefined) return fall.event <= cursor ? 'violated' : 'holds';
  return isOver || verdict === 'holds' ? verdict : 'unknown';
}

const signs: Readonly<Record<Standing, string>> = { holds: '✓', violated: '✗', unknown: '?' };

function Rung({
  report: { model, reason },
  standing,
  isShown,
  onChoose,
}: {
  readonly report: { readonly model: ModelName; readonly reason: string };
  readonly standing: Standing;
  readonly isShown: boolean;
  readonly onChoose: () => void;
}) {
  const words = (
    <>
      <span aria-hidden="true">{signs[standing]}</span> {model}
      <span class="only-heard"> {standing}</span>
    </>
  );
  const title = `${standing}: ${reason}`;
  return (
    <li class={`rung rung-${standing}`}>
      {standing === 'violated' ? (
        <button type="button" title={title} aria-pressed={isShown} onClick={onChoose}>
          {words}
        </button>
      ) : (
        <span title={title}>{words}</span>
      )}
    </li>
  );
}
