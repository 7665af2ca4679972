/** Tasks that teach, each judged by what the run shows. */
import { useEffect, useState } from 'preact/hooks';
import { type Mission, missions } from '../../../lab/missions.js';
import type { Recording } from '../../../lab/recording.js';
import { Button } from '../../parts/Button.js';

export interface MissionsPanelProps {
  /** The one that was begun, by its id. */
  readonly current: string | null;
  /** Ids of those that are done. */
  readonly done: ReadonlySet<string>;
  /** Of the run that is shown; `null`: it is being run. */
  readonly recording: Recording | null;
  onStart(mission: Mission): void;
  onDone(id: string): void;
}

export function MissionsPanel(props: MissionsPanelProps) {
  const { current, done, onStart } = props;
  return (
    <section class="tool missions" aria-label="Missions">
      <p class="muted">
        {done.size} of {missions.length} done
      </p>
      <ol>
        {missions.map((mission) => (
          <li key={mission.id} class={mission.id === current ? 'mission current' : 'mission'}>
            <div class="tool-row">
              <strong>
                {done.has(mission.id) ? '✓ ' : ''}
                {mission.title}
              </strong>
              <Button onClick={() => onStart(mission)}>
                {mission.id === current ? 'Start again' : 'Start'}
              </Button>
            </div>
            <p>{mission.task}</p>
            {mission.id === current && <Begun key={mission.id} {...props} mission={mission} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Begun({
  mission,
  recording,
  done,
  onDone,
}: MissionsPanelProps & { readonly mission: Mission }) {
  const [hints, setHints] = useState(0);
  const verdict = recording === null ? null : mission.isDone(recording);
  const isNews = verdict?.done === true && !done.has(mission.id);
  useEffect(() => {
    if (isNews) onDone(mission.id);
  }, [isNews, mission.id, onDone]);
  return (
    <div class="begun">
      <p
        aria-live="polite"
        class={verdict === null ? 'muted' : verdict.done ? 'mission-done' : 'mission-open'}
      >
        {verdict === null
          ? 'It is being run …'
          : `${verdict.done ? 'Done: ' : 'Not yet: '}${verdict.why}`}
      </p>
      {verdict?.done && <p class="lesson">{mission.lesson}</p>}
      {mission.hints.slice(0, hints).map((hint) => (
        <p key={hint} class="hint">
          {hint}
        </p>
      ))}
      {hints < mission.hints.length && !verdict?.done && (
        <Button onClick={() => setHints(hints + 1)}>
          {hints === 0 ? 'A hint' : 'Another hint'}
        </Button>
      )}
    </div>
  );
}
