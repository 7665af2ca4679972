/** Seeds drawn in the page until one goes wrong, and made small. */
import { useState } from 'preact/hooks';
import type { FindProgress, FindRequest, FindResult } from '../../../lab/find.js';
import type { RunKey } from '../../../lab/recording.js';
import { modeIds, modeTitle } from '../../../protocols/catalog.js';
import { bugs } from '../../../zoo/bugs.js';
import { Button } from '../../parts/Button.js';

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

export function FindPanel(props: FindPanelProps) {
  const [asked, setAsked] = useState<Asked>(asPlanted('quorum'));
  const bug = bugs.find(({ name, mode }) => mode === asked.mode && name === asked.bug) ?? null;
  return (
    <section class="tool find" aria-label="Find me a bug">
      <FindForm {...props} asked={asked} change={(some) => setAsked({ ...asked, ...some })} />
      <p class="muted">
        {bug?.mistake.replaceAll('`', '') ?? 'Nothing is planted: a find would be news.'}
      </p>
      <div aria-live="polite">
        <Found state={props.state} bug={bug?.name ?? null} onOpen={props.onOpen} />
      </div>
    </section>
  );
}

/** With the first of the mode's bugs: who finds something knows what to look for. */
function asPlanted(mode: string): Asked {
  const bug = bugs.find((each) => each.mode === mode)?.name ?? '';
  return { mode, bug, seed: 1, seconds: 30 };
}

interface Asked {
  readonly mode: string;
  /** Empty: none. */
  readonly bug: string;
  readonly seed: number;
  readonly seconds: number;
}

function FindForm({
  state,
  asked,
  change,
  onFind,
  onCancel,
}: FindPanelProps & { readonly asked: Asked; readonly change: (some: Partial<Asked>) => void }) {
  const { mode, bug, seed, seconds } = asked;
  const isRunning = state.type === 'running';
  const names = bugs.filter((each) => each.mode === mode).map(({ name }) => name);
  const find = (event: Event) => {
    event.preventDefault();
    const budget = { firstSeed: seed, seedsMax: 1_000_000, forMs: 1000 * seconds };
    if (!isRunning) onFind({ mode, bug: names.includes(bug) ? bug : null, ...budget });
  };
  return (
    <form onSubmit={find}>
      <Choice
        label="Mode"
        value={mode}
        of={modeIds()}
        onChoose={(name) => change({ mode: name, bug: asPlanted(name).bug })}
      />
      <Choice
        label="Planted bug"
        value={names.includes(bug) ? bug : ''}
        of={['', ...names]}
        onChoose={(name) => change({ bug: name })}
      />
      <label>
        First seed
        <input
          class="field"
          type="number"
          min={0}
          step={1}
          value={seed}
          onChange={({ currentTarget: { value } }) =>
            change({ seed: Math.abs(Math.trunc(+value)) })
          }
        />
      </label>
      <Choice
        label="Seconds, at most"
        value={String(seconds)}
        of={['10', '30', '60', '300']}
        onChoose={(text) => change({ seconds: Number(text) })}
      />
      {isRunning ? (
        <Button onClick={onCancel}>Stop</Button>
      ) : (
        <button type="submit" class="button primary">
          Find me a bug
        </button>
      )}
    </form>
  );
}

function Choice({
  label,
  value,
  of,
  onChoose,
}: {
  readonly label: string;
  readonly value: string;
  readonly of: readonly string[];
  readonly onChoose: (value: string) => void;
}) {
  return (
    <label>
      {label}
      <select class="field" value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {of.map((name) => (
          <option key={name} value={name}>
            {name === '' ? 'none' : modeTitle(name)}
          </option>
        ))}
      </select>
    </label>
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
      return <p class="tool-problem">{state.message}</p>;
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
        <p class="muted">
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
      <p>
        <Button look="primary" onClick={() => onOpen(run, bug ?? `seed ${seed}`)}>
          Open it
        </Button>
      </p>
    </>
  );
}

function nth(count: number): string {
  const last = count % 100 > 10 && count % 100 < 14 ? 0 : count % 10;
  return `${count}${['th', 'st', 'nd', 'rd'][last] ?? 'th'}`;
}
