/**
 * The space-time diagram: a lane for each node and one for the clients, an arrow for each message. One for the laboratory,
 * which lets one touch what one sees, and for reports, which do not.
 */
import type { Ref } from 'preact';
import { useImperativeHandle, useMemo, useState } from 'preact/hooks';
import type { Touch } from '../../lab/decisions.js';
import type { Lanes } from '../../trace/lanes.js';
import type { TimeView } from '../timeline/viewport.js';
import { DiagramTip } from './DiagramTip.js';
import { DiagramTools } from './DiagramTools.js';
import { acrossWanted, msOf } from './geometry.js';
import { LaneHeads } from './LaneHeads.js';
import { LanesIndex } from './lanes-index.js';
import { moveByKey } from './move-by-key.js';
import { PickBar } from './PickBar.js';
import { type DiagramMark, type DiagramPick, type Scene, sceneOf } from './scene.js';
import type { DiagramStage } from './stage.js';
import { messageOf, pickByKey, touchByKey } from './touching.js';
import { usePickText } from './use-pick-text.js';
import { useStage } from './use-stage.js';

export interface DiagramHandle {
  /** Moves only if it can't be seen. */
  scrollTo(event: number): void;
  fit(): void;
  look(view: TimeView): void;
}

export interface DiagramProps {
  readonly lanes: Lanes;
  /** Of what it shows, for who can't see it. */
  readonly label: string;
  /** The last event that has happened: what comes after is faint. Left out or `null`: all have. */
  readonly cursor?: number | null;
  /** Events that are lit while the rest is dimmed. Left out or `null`: all are. */
  readonly lit?: ArrayLike<number> | null;
  /** Events in red. */
  readonly culprits?: ArrayLike<number>;
  /** Beside those of the faults that the trace has. */
  readonly marks?: readonly DiagramMark[];
  /** `false`: its times say what was before what, and no more. */
  readonly isTimed?: boolean;
  readonly selected?: DiagramPick | null;
  readonly onPick?: (pick: DiagramPick | null) => void;
  /** Left out: nothing can be touched. */
  readonly onTouch?: (touch: Touch) => void;
  /** Makes an event the last that has happened. */
  readonly onSeek?: (event: number) => void;
  readonly handle?: Ref<DiagramHandle>;
}

const none: readonly never[] = [];

export function Diagram(props: DiagramProps) {
  const { lanes, label, onTouch, cursor = null, lit = null, culprits = none, marks = none } = props;
  const { isTimed = true } = props;
  const index = useMemo(() => new LanesIndex(lanes), [lanes]);
  const scene = useMemo(
    () => sceneOf(index, { lit, culprits, marks, isTimed }),
    [index, lit, culprits, marks, isTimed],
  );
  // Where the page does not keep what is selected, it is kept here.
  const [own, setOwn] = useState<DiagramPick | null>(null);
  const selected = props.selected === undefined ? own : props.selected;
  const [isTouching, setTouching] = useState(false);
  const [delayMs, setDelayMs] = useState(20);
  const pick = (next: DiagramPick | null): void => {
    setOwn(next);
    props.onPick?.(next);
  };
  const used = useStage({ scene, cursor, selected, isTouching, pick, onTouch });
  const { stage, geometry, hovered } = used;
  const goTo = (next: DiagramPick | null): void => {
    pick(next);
    if (next?.type === 'event') stage.current?.scrollTo(next.event);
  };
  useImperativeHandle(props.handle ?? null, () => ({
    scrollTo: (event) => stage.current?.scrollTo(event),
    fit: () => stage.current?.fit(),
    look: (view) => stage.current?.look(view),
  }));
  const subject = selected ?? happenedAt(lanes, cursor);
  const text = usePickText(scene, subject);
  const isVertical = geometry?.isVertical ?? false;
  const wanted = isVertical ? 420 : acrossWanted(lanes, index.rows);
  const onKeyDown = (event: KeyboardEvent): void => {
    const { current: on } = stage;
    if (on === null || event.altKey || event.ctrlKey || event.metaKey) return;
    if (!obey({ on, scene, selected, subject, cursor, delayMs, goTo, onTouch }, event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class={`diagram ${isVertical ? 'is-vertical' : ''}`} ref={used.frame}>
      <DiagramTools
        {...{ isTouching, setTouching, canTouch: onTouch !== undefined }}
        onZoom={(steps) => stage.current?.zoomBySteps(steps)}
        onFit={() => stage.current?.fit()}
      />
      <div class="diagram-body" style={{ minHeight: `${wanted}px` }}>
        {geometry !== null && (
          <LaneHeads
            {...{ lanes, geometry, selected, onTouch, onPick: pick }}
            after={cursor ?? Math.max(0, lanes.events.count - 1)}
          />
        )}
        <div
          class={`diagram-field ${isTouching ? 'is-touching' : ''}`}
          ref={used.field}
          role="application"
          aria-label={`${label}. Arrow keys go from event to event, plus and minus zoom.`}
          onKeyDown={onKeyDown}
        >
          <canvas ref={used.canvas} />
          <canvas ref={used.over} />
          {hovered !== null && geometry !== null && (
            <DiagramTip {...{ ...hovered, scene, geometry }} />
          )}
        </div>
      </div>
      <PickBar
        {...{ scene, selected, subject, text, delayMs, setDelayMs, onTouch, onPick: goTo }}
        onSeek={props.onSeek}
        onZoomTo={(next) => stage.current?.zoomTo(next)}
      />
      <div class="only-heard" aria-live="polite">
        {selected === null ? '' : text}
      </div>
    </div>
  );
}

function happenedAt({ events }: Lanes, cursor: number | null): DiagramPick | null {
  const isEvent = cursor !== null && cursor >= 0 && cursor < events.count;
  return isEvent ? { type: 'event', event: cursor } : null;
}

interface Keyed {
  readonly on: DiagramStage;
  readonly scene: Scene;
  readonly selected: DiagramPick | null;
  readonly subject: DiagramPick | null;
  readonly cursor: number | null;
  readonly delayMs: number;
  readonly goTo: (pick: DiagramPick | null) => void;
  readonly onTouch: ((touch: Touch) => void) | undefined;
}

/** Whether the key does anything here. */
function obey(
  { on, scene, selected, subject, cursor, delayMs, goTo, onTouch }: Keyed,
  event: KeyboardEvent,
): boolean {
  const { key } = event;
  const message = onTouch === undefined ? null : messageOf(scene, subject);
  const touch = touchByKey(key, message, delayMs);
  if (touch !== null) onTouch?.(touch);
  else if (!moveByKey(on, event)) {
    const { isVertical } = on.pickable.geometry;
    const from = cursor ?? scene.index.eventsIn(msOf(on.view.from), msOf(on.view.to))[0];
    const next = pickByKey(scene, selected, { key, isVertical, from });
    if (next === null && (key !== 'Escape' || selected === null)) return false;
    goTo(next);
  }
  return true;
}
