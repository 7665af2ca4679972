/** Operations of scripts alone. */
import { toDuration } from '../config/duration.js';
import { interrupted } from '../core/errors.js';
import { line } from '../render/page.js';
import { operation } from './operation.js';

const inScripts = { flags: [], only: 'scripts', on: 'nothing', changes: false } as const;

export const wait = operation({
  name: 'wait',
  summary: 'Let time pass.',
  examples: ['wait 500ms'],
  arguments: [{ name: 'TIME', kind: 'duration', description: 'how long' }],
  ...inScripts,
  run: async ({ context: { target, signal }, given }) => {
    await target.timing.sleep(toDuration(given.text('TIME') ?? '', 'TIME'), signal);
    if (signal.aborted) throw interrupted();
  },
  json: () => null,
  page: () => [],
});

export const echo = operation<string>({
  name: 'echo',
  summary: 'Print text.',
  examples: ['echo now it heals'],
  arguments: [{ name: 'TEXT', kind: 'words', description: 'what to print', rest: true }],
  ...inScripts,
  run: async ({ given }) => given.texts('TEXT').join(' '),
  page: (text) => [line(text)],
});

export const clear = operation({
  name: 'clear',
  summary: 'Clear the screen.',
  examples: ['clear'],
  arguments: [],
  ...inScripts,
  run: async () => {},
  json: () => null,
  page: () => [{ type: 'clear screen' }],
});
