/** What keys do in a report, said once: for who presses them and for the help. */

export type KeyDeed =
  | 'next'
  | 'previous'
  | 'next landmark'
  | 'previous landmark'
  | 'first'
  | 'last'
  | 'search'
  | 'whole run'
  | 'closer'
  | 'farther'
  | 'help'
  | 'escape';

export const keyTable: readonly {
  readonly keys: readonly string[];
  readonly deed: KeyDeed;
  readonly words: string;
}[] = [
  { keys: ['j'], deed: 'next', words: 'next operation; in the legal order, its next step' },
  { keys: ['k'], deed: 'previous', words: 'the one before' },
  {
    keys: ['n'],
    deed: 'next landmark',
    words: 'next illegal operation, or beginning or end of a fault',
  },
  { keys: ['p'], deed: 'previous landmark', words: 'the one before' },
  { keys: ['g'], deed: 'first', words: 'first operation or step' },
  { keys: ['G'], deed: 'last', words: 'last operation or step' },
  { keys: ['/'], deed: 'search', words: 'search operations' },
  { keys: ['+'], deed: 'closer', words: 'closer' },
  { keys: ['-'], deed: 'farther', words: 'farther' },
  { keys: ['0'], deed: 'whole run', words: 'the whole run' },
  { keys: ['?'], deed: 'help', words: 'this help' },
  { keys: ['Escape'], deed: 'escape', words: 'close what is open; else forget what is chosen' },
];

interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** `null`: nothing of ours. Who writes into a field means letters, save that Esc leaves it. */
export function deedOf(
  { key, ctrlKey, metaKey, altKey }: Pressed,
  isWriting: boolean,
): KeyDeed | null {
  if (ctrlKey || metaKey || altKey || (isWriting && key !== 'Escape')) return null;
  return keyTable.find(({ keys }) => keys.includes(key))?.deed ?? null;
}
