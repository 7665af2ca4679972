/** Goes to the next event whose words have what is typed. */
import { useState } from 'preact/hooks';
import type { Lanes } from '../../trace/lanes.js';
import { Icon } from '../parts/Icon.js';
import type { LabStore } from './store.js';

export function EventSearch({ store }: { readonly store: LabStore }) {
  const [words, setWords] = useState('');
  const find = (direction: 1 | -1): void => {
    const { recording, cursor } = store.state;
    if (recording === null || words.trim() === '') return;
    const found = eventWith(recording.lanes, words.trim(), cursor, direction);
    if (found === null) store.say(`No event says “${words.trim()}”.`);
    else store.seek(found);
  };
  return (
    <form
      class="search"
      onSubmit={(event) => {
        event.preventDefault();
        find(1);
      }}
    >
      <Icon name="search" />
      <input
        id="search"
        class="field"
        type="search"
        placeholder="find an event"
        aria-label="Find an event by its words"
        value={words}
        onInput={({ currentTarget }) => setWords(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
          if (event.key === 'Enter' && event.shiftKey) {
            event.preventDefault();
            find(-1);
          }
        }}
      />
    </form>
  );
}

/** From here on, and round. */
function eventWith(lanes: Lanes, words: string, from: number, direction: 1 | -1): number | null {
  const { count, lane } = lanes.events;
  const wanted = words.toLowerCase();
  for (let away = 1; away <= count; away++) {
    const event = (from + direction * away + 2 * count) % count;
    const label = `${lanes.names[lane[event] as number]} ${lanes.labelOf(event)}`;
    if (label.toLowerCase().includes(wanted)) return event;
  }
  return null;
}
