/** The run as a diagram that can be touched. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Recording } from '../../lab/recording.js';
import { Diagram, type DiagramHandle } from '../diagram/Diagram.js';
import type { TimeView } from '../timeline/viewport.js';
import { pausedMarks } from './paused-marks.js';
import { type LabStore, useLab } from './store.js';
import { fallShown } from './VerdictPanel.js';

export function Stage({ store }: { readonly store: LabStore }) {
  const recording = useLab(store, (state) => state.recording);
  const running = useLab(store, (state) => state.running);
  const cursor = useLab(store, (state) => state.cursor);
  const fall = useLab(store, fallShown);
  const picked = useLab(store, (state) => state.picked);
  const pickedSlice = useLab(store, (state) => state.pickedSlice);
  const handle = useRef<DiagramHandle>(null);
  const culprits = useMemo(() => (fall === null ? [] : [fall.event]), [fall]);
  const marks = useMemo(() => (recording === null ? [] : pausedMarks(recording)), [recording]);
  useEffect(() => {
    if (recording === null) return;
    const look = () => handle.current?.look(stretchAround(recording, store.state.cursor));
    // Once the diagram has its canvas, which it makes after the first paint.
    const frame = requestAnimationFrame(() => setTimeout(look));
    return () => cancelAnimationFrame(frame);
  }, [recording, store]);
  useEffect(() => handle.current?.scrollTo(Math.max(0, cursor)), [cursor]);
  if (recording === null) {
    const words = running === null ? 'There is no run.' : 'The run is being made …';
    return <section class="panel stage stage-empty muted">{words}</section>;
  }
  return (
    <section class="panel stage" aria-label="Diagram of the run">
      <Diagram
        lanes={recording.lanes}
        label={`The run of ${store.state.name}`}
        cursor={cursor}
        lit={pickedSlice ?? fall?.slice ?? null}
        culprits={culprits}
        marks={marks}
        selected={picked}
        onPick={(next) => store.pick(next)}
        onSeek={(event) => store.seek(event)}
        onTouch={(touch) => void store.decide(touch)}
        handle={handle}
      />
    </section>
  );
}

/** Events before the cursor that are in view at first, and so much of their time after it. */
const eventsBefore = 80;
const shareAfter = 0.35;

/** What a run is first seen as, in nanoseconds: not all of it, for most of the time nothing happens. */
export function stretchAround({ lanes }: Recording, cursor: number): TimeView {
  const at = (event: number): number => lanes.events.atMs[Math.max(event, 0)] ?? 0;
  const [fromMs, toMs] = [at(cursor - eventsBefore), at(cursor)];
  const lengthMs = Math.max(toMs - fromMs, 0.5);
  return { from: 1e6 * (fromMs - 0.05 * lengthMs), to: 1e6 * (toMs + shareAfter * lengthMs) };
}
