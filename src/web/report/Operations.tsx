/** All operations as bars, what of them is shown, and the one that is looked at. */
import type { Ref } from 'preact';
import { useEffect, useImperativeHandle, useMemo, useRef, useState } from 'preact/hooks';
import { Narrator } from '../../check/evidence/narrator.js';
import { nanoseconds } from '../../check/evidence/time.js';
import type { CheckReport } from '../../check/report.js';
import { type History, outcomes, unsaid } from '../../history/history.js';
import { boundsOf, hasTimes } from '../../report/figures.js';
import { Button } from '../parts/Button.js';
import {
  type Filtered,
  filtered,
  noFilter,
  type OperationFilter,
  toggled,
} from '../timeline/filters.js';
import type { TimelineData } from '../timeline/paint.js';
import { barEnds, rowsOf } from '../timeline/rows.js';
import type { TimelineStage } from '../timeline/stage.js';
import { OperationTimeline } from '../timeline/Timeline.js';
import { viewAround } from '../timeline/viewport.js';
import { FilterBar } from './FilterBar.js';
import type { KeyDeed } from './keys.js';
import { LegalOrderPart } from './LegalOrderPart.js';
import { type Landmark, landmarksIn, stepped } from './landmarks.js';
import { keyToShow, pathAround } from './legal-path.js';
import { exactly, OperationDetails } from './OperationDetails.js';
import { type OrderWalk, operationIn, placesIn, useLegalOrder } from './use-legal-order.js';

/** What others do with the operations: keys, the evidence, charts. */
export interface OperationsHandle {
  readonly pick: (operation: number) => void;
  readonly lookAt: (from: number, to: number) => void;
  readonly act: (deed: KeyDeed) => void;
}

interface OperationsProps {
  readonly history: History;
  readonly told: CheckReport | null;
  readonly illegal: ReadonlyMap<number, string>;
  readonly handle: Ref<OperationsHandle>;
  /** Shows what nodes did then, where that is known. */
  readonly onMessages: ((from: number, to: number) => void) | null;
}

export function Operations({ history, told, illegal, handle, onMessages }: OperationsProps) {
  const [filter, setFilter] = useState<OperationFilter>(noFilter);
  const [selected, setSelected] = useState(unsaid);
  const [isWalking, setWalking] = useState(false);
  const [stage, setStage] = useState<TimelineStage | null>(null);
  const section = useRef<HTMLElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const firstKey = useMemo(() => keyToShow(history, culpritIn(told)), [history, told]);
  const order = useLegalOrder(history, firstKey, told?.initial ?? null);
  const picture = usePicture(history, illegal, filter, selected, isWalking ? order : null);
  const { shown, data } = picture;
  const narrator = useMemo(() => new Narrator(history), [history]);
  const revealed = useRef(unsaid);
  const show = (operation: number) => {
    setSelected(operation);
    revealed.current = operation;
    if (operation !== unsaid) stage?.reveal(operation);
  };
  // Rows may have moved with what was chosen.
  useEffect(() => {
    if (revealed.current !== unsaid) stage?.reveal(revealed.current);
    revealed.current = unsaid;
  }, [data, stage]);
  const desk: Desk = { ...picture, stage, section, search, selected, show, setFilter };
  const landmarks = useLandmarks(desk, illegal);
  const goTo = (place: number) => goInOrder(desk, order, place, isWalking, setWalking);
  const steps = isWalking && order.order != null ? { ...order, goTo, end: setWalking } : null;
  useImperativeHandle(handle, () => handleOf(desk, landmarks, steps));
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
      {order.key >= 0 && (
        <LegalOrderPart
          {...{ history, narrator, walk: order, isOn: isWalking, onGo: goTo }}
          onEnd={() => setWalking(false)}
        />
      )}
      <OperationTimeline data={data} onPick={setSelected} onStage={setStage}>
        <LandmarkButtons walk={landmarks} />
      </OperationTimeline>
      {selected !== unsaid && (
        <OperationDetails
          {...{ history, operation: selected, origin: data.isTimed ? data.bounds.from : null }}
          illegal={illegal.get(selected)}
          onFilter={setFilter}
          onMessages={
            onMessages &&
            (() => onMessages(history.invokedAt[selected] ?? 0, data.ends[selected] ?? 0))
          }
          onClose={() => setSelected(unsaid)}
        />
      )}
    </section>
  );
}

const culpritIn = (told: CheckReport | null): number | null =>
  told?.evidence?.operations.find(({ isCulprit }) => isCulprit)?.index ?? null;

/** To a step of the order, among operations on its key alone. */
function goInOrder(
  desk: Desk,
  { order, key, setPlace }: OrderWalk,
  place: number,
  isWalking: boolean,
  setWalking: (isWalking: boolean) => void,
): void {
  const operation = order == null ? undefined : operationIn(order, place);
  if (order == null || operation === undefined) return;
  setPlace(place);
  if (!isWalking) {
    desk.setFilter(toggled(noFilter, 'key', key));
    setWalking(true);
    const { history, ends, bounds } = desk.data;
    const near = order.steps.slice(Math.max(0, place - 5), place + 5).map((step) => step.operation);
    const begins = [operation, ...near].map((at) => history.invokedAt[at] as number);
    const until = [operation, ...near].map((at) => ends[at] as number);
    desk.stage?.look(
      viewAround({ from: Math.min(...begins), to: Math.max(...until) }, bounds, 0.3),
    );
  }
  desk.show(operation);
}

const noWalk = { order: null, times: new Float64Array(), place: 0 };
/** More of them say nothing that the first do not. */
const unplacedMax = 50;

/** What is drawn, and what of it is shown; while somebody walks through an order, its way and what has no place in it. */
function usePicture(
  history: History,
  illegal: ReadonlyMap<number, string>,
  filter: OperationFilter,
  selected: number,
  walked: OrderWalk | null,
): { readonly shown: Filtered; readonly data: TimelineData } {
  const bounds = useMemo(() => boundsOf(history), [history]);
  const isTimed = hasTimes(history.count, bounds.to - bounds.from);
  const illegalSet = useMemo(() => new Set(illegal.keys()), [illegal]);
  const shown = useMemo(() => filtered(history, filter, illegalSet), [history, filter, illegalSet]);
  const rows = useMemo(() => rowsOf(history, shown.keep), [history, shown]);
  const ends = useMemo(() => barEnds(history, bounds.to), [history, bounds]);
  const words = useMemo(
    () => wordsFor(history, bounds.from, isTimed, illegal),
    [history, bounds, isTimed, illegal],
  );
  const { order, times, place } = walked ?? noWalk;
  const path = useMemo(
    () => (order == null ? [] : pathAround(order, times, place)),
    [order, times, place],
  );
  const marked = useMemo(() => {
    const unplaced = order?.unplaced.slice(0, unplacedMax) ?? [];
    return new Set([...illegalSet, ...unplaced.map(({ operation }) => operation)]);
  }, [order, illegalSet]);
  const data: TimelineData = useMemo(
    () => ({ history, bounds, isTimed, rows, ends, illegal: marked, path, selected, ...words }),
    [history, bounds, isTimed, rows, ends, marked, path, selected, words],
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
  /** Chooses it, and moves to where it can be seen. */
  readonly show: (operation: number) => void;
  readonly setFilter: (filter: OperationFilter) => void;
}

const scrollTo = ({ section }: Desk): void =>
  section.current?.scrollIntoView({ block: 'start', behavior: 'smooth' });

/** From afar: whatever was shown before, it is seen now. */
function pick(desk: Desk, operation: number): void {
  const { history, ends, bounds } = desk.data;
  if (desk.shown.keep[operation] !== 1) desk.setFilter(noFilter);
  const own = { from: history.invokedAt[operation] as number, to: ends[operation] as number };
  desk.stage?.look(viewAround(own, bounds));
  desk.show(operation);
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

/** Where j and k go while one walks through the order. */
interface OrderSteps extends OrderWalk {
  readonly goTo: (place: number) => void;
  readonly end: (isWalking: false) => void;
}

/** Through the order, if one walks there; else through what is shown. */
function stepDeeds({ shown, selected, show }: Desk, steps: OrderSteps | null) {
  const { keep } = shown;
  if (steps === null) {
    return {
      next: () => show(nextShown(keep, selected, 1)),
      previous: () => show(nextShown(keep, selected, -1)),
      first: () => show(nextShown(keep, unsaid, 1)),
      last: () => show(nextShown(keep, keep.length, -1)),
    };
  }
  const { place, order, goTo } = steps;
  return {
    next: () => goTo(place + 1),
    previous: () => goTo(place - 1),
    first: () => goTo(0),
    last: () => goTo(Math.min(order?.steps.length ?? 0, order == null ? 0 : placesIn(order) - 1)),
  };
}

function handleOf(desk: Desk, { go }: LandmarkWalk, steps: OrderSteps | null): OperationsHandle {
  const { stage } = desk;
  const deeds: Partial<Record<KeyDeed, () => void>> = {
    ...stepDeeds(desk, steps),
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
      else if (steps !== null) steps.end(false);
      else desk.show(unsaid);
    },
  };
  return {
    pick: (operation) => pick(desk, operation),
    lookAt: (from, to) => {
      stage?.look({ from, to });
      scrollTo(desk);
    },
    act: (deed) => deeds[deed]?.(),
  };
}

/** The next one that is shown; the same where there is none. */
function nextShown(keep: Uint8Array, from: number, by: number): number {
  for (let at = from === unsaid && by < 0 ? 0 : from + by; at >= 0 && at < keep.length; at += by) {
    if (keep[at] === 1) return at;
  }
  return from < 0 || from >= keep.length ? unsaid : from;
}

function wordsFor(
  history: History,
  origin: number,
  isTimed: boolean,
  illegal: ReadonlyMap<number, string>,
) {
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
      isTimed ? `at ${exactly(began - origin)}, ${took}` : `line ${history.line[operation]}`,
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
      <Button
        look="icon"
        title="The one before (p)"
        aria-label="Violation or fault before"
        onClick={() => go(-1)}
      >
        ↑
      </Button>
      <Button
        look="icon"
        title="The next one (n)"
        aria-label="Next violation or fault"
        onClick={() => go(1)}
      >
        ↓
      </Button>
      <span class="muted small">
        {landmark === undefined ? count : `${place + 1} of ${count}: ${landmark.title}`}
      </span>
    </div>
  );
}
