/** All operations as bars, what of them is shown, and the one that is looked at. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Narrator } from '../../check/evidence/narrator.js';
import { nanoseconds } from '../../check/evidence/time.js';
import { type History, outcomes, unsaid } from '../../history/history.js';
import { boundsOf } from '../../report/figures.js';
import { filtered, noFilter, type OperationFilter } from '../timeline/filters.js';
import type { TimelineData } from '../timeline/paint.js';
import { barEnds, rowsOf } from '../timeline/rows.js';
import type { TimelineStage } from '../timeline/stage.js';
import { Timeline } from '../timeline/Timeline.js';
import { around } from '../timeline/viewport.js';
import { FilterBar } from './FilterBar.js';
import type { KeyDeed } from './keys.js';
import { type Moment, momentsIn, stepped } from './moments.js';
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
  const [moment, setMoment] = useState<Moment | null>(null);
  const [stage, setStage] = useState<TimelineStage | null>(null);
  const section = useRef<HTMLElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const bounds = useMemo(() => boundsOf(history), [history]);
  const illegalSet = useMemo(() => new Set(illegal.keys()), [illegal]);
  const shown = useMemo(() => filtered(history, filter, illegalSet), [history, filter, illegalSet]);
  const rows = useMemo(() => rowsOf(history, shown.keep), [history, shown]);
  const ends = useMemo(() => barEnds(history, bounds.to), [history, bounds]);
  const moments = useMemo(() => momentsIn(history, illegal), [history, illegal]);
  const words = useMemo(() => wordsFor(history, bounds.from, illegal), [history, bounds, illegal]);
  const data: TimelineData = useMemo(
    () => ({ history, bounds, rows, ends, illegal: illegalSet, path: [], selected, ...words }),
    [history, bounds, rows, ends, illegalSet, selected, words],
  );
  const choose = (operation: number) => {
    setSelected(operation);
    if (operation !== unsaid) stage?.reveal(operation);
  };
  const pick = (operation: number) => {
    if (shown.keep[operation] !== 1) setFilter(noFilter);
    setSelected(operation);
    const stretch = { from: history.invokedAt[operation] as number, to: ends[operation] as number };
    stage?.look(around(stretch, bounds));
    stage?.reveal(operation);
    section.current?.scrollIntoView({ block: 'start', behavior: 'smooth' });
  };
  const goTo = (next: Moment | undefined) => {
    if (next === undefined || stage === null) return;
    setMoment(next);
    if (next.operation !== null) {
      pick(next.operation);
      return;
    }
    const half = Math.min((stage.view.to - stage.view.from) / 2, (bounds.to - bounds.from) / 20);
    stage.look({ from: next.time - half, to: next.time + half });
    section.current?.scrollIntoView({ block: 'start', behavior: 'smooth' });
  };
  const walk = (by: number) => choose(nextShown(shown.keep, selected, by));
  const act = (deed: KeyDeed) => {
    const place = moment === null ? -1 : moments.indexOf(moment);
    const deeds: Partial<Record<KeyDeed, () => void>> = {
      next: () => walk(1),
      previous: () => walk(-1),
      first: () => choose(nextShown(shown.keep, unsaid, 1)),
      last: () => choose(nextShown(shown.keep, history.count, -1)),
      'next moment': () => goTo(moments[stepped(place, 1, moments.length)]),
      'previous moment': () => goTo(moments[stepped(place, -1, moments.length)]),
      search: () => {
        section.current?.scrollIntoView({ block: 'start' });
        search.current?.focus();
      },
      'whole run': () => stage?.look(bounds),
      closer: () => stage?.zoom(1.6),
      farther: () => stage?.zoom(1 / 1.6),
      escape: () => {
        if (document.activeElement === search.current) search.current?.blur();
        else setSelected(unsaid);
      },
    };
    deeds[deed]?.();
  };
  const handle = useRef<OperationsHandle>({ pick, lookAt: () => {}, act });
  handle.current = {
    ...{ pick, act },
    lookAt: (from, to) => {
      stage?.look({ from, to });
      section.current?.scrollIntoView({ block: 'start', behavior: 'smooth' });
    },
  };
  useEffect(() => {
    onHandle({
      pick: (operation) => handle.current.pick(operation),
      lookAt: (from, to) => handle.current.lookAt(from, to),
      act: (deed) => handle.current.act(deed),
    });
    return () => onHandle(null);
  }, [onHandle]);
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
      <Timeline data={data} onPick={choose} onStage={setStage}>
        <MomentButtons moments={moments} moment={moment} onMoment={goTo} />
      </Timeline>
      {selected !== unsaid && (
        <OperationDetails
          {...{ history, operation: selected, origin: bounds.from }}
          illegal={illegal.get(selected)}
          onFilter={setFilter}
          onClose={() => setSelected(unsaid)}
        />
      )}
    </section>
  );
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

interface MomentButtonsProps {
  readonly moments: readonly Moment[];
  readonly moment: Moment | null;
  readonly onMoment: (moment: Moment | undefined) => void;
}

function MomentButtons({ moments, moment, onMoment }: MomentButtonsProps) {
  if (moments.length === 0) return null;
  const place = moment === null ? -1 : moments.indexOf(moment);
  const go = (by: number) => onMoment(moments[stepped(place, by, moments.length)]);
  return (
    <div class="buttons moments">
      <button type="button" class="button" title="Previous moment (p)" onClick={() => go(-1)}>
        ↑ moment
      </button>
      <button type="button" class="button" title="Next moment (n)" onClick={() => go(1)}>
        ↓ moment
      </button>
      <span class="muted small">
        {moment === null
          ? `${moments.length.toLocaleString('en-US')} worth a look`
          : `${place + 1} of ${moments.length.toLocaleString('en-US')}: ${moment.title}`}
      </span>
    </div>
  );
}
