import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Touch } from '../../lab/decisions.js';
import { onResize } from '../parts/frame.js';
import type { Extent, Geometry } from './geometry.js';
import { listenToPointers } from './gestures.js';
import type { DiagramPick, Scene } from './scene.js';
import { DiagramStage } from './stage.js';

export interface HoveredPick {
  readonly pick: DiagramPick;
  readonly x: number;
  readonly y: number;
}

export interface StageSetup {
  readonly scene: Scene;
  readonly cursor: number | null;
  readonly selected: DiagramPick | null;
  readonly isTouching: boolean;
  readonly pick: (pick: DiagramPick | null) => void;
  readonly onTouch: ((touch: Touch) => void) | undefined;
}

export interface UsedStage {
  readonly stage: RefObject<DiagramStage | null>;
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly field: RefObject<HTMLDivElement | null>;
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly over: RefObject<HTMLCanvasElement | null>;
  readonly geometry: Geometry | null;
  readonly hovered: HoveredPick | null;
}

/** Narrower, time runs downwards. */
const verticalBelowPx = 560;

/** A stage for as long as the component is there; what it shows follows what it is given. */
export function useStage(setup: StageSetup): UsedStage {
  const { scene, cursor, selected } = setup;
  const [geometry, setGeometry] = useState<Geometry | null>(null);
  const [hovered, setHovered] = useState<HoveredPick | null>(null);
  const stage = useRef<DiagramStage>(null);
  const frame = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  // For listeners that are made once.
  const latest = useRef(setup);
  latest.current = setup;
  const first = useRef(scene);
  useEffect(() => {
    const { current: size } = field;
    if (canvas.current === null || over.current === null || size === null) return;
    const made = new DiagramStage(canvas.current, over.current, first.current, {
      picked: (pick) => latest.current.pick(pick),
      touched: (touch) => latest.current.onTouch?.(touch),
      hovered: (pick, x, y) => setHovered(pick === null ? null : { pick, x, y }),
      moved: setGeometry,
    });
    stage.current = made;
    // It takes keys, as an application does.
    size.tabIndex = 0;
    const deaf = listenToPointers(size, made, () => ({
      canTouch: latest.current.onTouch !== undefined,
      isTouching: latest.current.isTouching,
    }));
    const resize = (): void => made.resize(extentOf(frame.current, size));
    const forgetSize = onResize(size, resize);
    resize();
    return () => {
      deaf();
      forgetSize();
      made.end();
      stage.current = null;
    };
  }, []);
  useEffect(() => stage.current?.show(scene, { cursor, selected }), [scene, cursor, selected]);
  return { stage, frame, field, canvas, over, geometry, hovered };
}

function extentOf(frame: HTMLElement | null, field: HTMLElement): Extent {
  const isVertical = (frame?.clientWidth ?? 0) < verticalBelowPx;
  return { width: field.clientWidth, height: field.clientHeight, isVertical };
}
