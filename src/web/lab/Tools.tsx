/** The tools beside a run: forks, missions, finding bugs, sharing. */
import { useCallback, useRef, useState } from 'preact/hooks';
import { compareRuns, type RunComparison } from '../../lab/compare.js';
import { diagramSvg } from '../../lab/diagram-svg.js';
import type { FindProgress, FindRequest } from '../../lab/find.js';
import { currentOf } from '../../lab/forks.js';
import type { Mission } from '../../lab/missions.js';
import { Engine } from './engine.js';
import { FindPanel, type FindState } from './panels/FindPanel.js';
import { ForksPanel } from './panels/ForksPanel.js';
import { MissionsPanel } from './panels/MissionsPanel.js';
import { SharePanel } from './panels/SharePanel.js';
import { stretchAround } from './Stage.js';
import { type LabState, type LabStore, useLab } from './store.js';
import { Tabs } from './Tabs.js';
import { fallShown } from './VerdictPanel.js';

export interface ToolsProps {
  readonly store: LabStore;
  readonly engine: Engine;
  /** The digest of the page's code. */
  readonly code: string;
  readonly isOfOtherCode: boolean;
}

const toolNames = ['forks', 'missions', 'find a bug', 'share'] as const;

export function Tools(props: ToolsProps) {
  const [tool, setTool] = useState<(typeof toolNames)[number]>('forks');
  const hasForks = useLab(props.store, ({ tree }) => tree.forks.length > 1);
  return (
    <section class={`panel tools${tool !== 'forks' || hasForks ? ' tools-open' : ''}`}>
      <Tabs label="Tools" names={toolNames} chosen={tool} onChoose={(next) => setTool(next)} />
      <div class="tools-body">
        {tool === 'forks' && <Forks {...props} />}
        {/* They go on when another tool is looked at. */}
        <div hidden={tool !== 'missions'}>
          <Missions {...props} />
        </div>
        <div hidden={tool !== 'find a bug'}>
          <Find {...props} />
        </div>
        {tool === 'share' && <Share {...props} />}
      </div>
    </section>
  );
}

interface Compared {
  readonly a: number;
  readonly b: number;
  readonly found: RunComparison | null;
}

function Forks({ store, engine }: ToolsProps) {
  const tree = useLab(store, (state) => state.tree);
  const signs = useLab(store, (state) => state.signs);
  const [comparison, setComparison] = useState<Compared | null>(null);
  const compare = async (pair: readonly [a: number, b: number] | null): Promise<void> => {
    if (pair === null) return setComparison(null);
    const [a, b] = pair;
    setComparison({ a, b, found: null });
    const [keyA, keyB] = [tree.forks[a]?.key, tree.forks[b]?.key];
    if (keyA === undefined || keyB === undefined) return;
    try {
      const found = compareRuns(await engine.record(keyA), await engine.record(keyB));
      setComparison({ a, b, found });
    } catch (error) {
      setComparison(null);
      store.say(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <ForksPanel
      tree={tree}
      signOf={({ id }) => signs.get(id) ?? null}
      comparison={comparison}
      onGo={(id) => void store.goTo(id)}
      onBack={() => void store.undo()}
      onForth={() => void store.redo()}
      onCompare={(pair) => void compare(pair)}
    />
  );
}

function Missions({ store }: ToolsProps) {
  const recording = useLab(store, (state) => (state.running === null ? state.recording : null));
  const [current, setCurrent] = useState<string | null>(null);
  const [done, setDone] = useState<ReadonlySet<string>>(new Set());
  const onDone = useCallback((id: string) => setDone((before) => new Set([...before, id])), []);
  const onStart = ({ id, title, start }: Mission): void => {
    setCurrent(id);
    void store.open(title, start);
  };
  return (
    <MissionsPanel
      current={current}
      done={done}
      recording={recording}
      onStart={onStart}
      onDone={onDone}
    />
  );
}

function Find({ store }: ToolsProps) {
  const [state, setState] = useState<FindState>({ type: 'idle' });
  const [controller, setController] = useState<AbortController | null>(null);
  /** A worker of its own: runs are not held up. */
  const engine = useRef<Engine | null>(null);
  const find = async (request: FindRequest): Promise<void> => {
    const begun = new AbortController();
    const { signal } = begun;
    setController(begun);
    setState({ type: 'running', progress: null });
    engine.current ??= new Engine();
    try {
      const onTold = (progress: FindProgress) => setState({ type: 'running', progress });
      const result = await engine.current.ask('find', request, { signal, onTold });
      setState({ type: 'ended', result });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      setState(signal.aborted ? { type: 'idle' } : { type: 'failed', message });
    }
  };
  return (
    <FindPanel
      state={state}
      onFind={(request) => void find(request)}
      onCancel={() => controller?.abort()}
      onOpen={(run, name) => void store.open(name, run)}
    />
  );
}

function Share({ store, engine, code, isOfOtherCode }: ToolsProps) {
  const { key } = useLab(store, (state) => currentOf(state.tree));
  const recording = useLab(store, (state) => (state.running === null ? state.recording : null));
  return (
    <SharePanel
      run={key}
      recording={recording}
      code={code}
      isOfOtherCode={isOfOtherCode}
      svg={() => pictureOf(store.state)}
      shiviz={() => engine.ask('shiviz', key)}
    />
  );
}

/** What led to what is wrong; else what is around the cursor. */
function pictureOf(state: LabState): string | null {
  const { recording, cursor, name } = state;
  if (recording === null) return null;
  const { lanes } = recording;
  const fall = fallShown(state);
  const { from, to } = stretchAround(recording, cursor);
  const first = fall === null ? from / 1e6 : (lanes.events.atMs[fall.slice[0] ?? 0] ?? 0);
  return diagramSvg(lanes, {
    ...{ fromMs: Math.min(first, from / 1e6), toMs: to / 1e6, slice: fall?.slice ?? null },
    title: fall === null ? name : `${name}: ${fall.sentence}`,
  });
}
