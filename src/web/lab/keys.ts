/** What keys do, wherever nobody types. */
import type { LabStore } from './store.js';

export interface KeyDeeds {
  help(): void;
  presets(): void;
  modes(): void;
}

/** Returns what ends it. */
export function listenToKeys(store: LabStore, deeds: KeyDeeds): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]') !== null) return;
    // A button that has the focus is pressed by space.
    if (event.key === ' ' && event.target instanceof HTMLButtonElement) return;
    const deed = deedOf(event, store, deeds);
    if (deed === null) return;
    event.preventDefault();
    deed();
  };
  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName));

const far = 100;

function deedOf(
  { key, shiftKey }: KeyboardEvent,
  store: LabStore,
  deeds: KeyDeeds,
): (() => unknown) | null {
  const { cursor, isPlaying } = store.state;
  const byOne = (direction: 1 | -1) => () =>
    shiftKey ? store.seek(cursor + far * direction) : store.step('event', direction);
  const all: Readonly<Record<string, () => unknown>> = {
    ' ': () => store.play(!isPlaying),
    ArrowRight: byOne(1),
    ArrowLeft: byOne(-1),
    j: () => store.step('message', 1),
    k: () => store.step('message', -1),
    n: () => store.step('verdict', 1),
    p: () => store.step('verdict', -1),
    Home: () => store.seek(-1),
    End: () => store.seek(Number.POSITIVE_INFINITY),
    '/': () => document.getElementById('search')?.focus(),
    u: () => store.undo(),
    r: () => store.redo(),
    o: deeds.presets,
    m: deeds.modes,
    '?': deeds.help,
    Escape: () => store.pick(null),
  };
  return all[key] ?? null;
}
