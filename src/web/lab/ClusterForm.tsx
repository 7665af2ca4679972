/** The cluster of the scenario as a form: it rewrites the line `cluster up`. And the seed and the bug of the run. */

import type { RunKey } from '../../lab/recording.js';
import { modeIds, modeTitle, profileOf } from '../../protocols/catalog.js';
import type { ModeOption } from '../../protocols/shared/mode-options.js';
import { bugs } from '../../zoo/bugs.js';
import { type LabStore, useLab } from './store.js';
import { upLineOf, withUpLine } from './up-line.js';

export function ClusterForm({ store }: { readonly store: LabStore }) {
  const draft = useLab(store, (state) => state.draft);
  const { mode, flags } = upLineOf(draft.scenario);
  const change = (changed: Partial<RunKey>): void => {
    store.edit(changed);
    void store.runDraft();
  };
  const put = (nextMode: string, nextFlags: ReadonlyMap<string, string>): void => {
    const scenario = withUpLine(draft.scenario, { mode: nextMode, flags: nextFlags });
    change({ scenario, bug: nextMode === mode ? draft.bug : null });
  };
  const onPut = (name: string, value: string): void => {
    const next = new Map(flags);
    if (value === '') next.delete(name);
    else next.set(name, value);
    put(mode, next);
  };
  return (
    <form
      class="cluster-form"
      aria-label="Cluster and run"
      onSubmit={(event) => event.preventDefault()}
    >
      <label>
        mode
        <select
          class="field"
          value={mode}
          title={profileOf(mode).summary}
          onChange={({ currentTarget }) => put(currentTarget.value, flags)}
        >
          {modeIds().map((id) => (
            <option key={id} value={id}>
              {modeTitle(id)}
            </option>
          ))}
        </select>
      </label>
      {fieldsOf(mode).map((field) => (
        <TextField key={field.name} {...field} value={flags.get(field.name) ?? ''} onPut={onPut} />
      ))}
      <SeedAndBug draft={draft} mode={mode} onChange={change} />
    </form>
  );
}

/** A flag of `cluster up`. */
interface ClusterField {
  readonly name: string;
  /** What it is when nothing is said. */
  readonly shown: string;
  readonly hint: string;
}

function fieldsOf(mode: string): readonly ClusterField[] {
  const { options, features } = profileOf(mode);
  const ofMode = options.flatMap(({ flag, ...option }: ModeOption) =>
    flag === undefined ? [] : [{ name: flag, shown: shownDefault(option), hint: option.summary }],
  );
  const shapes = 'full, line, ring, star, grid, or links such as n1-n2,n2-n3';
  return [
    { name: 'nodes', shown: '4', hint: 'how many nodes' },
    ...ofMode,
    ...(features.includes('topology') ? [{ name: 'topology', shown: 'full', hint: shapes }] : []),
    { name: 'delay', shown: 'as drawn', hint: 'mean one-way delay of links, such as 20ms' },
  ];
}

const shownDefault = ({ kind, default: value }: Pick<ModeOption, 'kind' | 'default'>): string =>
  kind === 'millis' ? `${value}ms` : kind === 'nodes' ? 'highest id' : String(value);

interface TextFieldProps extends ClusterField {
  readonly value: string;
  readonly onPut: (name: string, value: string) => void;
}

function TextField({ name, shown, hint, value, onPut }: TextFieldProps) {
  return (
    <label title={hint}>
      {name}
      <input
        class="field"
        type="text"
        placeholder={shown}
        value={value}
        onChange={({ currentTarget }) => onPut(name, currentTarget.value.trim())}
      />
    </label>
  );
}

interface SeedAndBugProps {
  readonly draft: RunKey;
  readonly mode: string;
  readonly onChange: (changed: Partial<RunKey>) => void;
}

function SeedAndBug({ draft, mode, onChange }: SeedAndBugProps) {
  const chosen = bugs.find(({ name }) => name === draft.bug);
  return (
    <>
      <label class="seed">
        seed
        <input
          class="field"
          type="number"
          min={0}
          step={1}
          value={draft.seed}
          onChange={({ currentTarget }) => {
            const seed = Math.floor(Number(currentTarget.value));
            if (Number.isSafeInteger(seed) && seed >= 0) onChange({ seed });
          }}
        />
      </label>
      <label class="wide">
        planted bug
        <select
          class={`field${draft.bug === null ? '' : ' bug-on'}`}
          value={draft.bug ?? ''}
          title={chosen?.mistake ?? 'no mistake is planted'}
          onChange={({ currentTarget }) => onChange({ bug: currentTarget.value || null })}
        >
          <option value="">none</option>
          {bugs
            .filter((bug) => bug.mode === mode)
            .map(({ name, mistake }) => (
              <option key={name} value={name} title={mistake}>
                {name}
              </option>
            ))}
        </select>
      </label>
    </>
  );
}
