/** Every client's operations as bars in real time, and the strip above that says where one is. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { unsaid } from '../../history/history.js';
import { Button } from '../parts/Button.js';
import { Overview } from './Overview.js';
import { headHeight, type TimelineData } from './paint.js';
import { rowHeightFor, TimelineStage } from './stage.js';
import type { TimeView } from './viewport.js';

interface TimelineProps {
  readonly data: TimelineData;
  readonly onPick: (operation: number) => void;
  /** Beside the buttons. */
  readonly children?: ComponentChildren;
  /** Is given the canvas, for whoever moves it from outside; `null` when it is gone. */
  readonly onStage: (stage: TimelineStage | null) => void;
}

interface Hover {
  readonly operation: number;
  readonly x: number;
  readonly y: number;
}

const noHover: Hover = { operation: unsaid, x: 0, y: 0 };
const heightMax = 560;

export function OperationTimeline({ data, onPick, onStage, children }: TimelineProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [stage, setStage] = useState<TimelineStage | null>(null);
  const [view, setView] = useState<TimeView>(data.bounds);
  const [hover, setHover] = useState(noHover);
  const pick = useRef(onPick);
  pick.current = onPick;
  useEffect(() => {
    if (canvas.current === null || scroller.current === null) return;
    const made = new TimelineStage(canvas.current, scroller.current, data, {
      picked: (operation) => pick.current(operation),
      hovered: (operation, x, y) =>
        setHover((before) =>
          operation === unsaid && before.operation === unsaid ? before : { operation, x, y },
        ),
      moved: setView,
    });
    setStage(made);
    onStage(made);
    return () => {
      made.end();
      onStage(null);
    };
  }, []);
  useEffect(() => stage?.show(data), [stage, data]);
  const height = Math.min(heightMax, Math.max(140, headHeight + data.rows.length * 24));
  const rowsHigh = data.rows.length * rowHeightFor(data.rows.length, height);
  return (
    <div class="timeline">
      <div class="timeline-tools no-print">
        <ZoomButtons stage={stage} bounds={data.bounds} />
        {children}
      </div>
      <Overview data={data} view={view} onLook={(next) => stage?.look(next)} />
      <section
        class="timeline-rows"
        ref={scroller}
        style={{ height: `${height}px` }}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved by keys.
        tabIndex={0}
        aria-label="Operations by client. Arrow keys move through time, plus and minus zoom."
        onKeyDown={(event) => moveByKey(event, stage)}
      >
        <div style={{ height: `${headHeight + rowsHigh}px` }}>
          <canvas ref={canvas} />
        </div>
      </section>
      {hover.operation !== unsaid && <Tip hover={hover} data={data} />}
    </div>
  );
}

function moveByKey(event: KeyboardEvent, stage: TimelineStage | null): void {
  const moves: Record<string, () => void> = {
    ArrowLeft: () => stage?.pan(-0.2),
    ArrowRight: () => stage?.pan(0.2),
    '+': () => stage?.zoom(1.6),
    '=': () => stage?.zoom(1.6),
    '-': () => stage?.zoom(1 / 1.6),
  };
  const move = moves[event.key];
  if (move === undefined || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  move();
}

function ZoomButtons({ stage, bounds }: { stage: TimelineStage | null; bounds: TimeView }) {
  const button = (label: string, title: string, onClick: () => void) => (
    <Button title={title} aria-label={title} onClick={onClick}>
      {label}
    </Button>
  );
  return (
    <div class="buttons">
      {button('+', 'Closer', () => stage?.zoom(2))}
      {button('−', 'Farther', () => stage?.zoom(0.5))}
      {button('‹', 'Earlier', () => stage?.pan(-0.5))}
      {button('›', 'Later', () => stage?.pan(0.5))}
      {button('whole run', 'The whole run', () => stage?.look(bounds))}
    </div>
  );
}

function Tip({ hover, data }: { readonly hover: Hover; readonly data: TimelineData }) {
  const isRight = hover.x > innerWidth / 2;
  const side = isRight
    ? { right: `calc(100% - ${hover.x - 10}px)` }
    : { left: `${hover.x + 14}px` };
  return (
    <div class="tip" style={{ ...side, bottom: `calc(100% - ${hover.y}px)` }} role="tooltip">
      {data.tipOf(hover.operation).map((line) => (
        <div key={line}>{line}</div>
      ))}
    </div>
  );
}
