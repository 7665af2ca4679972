import { Legend } from './Legend.js';

interface DiagramToolsProps {
  readonly isTouching: boolean;
  readonly canTouch: boolean;
  readonly setTouching: (isTouching: boolean) => void;
  readonly onZoom: (steps: number) => void;
  readonly onFit: () => void;
}

/** Zoom, and what a click does. */
export function DiagramTools({
  isTouching,
  canTouch,
  setTouching,
  onZoom,
  onFit,
}: DiagramToolsProps) {
  return (
    <div class="diagram-tools no-print">
      <button
        type="button"
        class="button icon"
        aria-label="Zoom out"
        title="Zoom out (-)"
        onClick={() => onZoom(-1)}
      >
        −
      </button>
      <button
        type="button"
        class="button icon"
        aria-label="Zoom in"
        title="Zoom in (+)"
        onClick={() => onZoom(1)}
      >
        +
      </button>
      <button type="button" class="button" title="All of it (0)" onClick={onFit}>
        Fit
      </button>
      {canTouch && (
        <button
          type="button"
          class="button"
          aria-pressed={isTouching}
          title="While it is on, a click on a message loses it"
          onClick={() => setTouching(!isTouching)}
        >
          Touch messages
        </button>
      )}
      <Legend />
      <span class="diagram-hint muted">{hintOf(canTouch, isTouching)}</span>
    </div>
  );
}

const hasMouse = matchMedia('(pointer: fine)').matches;

function hintOf(canTouch: boolean, isTouching: boolean): string {
  if (isTouching && hasMouse)
    return 'Click a message to lose it, shift-click to double it, drag it to be later.';
  if (isTouching) return 'Tap a message to lose it, drag it to be later.';
  if (!hasMouse) return 'Drag to scroll, pinch to zoom, tap to select.';
  const look = 'Drag to scroll, ctrl-wheel to zoom, click to select.';
  return canTouch ? `${look} Alt-click a message to lose it.` : look;
}
