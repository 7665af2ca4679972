/** The scenarios that come with kvx, to choose one of. */
import { scenarios } from 'kvx:scenarios';
import { useState } from 'preact/hooks';
import { bugs } from '../../zoo/bugs.js';
import { Dialog } from '../parts/Dialog.js';
import type { LabStore } from './store.js';
import { upLineOf } from './up-line.js';

interface Preset {
  readonly name: string;
  readonly text: string;
  /** One sentence. */
  readonly about: string;
  readonly mode: string;
}

const zoo = 'zoo/';

const presets: readonly Preset[] = scenarios.map(({ name, text }) => {
  const bug = bugs.find((each) => `${zoo}${each.name}` === name);
  const title = /^#\s*(.*)/.exec(text)?.[1] ?? '';
  return { name, text, about: bug?.mistake ?? title, mode: upLineOf(text).mode };
});

/** A zoo scenario by its name, and so on. */
export const presetOf = (name: string): Preset | undefined =>
  presets.find((each) => each.name === name);

const groups = [
  { title: 'Scenarios that teach', isOf: ({ name }: Preset) => !name.startsWith(zoo) },
  { title: 'Bug zoo: classic mistakes, planted', isOf: ({ name }: Preset) => name.startsWith(zoo) },
];

export function Presets({
  store,
  onClose,
}: {
  readonly store: LabStore;
  readonly onClose: () => void;
}) {
  const [words, setWords] = useState('');
  const fits = ({ name, about, mode }: Preset): boolean =>
    `${name} ${about} ${mode}`.toLowerCase().includes(words.toLowerCase());
  const open = ({ name, text }: Preset): void => {
    void store.openScenario(name, text);
    onClose();
  };
  return (
    <Dialog title="Open a scenario" onClose={onClose}>
      <input
        class="field presets-search"
        type="search"
        autoFocus
        placeholder="mode, mistake, name"
        aria-label="Which scenarios are shown"
        value={words}
        onInput={({ currentTarget }) => setWords(currentTarget.value)}
      />
      <div class="presets">
        {groups.map(({ title, isOf }) => (
          <section key={title}>
            <h3>{title}</h3>
            <ul>
              {presets
                .filter((each) => isOf(each) && fits(each))
                .map((each) => (
                  <li key={each.name}>
                    <button type="button" class="preset" onClick={() => open(each)}>
                      <b>{each.name.replace(zoo, '')}</b>
                      <span class={`pill mode-${each.mode}`}>{each.mode}</span>
                      <span class="muted">{each.about}</span>
                    </button>
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
