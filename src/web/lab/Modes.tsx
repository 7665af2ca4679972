/** One scenario and one seed in all four modes, beside each other. */
import { useEffect, useState } from 'preact/hooks';
import { currentOf } from '../../lab/forks.js';
import type { ModeRun } from '../../lab/modes.js';
import { Diagram } from '../diagram/Diagram.js';
import { Button } from '../parts/Button.js';
import type { Engine, LabRecording } from './engine.js';
import { firstFall, type LabStore, useLab } from './store.js';

interface ModesProps {
  readonly store: LabStore;
  readonly engine: Engine;
  readonly onOpen: (run: ModeRun<LabRecording>) => void;
}

type Found = readonly ModeRun<LabRecording>[] | { readonly message: string } | null;

export function Modes({ store, engine, onOpen }: ModesProps) {
  const { key } = useLab(store, ({ tree }) => currentOf(tree));
  const [found, setFound] = useState<Found>(null);
  const [through, setThrough] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    setFound(null);
    setThrough(0);
    engine.modes(key, { signal, onTold: setThrough }).then(setFound, (error: Error) => {
      if (!signal.aborted) setFound({ message: error.message });
    });
    return () => controller.abort();
  }, [engine, key]);
  if (found === null) {
    return (
      <p class="modes-wait muted" aria-live="polite">
        The same scenario, seed {key.seed}, in four modes: {through} of 4 done …
      </p>
    );
  }
  if ('message' in found) return <p class="modes-wait bad">{found.message}</p>;
  return (
    <section class="modes" aria-label="Four modes side by side">
      {found.map((run) => (
        <ModeCard key={run.mode} run={run} onOpen={() => onOpen(run)} />
      ))}
    </section>
  );
}

interface ModeCardProps {
  readonly run: ModeRun<LabRecording>;
  readonly onOpen: () => void;
}

function ModeCard({ run, onOpen }: ModeCardProps) {
  const { mode, recording, problems, changed } = run;
  return (
    <article class="panel mode-card">
      <header>
        <h2>{mode}</h2>
        {recording !== null && <Strongest recording={recording} />}
        <Button onClick={onOpen}>Open</Button>
      </header>
      {recording === null ? (
        <div class="panel-body">
          <p>This scenario asks for what mode {mode} does not have:</p>
          <ul>
            {problems.map(({ line, message }) => (
              <li key={`${line} ${message}`}>
                line {line}: {message}
              </li>
            ))}
          </ul>
        </div>
      ) : (
        <ModeRunShown mode={mode} recording={recording} />
      )}
      {changed.length > 0 && (
        <p class="mode-note muted">{changed.map(({ message }) => message).join('; ')}</p>
      )}
    </article>
  );
}

function Strongest({ recording }: { readonly recording: LabRecording }) {
  const { check, failure, falls } = recording;
  const words = check === null ? 'nothing asked' : (check.strongest ?? 'no model holds');
  return (
    <>
      <span class={`pill ${falls.length > 0 ? 'warn' : 'good'}`}>{words}</span>
      {failure !== null && <span class="pill bad">script failed</span>}
    </>
  );
}

const none: readonly number[] = [];

function ModeRunShown({
  mode,
  recording,
}: {
  readonly mode: string;
  readonly recording: LabRecording;
}) {
  const { lanes, falls, failure, check, output } = recording;
  const fall = firstFall(falls);
  return (
    <>
      <div class="mode-diagram">
        <Diagram
          lanes={lanes}
          label={`The run in mode ${mode}`}
          lit={fall?.slice ?? null}
          culprits={fall === null ? none : [fall.event]}
        />
      </div>
      <div class="panel-body mode-words">
        <p>{fall?.sentence ?? failure ?? check?.evidence?.sentence ?? 'Nothing went wrong.'}</p>
        <p class="muted">
          {lanes.messages.count} messages, {output.filter(({ isError }) => isError).length} errors
        </p>
      </div>
    </>
  );
}
