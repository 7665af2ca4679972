/** What of the operations is shown: by words, and by chips that say how many each would show. */
import type { Ref } from 'preact';
import type { History } from '../../history/history.js';
import { Button } from '../parts/Button.js';
import {
  choiceName,
  type Facet,
  type Filtered,
  isFiltering,
  noFilter,
  type OperationFilter,
  toggled,
} from '../timeline/filters.js';

interface FilterBarProps {
  readonly history: History;
  readonly filter: OperationFilter;
  readonly shown: Filtered;
  readonly illegalCount: number;
  readonly onFilter: (filter: OperationFilter) => void;
  readonly searchRef: Ref<HTMLInputElement>;
}

export function FilterBar(props: FilterBarProps) {
  const { history, filter, shown, illegalCount, onFilter, searchRef } = props;
  return (
    <div class="filters no-print">
      <input
        ref={searchRef}
        class="field search"
        type="search"
        placeholder="key, value, client or node   /"
        aria-label="Search operations"
        value={filter.text}
        onInput={(event) => onFilter({ ...filter, text: event.currentTarget.value })}
      />
      {illegalCount > 0 && (
        <Chip
          name="illegal"
          tone="illegal"
          count={illegalCount}
          isOn={filter.onlyIllegal}
          onClick={() => onFilter({ ...filter, onlyIllegal: !filter.onlyIllegal })}
        />
      )}
      <Chips {...props} facet="outcome" title="Outcome" />
      <Chips {...props} facet="kind" title="Asked" />
      <Chips {...props} facet="node" title="Node" />
      <Chips {...props} facet="key" title="Key" />
      <Chips {...props} facet="client" title="Client" />
      <span class="filter-sum" aria-live="polite">
        {shown.count.toLocaleString('en-US')} of {history.count.toLocaleString('en-US')} shown
        {isFiltering(filter) && (
          <Button class="link" onClick={() => onFilter(noFilter)}>
            show all
          </Button>
        )}
      </span>
    </div>
  );
}

/** So many stand there at once; the rest is found by a list. */
const chipsMax: Readonly<Record<Facet, number>> = {
  ...{ outcome: 3, kind: 8, node: 8, key: 5, client: 5 },
};
const choicesMax = 2000;

function Chips({
  facet,
  title,
  ...props
}: FilterBarProps & { readonly facet: Facet; readonly title: string }) {
  const { history, filter, shown, onFilter } = props;
  const counts = shown.counts[facet];
  const chosen = filter.chosen[facet];
  const choices = [...new Set([...counts.keys(), ...chosen])];
  if (choices.length < 2 && chosen.size === 0) return null;
  const byCount = (a: number, b: number): number => (counts.get(b) ?? 0) - (counts.get(a) ?? 0);
  const isFew = choices.length <= chipsMax[facet];
  choices.sort(isFew ? (a, b) => a - b : byCount);
  const first = choices.filter((choice, at) => at < chipsMax[facet] || chosen.has(choice));
  const rest = choices.filter((choice) => !first.includes(choice));
  const toggle = (choice: number) => onFilter(toggled(filter, facet, choice));
  return (
    <fieldset class="chips">
      <legend>{title}</legend>
      {first.map((choice) => (
        <Chip
          key={choice}
          name={choiceName(history, facet, choice)}
          tone={facet === 'outcome' ? choiceName(history, facet, choice) : ''}
          count={counts.get(choice) ?? 0}
          isOn={chosen.has(choice)}
          onClick={() => toggle(choice)}
        />
      ))}
      {rest.length > 0 && (
        <select
          class="chip"
          aria-label={`More of ${title}`}
          value=""
          onChange={(event) => toggle(Number(event.currentTarget.value))}
        >
          <option value="">{rest.length.toLocaleString('en-US')} more…</option>
          {rest.slice(0, choicesMax).map((choice) => (
            <option key={choice} value={choice}>
              {choiceName(history, facet, choice)} ({counts.get(choice) ?? 0})
            </option>
          ))}
        </select>
      )}
    </fieldset>
  );
}

interface ChipProps {
  readonly name: string;
  readonly tone: string;
  readonly count: number;
  readonly isOn: boolean;
  readonly onClick: () => void;
}

function Chip({ name, tone, count, isOn, onClick }: ChipProps) {
  return (
    <button type="button" class={`chip ${tone}`} aria-pressed={isOn} onClick={onClick}>
      {tone !== '' && <span class={`swatch ${tone}`} aria-hidden="true" />}
      <span class="chip-name">{name}</span>
      <span class="chip-count">{count.toLocaleString('en-US')}</span>
    </button>
  );
}
