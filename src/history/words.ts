/** The words of Jepsen and Knossos, and ours, for what operations and the steps of transactions do. */
import type { Kind, Step } from './history.js';

/** By `:f`. */
export const kindWords: Readonly<Record<string, Kind>> = {
  ...{ read: 'get', get: 'get', write: 'put', put: 'put', cas: 'cas', append: 'append' },
  ...{ delete: 'delete', insert: 'insert', update: 'update', txn: 'txn' },
  ...{ add: 'add', broadcast: 'add', enqueue: 'enqueue', dequeue: 'dequeue', drain: 'drain' },
  ...{ transfer: 'transfer', acquire: 'acquire', release: 'release', generate: 'generate' },
};

export type StepWord = Step['f'] | 'delete' | 'check';

/** As Elle writes them, as Knossos' multi-register does, and as kvx's own transactions have them. */
export const stepWords: Readonly<Record<string, StepWord>> = {
  ...{ r: 'r', w: 'w', append: 'append', read: 'r', write: 'w' },
  ...{ get: 'r', put: 'w', delete: 'delete', check: 'check' },
};

export const known = (words: Readonly<Record<string, unknown>>, before = ''): string =>
  Object.keys(words)
    .map((word) => `${before}${word}`)
    .join(', ');
