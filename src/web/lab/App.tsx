import { useEffect, useState } from 'preact/hooks';
import type { ModeRun } from '../../lab/modes.js';
import { Button } from '../parts/Button.js';
import { Icon } from '../parts/Icon.js';
import { ThemeSwitch } from '../parts/ThemeSwitch.js';
import { ClusterForm } from './ClusterForm.js';
import { EventSearch } from './EventSearch.js';
import { ScenarioEditor } from './editor/ScenarioEditor.js';
import type { Engine, LabRecording } from './engine.js';
import { listenToKeys } from './keys.js';
import { LabHelp } from './LabHelp.js';
import { Modes } from './Modes.js';
import { NodeStates } from './NodeStates.js';
import { Output } from './Output.js';
import { Presets } from './Presets.js';
import { Stage } from './Stage.js';
import { type LabStore, useLab } from './store.js';
import { Tabs } from './Tabs.js';
import { Tools } from './Tools.js';
import { Transport } from './Transport.js';
import { VerdictPanel } from './VerdictPanel.js';

interface AppProps {
  readonly store: LabStore;
  readonly engine: Engine;
  readonly code: string;
  readonly isOfOtherCode: boolean;
}

/** On a narrow page one of these is seen at a time. */
const paneNames = ['run', 'verdict', 'scenario', 'tools'] as const;
type Pane = (typeof paneNames)[number];

export function App({ store, engine, code, isOfOtherCode }: AppProps) {
  const [over, setOver] = useState<'help' | 'presets' | null>(null);
  const [isModes, setIsModes] = useState(false);
  const [pane, setPane] = useState<Pane>('run');
  useEffect(
    () =>
      listenToKeys(store, {
        help: () => setOver('help'),
        presets: () => setOver('presets'),
        modes: () => setIsModes((before) => !before),
      }),
    [store],
  );
  const openMode = ({ mode, scenario }: ModeRun<LabRecording>): void => {
    const { draft, name } = store.state;
    const bug = draft.bug?.startsWith(`${mode}-`) ? draft.bug : null;
    setIsModes(false);
    void store.open(`${name}, mode ${mode}`, { scenario, seed: draft.seed, bug });
  };
  return (
    <div class={`lab pane-${pane}${isModes ? ' in-modes' : ''}`}>
      <Header
        store={store}
        isModes={isModes}
        onModes={() => setIsModes(!isModes)}
        onOver={setOver}
      />
      {!isModes && (
        <Tabs label="Panes" names={paneNames} chosen={pane} onChoose={(next) => setPane(next)} />
      )}
      {isModes ? (
        <Modes store={store} engine={engine} onOpen={openMode} />
      ) : (
        <main>
          <div class="column column-left">
            <section class="panel scenario" aria-label="Scenario">
              <ScenarioHeader store={store} />
              <ScenarioEditor store={store} />
              <ClusterForm store={store} />
            </section>
            <Tools store={store} engine={engine} code={code} isOfOtherCode={isOfOtherCode} />
          </div>
          <div class="column column-centre">
            <Stage store={store} />
            <Transport store={store} />
            <Output store={store} />
          </div>
          <div class="column column-right">
            <VerdictPanel store={store} />
            <NodeStates store={store} />
          </div>
        </main>
      )}
      <Notice store={store} />
      {over === 'help' && <LabHelp onClose={() => setOver(null)} />}
      {over === 'presets' && <Presets store={store} onClose={() => setOver(null)} />}
    </div>
  );
}

interface HeaderProps {
  readonly store: LabStore;
  readonly isModes: boolean;
  readonly onModes: () => void;
  readonly onOver: (over: 'help' | 'presets') => void;
}

function Header({ store, isModes, onModes, onOver }: HeaderProps) {
  const name = useLab(store, (state) => state.name);
  useEffect(() => {
    document.title = `${name} · kvx lab`;
  }, [name]);
  return (
    <header class="top">
      <h1>
        kvx <span>lab</span>
      </h1>
      <Button look="open" title="Open another scenario (o)" onClick={() => onOver('presets')}>
        <span class="open-name">{name}</span>
        <span aria-hidden="true">▾</span>
      </Button>
      <span class="spring" />
      <EventSearch store={store} />
      <Button aria-pressed={isModes} title="The same scenario in four modes (m)" onClick={onModes}>
        <span class="wide-only">Four</span> modes
      </Button>
      <Button
        look="quiet"
        title="What it does, and its keys (?)"
        aria-label="Help"
        onClick={() => onOver('help')}
      >
        ? <span class="wide-only">Help</span>
      </Button>
      <ThemeSwitch />
    </header>
  );
}

function ScenarioHeader({ store }: { readonly store: LabStore }) {
  const draft = useLab(store, (state) => state.draft);
  const problems = useLab(store, (state) => state.problems);
  // `draft` is what it depends on; a run changes it, too.
  useLab(store, (state) => state.tree);
  const isNew = draft !== null && store.isDraftNew;
  return (
    <header>
      <h2>Scenario</h2>
      <span class="spring" />
      {problems.length > 0 && (
        <span class="pill bad">
          {problems.length === 1 ? '1 problem' : `${problems.length} problems`}
        </span>
      )}
      <button
        type="button"
        class={`button${isNew ? ' primary' : ''}`}
        disabled={problems.length > 0 || !isNew}
        title="Run (Ctrl-Enter)"
        onClick={() => store.runDraft()}
      >
        <Icon name="play" /> Run
      </button>
    </header>
  );
}

const noticeMs = 5000;

function Notice({ store }: { readonly store: LabStore }) {
  const notice = useLab(store, (state) => state.notice);
  useEffect(() => {
    if (notice === null) return;
    const timer = setTimeout(() => store.say(null), noticeMs);
    return () => clearTimeout(timer);
  }, [notice, store]);
  return (
    <div class="notice" role="status">
      {notice !== null && <p>{notice}</p>}
    </div>
  );
}
