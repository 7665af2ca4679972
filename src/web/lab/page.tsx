import { render } from 'preact';
import { openFragment } from '../../lab/share.js';
import { applyTheme } from '../parts/theme.js';
import { App } from './App.js';
import { Engine } from './engine.js';
import { keepDraft, keptDraft } from './kept-draft.js';
import { openingIn } from './opening.js';
import { addOwnModes, modulesOfPage } from './own-modes.js';
import { presetOf } from './Presets.js';
import { browserCompressor } from './panels/compressor.js';
import { startPlayer } from './player.js';
import { LabStore } from './store.js';

/** What is shown to who asks for nothing. */
const firstPreset = 'stale-read';

const code = document.querySelector<HTMLMetaElement>('meta[name="kvx-code"]')?.content ?? '';

async function start(root: HTMLElement): Promise<void> {
  applyTheme();
  const failure = await addOwnModes(modulesOfPage()).catch((error: unknown) => String(error));
  const engine = new Engine();
  const store = new LabStore(engine);
  if (failure !== undefined) store.say(failure);
  startPlayer(store);
  // For tests and measurements.
  Object.assign(globalThis, { kvxLab: store });
  const kept = keptDraft();
  const isOfOtherCode = kept === null && (await open(store));
  if (kept !== null) void store.open(kept.name, kept.key);
  keepDraft(store);
  render(<App store={store} engine={engine} code={code} isOfOtherCode={isOfOtherCode} />, root);
  addEventListener('hashchange', () => void open(store));
}

/** Whether it came from a link that another build has made. */
async function open(store: LabStore): Promise<boolean> {
  const link = await openFragment(location.hash, code, browserCompressor);
  if (link?.type === 'run') {
    void store.open('shared run', link.key);
    if (link.isOfOtherCode) {
      store.say('This link was made by another build: its run may go another way here.');
    }
    return link.isOfOtherCode;
  }
  if (link?.type === 'problem') store.say(link.message);
  const opening = openingIn(document.getElementById('opening')?.textContent ?? null);
  const preset = presetOf(firstPreset);
  if (opening !== null) void store.open(opening.name, opening.key);
  else if (preset !== undefined) void store.openScenario(preset.name, preset.text);
  return false;
}

const root = document.getElementById('app');
if (root !== null) void start(root);
