/** All operations as bars, what of them is shown, and the one that is looked at. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Narrator } from '../../check/evidence/narrator.js';
import { nanoseconds } from '../../check/evidence/time.js';
import { type History, outcomes, unsaid } from '../../history/history.js';
import { boundsOf } from '../../report/figures.js';
import { type Filtered, filtered, noFilter, type OperationFilter } from '../timeline/filters.js';
import type { TimelineData } from '../timeline/paint.js';
import { barEnds, rowsOf } from '../timeline/rows.js';
import type { TimelineStage } from '../timeline/stage.js';
import { OperationTimeline } from '../timeline/Timeline.js';
import { viewAround } from '../timeline/viewport.js';
import { FilterBar } from './FilterBar.js';
import type { KeyDeed } from './keys.js';
import { type Landmark, landmarksIn, stepped } from './landmarks.js';
import { exactly, OperationDetails } from './OperationDetails.js';

/** What others do with the operations: keys, the evidence, charts. */
export interface OperationsHandle {
  readonly pick: (operation: number) => void;
  readonly lookAt: (from: number, to: number) => void;
  readonly act: (deed: KeyDeed) => void;
}

interface OperationsProps {
  readonly history: History;
  readonly illegal: ReadonlyMap<number, string>;
  readonly onHandle: (handle: OperationsHandle | null) => void;
}

export function Operations({ history, illegal, onHandle }: OperationsProps) {
  const [filter, setFilter] = useState<OperationFilter>(noFilter);
  const [selected, setSelected] = useState(unsaid);
  const [stage, setStage] = useState<TimelineStage | null>(null);
  const section = useRef<HTMLElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const picture = usePicture(history, illegal, filter, selected);
  const { shown, data } = picture;
  const desk: Desk = { ...picture, stage, section, search, selected, setSelected, setFilter };
  const walk = useLandmarks(desk, illegal);
  useHandle(desk, walk, onHandle);
  return (
    <section id="operations" class="panel" ref={section} aria-label="Operations">
      <header>
        <h2>Every client’s operations</h2>
        <Legend hasIllegal={illegal.size > 0} />
      </header>
      <FilterBar
        {...{ history, filter, shown }}
        illegalCount={illegal.size}
        onFilter={setFilter}
        searchRef={search}
      />
      <OperationTimeline data={data} onPick={setSelected} onStage={setStage}>
        <LandmarkButtons walk={walk} />
      </OperationTimeline>
      {selected !== unsaid && (
        <OperationDetails
          {...{ history, operation: selected, origin: data.bounds.from }}
          illegal={illegal.get(selected)}
          onFilter={setFilter}
          onClose={() => setSelected(unsaid)}
        />
      )}
    </section>
  );
}

/** What is drawn, and what of it is shown. */
function usePicture(
  history: History,
  illegal: ReadonlyMap<number, string>,
  filter: OperationFilter,
  selected: number,
): { readonly shown: Filtered; readonly data: TimelineData } {
  const bounds = useMemo(() => boundsOf(history), [history]);
  const illegalSet = useMemo(() => new Set(illegal.keys()), [illegal]);
  const shown = useMemo(() => filtered(history, filter, illegalSet), [history, filter, illegalSet]);
  const rows = useMemo(() => rowsOf(history, shown.keep), [history, shown]);
  const ends = useMemo(() => barEnds(history, bounds.to), [history, bounds]);
  const words = useMemo(() => wordsFor(history, bounds.from, illegal), [history, bounds, illegal]);
  const data: TimelineData = useMemo(
    () => ({ history, bounds, rows, ends, illegal: illegalSet, path: [], selected, ...words }),
    [history, bounds, rows, ends, illegalSet, selected, words],
  );
  return { shown, data };
}

interface Desk {
  readonly shown: Filtered;
  readonly data: TimelineData;
  readonly stage: TimelineStage | null;
  readonly section: { readonly current: HTMLElement | null };
  readonly search: { readonly current: HTMLInputElement | null };
  readonly selected: number;
  readonly setSelected: (operation: number) => void;
  readonly setFilter: (filter: OperationFilter) => void;
}

const scrollTo = ({ section }: Desk): void =>
  section.current?.scrollIntoView({ block: 'start', behavior: 'smooth' });

/** From afar: whatever was shown before, it is seen now. */
function pick(desk: Desk, operation: number): void {
  const { history, ends, bounds } = desk.data;
  if (desk.shown.keep[operation] !== 1) desk.setFilter(noFilter);
  desk.setSelected(operation);
  const own = { from: history.invokedAt[operation] as number, to: ends[operation] as number };
  desk.stage?.look(viewAround(own, bounds));
  desk.stage?.reveal(operation);
  scrollTo(desk);
}

interface LandmarkWalk {
  readonly landmarks: readonly Landmark[];
  /** Of the one that is looked at; -1: none. */
  readonly place: number;
  readonly go: (by: number) => void;
}

function useLandmarks(desk: Desk, illegal: ReadonlyMap<number, string>): LandmarkWalk {
  const { history, bounds } = desk.data;
  const [place, setPlace] = useState(-1);
  const landmarks = useMemo(() => landmarksIn(history, illegal), [history, illegal]);
  const go = (by: number) => {
    const next = stepped(place, by, landmarks.length);
    const landmark = landmarks[next];
    const { stage } = desk;
    if (landmark === undefined || stage === null) return;
    setPlace(next);
    if (landmark.operation !== null) {
      pick(desk, landmark.operation);
      return;
    }
    const half = Math.min((stage.view.to - stage.view.from) / 2, (bounds.to - bounds.from) / 20);
    stage.look({ from: landmark.time - half, to: landmark.time + half });
    scrollTo(desk);
  };
  return { landmarks, place, go };
}

function useHandle(desk: Desk, { go }: LandmarkWalk, onHandle: OperationsProps['onHandle']): void {
  const { shown, stage, selected } = desk;
  const choose = (operation: number) => {
    desk.setSelected(operation);
    if (operation !== unsaid) stage?.reveal(operation);
  };
  const deeds: Partial<Record<KeyDeed, () => void>> = {
    next: () => choose(nextShown(shown.keep, selected, 1)),
    previous: () => choose(nextShown(shown.keep, selected, -1)),
    first: () => choose(nextShown(shown.keep, unsaid, 1)),
    last: () => choose(nextShown(shown.keep, shown.keep.length, -1)),
    'next landmark': () => go(1),
    'previous landmark': () => go(-1),
    search: () => {
      desk.section.current?.scrollIntoView({ block: 'start' });
      desk.search.current?.focus();
    },
    'whole run': () => stage?.look(desk.data.bounds),
    closer: () => stage?.zoom(1.6),
    farther: () => stage?.zoom(1 / 1.6),
    escape: () => {
      if (document.activeElement === desk.search.current) desk.search.current?.blur();
      else desk.setSelected(unsaid);
    },
  };
  const handle: OperationsHandle = {
    pick: (operation) => pick(desk, operation),
    lookAt: (from, to) => {
      stage?.look({ from, to });
      scrollTo(desk);
    },
    act: (deed) => deeds[deed]?.(),
  };
  const latest = useRef(handle);
  latest.current = handle;
  useEffect(() => {
    onHandle({
      pick: (operation) => latest.current.pick(operation),
      lookAt: (from, to) => latest.current.lookAt(from, to),
      act: (deed) => latest.current.act(deed),
    });
    return () => onHandle(null);
  }, [onHandle]);
}

/** The next one that is shown; the same where there is none. */
function nextShown(keep: Uint8Array, from: number, by: number): number {
  for (let at = from === unsaid && by < 0 ? 0 : from + by; at >= 0 && at < keep.length; at += by) {
    if (keep[at] === 1) return at;
  }
  return from < 0 || from >= keep.length ? unsaid : from;
}

function wordsFor(history: History, origin: number, illegal: ReadonlyMap<number, string>) {
  const narrator = new Narrator(history);
  const ends: Record<string, string> = { ok: '', fail: 'failed: ', info: 'outcome unknown: ' };
  const tipOf = (operation: number): string[] => {
    const began = history.invokedAt[operation] as number;
    const ended = history.returnedAt[operation] as number;
    const key = narrator.key(operation);
    const node = history.nodes[history.node[operation] as number];
    const outcome = ends[outcomes[history.outcome[operation] as number] ?? 'ok'] ?? '';
    const took = Number.isFinite(ended) ? `took ${nanoseconds(ended - began)}` : 'end unknown';
    const why = illegal.get(operation);
    return [
      `${outcome}${narrator.label(operation)}${key === null ? '' : ` · key ${key}`}`,
      `${narrator.who(operation)}${node === undefined ? '' : ` · ${node}`}`,
      `at ${exactly(began - origin)}, ${took}`,
      ...(why === undefined ? [] : [`▼ ${why}`]),
    ];
  };
  return { labelOf: (operation: number) => narrator.label(operation), tipOf };
}

function Legend({ hasIllegal }: { readonly hasIllegal: boolean }) {
  const names = ['read', 'write', 'failed', 'unknown', ...(hasIllegal ? ['illegal'] : [])];
  return (
    <ul class="legend" aria-label="Legend">
      {names.map((name) => (
        <li key={name}>
          <span class={`swatch ${name}`} aria-hidden="true" />
          {name}
        </li>
      ))}
    </ul>
  );
}

function LandmarkButtons({ walk: { landmarks, place, go } }: { readonly walk: LandmarkWalk }) {
  const landmark = landmarks[place];
  if (landmarks.length === 0) return null;
  const count = landmarks.length.toLocaleString('en-US');
  return (
    <div class="buttons landmarks">
      <span class="small">Violations and faults</span>
      <button
        type="button"
        class="button icon"
        title="The one before (p)"
        aria-label="Violation or fault before"
        onClick={() => go(-1)}
      >
        ↑
      </button>
      <button
        type="button"
        class="button icon"
        title="The next one (n)"
        aria-label="Next violation or fault"
        onClick={() => go(1)}
      >
        ↓
      </button>
      <span class="muted small">
        {landmark === undefined ? count : `${place + 1} of ${count}: ${landmark.title}`}
      </span>
    </div>
  );
}
