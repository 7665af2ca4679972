/** Seeds drawn in the page until one goes wrong, and made small. */
import { useState } from 'preact/hooks';
import type { FindProgress, FindRequest, FindResult } from '../../../lab/find.js';
import type { RunKey } from '../../../lab/recording.js';
import { modeNames } from '../../../protocols/catalog.js';
import { bugs } from '../../../zoo/bugs.js';

export type FindState =
  | { readonly type: 'idle' }
  | { readonly type: 'running'; readonly progress: FindProgress | null }
  | { readonly type: 'ended'; readonly result: FindResult }
  | { readonly type: 'failed'; readonly message: string };

export interface FindPanelProps {
  readonly state: FindState;
  onFind(request: FindRequest): void;
  onCancel(): void;
  /** Opens what was found in the laboratory. */
  onOpen(run: RunKey, name: string): void;
}

const budgets = [10, 30, 60, 300];

export function FindPanel({ state, onFind, onCancel, onOpen }: FindPanelProps) {
  const [mode, setMode] = useState<string>('quorum');
  const [bug, setBug] = useState('quorum-no-overlap');
  const [seconds, setSeconds] = useState(30);
  const [seed, setSeed] = useState(1);
  const ofMode = bugs.filter((each) => each.mode === mode);
  const chosen = ofMode.find(({ name }) => name === bug);
  const isRunning = state.type === 'running';
  const find = () =>
    onFind({
      ...{ mode, bug: chosen?.name ?? null, firstSeed: seed },
      ...{ seedsMax: 1_000_000, forMs: 1000 * seconds },
    });
  return (
    <section class="panel find" aria-label="Find me a bug">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isRunning) find();
        }}
      >
        <label>
          Mode
          <select value={mode} onChange={(event) => setMode(event.currentTarget.value)}>
            {modeNames.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          Planted bug
          <select
            value={chosen?.name ?? ''}
            onChange={(event) => setBug(event.currentTarget.value)}
          >
            <option value="">none</option>
            {ofMode.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          First seed
          <input
            type="number"
            min={0}
            step={1}
            value={seed}
            onChange={(event) =>
              setSeed(Math.max(0, Math.floor(Number(event.currentTarget.value))))
            }
          />
        </label>
        <label>
          For at most
          <select
            value={String(seconds)}
            onChange={(event) => setSeconds(Number(event.currentTarget.value))}
          >
            {budgets.map((each) => (
              <option key={each} value={String(each)}>
                {each} s
              </option>
            ))}
          </select>
        </label>
        {isRunning ? (
          <button type="button" onClick={onCancel}>
            Stop
          </button>
        ) : (
          <button type="submit">Find me a bug</button>
        )}
      </form>
      <p class="panel-note">{chosen?.mistake ?? 'Nothing is planted: a find would be news.'}</p>
      <div aria-live="polite">
        <Found state={state} bug={chosen?.name ?? null} onOpen={onOpen} />
      </div>
    </section>
  );
}

function Found({
  state,
  bug,
  onOpen,
}: { readonly state: FindState; readonly bug: string | null } & Pick<FindPanelProps, 'onOpen'>) {
  switch (state.type) {
    case 'idle':
      return null;
    case 'failed':
      return <p class="panel-problem">{state.message}</p>;
    case 'running':
      return <p>{state.progress === null ? 'Begins …' : progressWords(state.progress)}</p>;
    case 'ended':
      return <Ended result={state.result} bug={bug} onOpen={onOpen} />;
  }
}

function progressWords({ doing, seeds, runs, lines, elapsedMs }: FindProgress): string {
  const time = `${(elapsedMs / 1000).toFixed(1)} s`;
  if (doing === 'drawing') return `${seeds} runs drawn, none wrong yet · ${time}`;
  const smallest = lines === null ? 'none fails alike yet' : `the smallest has ${lines} lines`;
  return `Run ${seeds} went wrong. Now small ones are tried: ${runs} so far, ${smallest} · ${time}`;
}

function Ended({
  result,
  bug,
  onOpen,
}: { readonly result: FindResult; readonly bug: string | null } & Pick<FindPanelProps, 'onOpen'>) {
  if (result.type === 'cancelled') return <p>Stopped after {result.seeds} runs.</p>;
  if (result.type !== 'found') return <p>{result.seeds} runs, and nothing was wrong.</p>;
  const { seed, seeds, sentence, shrunk } = result;
  if (shrunk === null) {
    return (
      <>
        <p>
          Seed {seed}, the {nth(seeds)} run, went wrong: {sentence}
        </p>
        <p class="panel-note">
          In this time no scenario of a few lines was found that fails alike. Give it longer, or
          begin with another seed.
        </p>
      </>
    );
  }
  const run = { scenario: shrunk.scenario, seed: shrunk.seed, bug };
  return (
    <>
      <p>
        Seed {seed}, the {nth(seeds)} run, went wrong. {shrunk.lines} lines fail alike:
      </p>
      <pre>{shrunk.scenario}</pre>
      <button type="button" onClick={() => onOpen(run, shrunk.sentence)}>
        Open it
      </button>
    </>
  );
}

function nth(count: number): string {
  const last = count % 100 > 10 && count % 100 < 14 ? 0 : count % 10;
  return `${count}${['th', 'st', 'nd', 'rd'][last] ?? 'th'}`;
}
