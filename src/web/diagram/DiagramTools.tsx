import { Button } from '../parts/Button.js';
import { Legend } from './Legend.js';

interface DiagramToolsProps {
  readonly isTouching: boolean;
  readonly canTouch: boolean;
  readonly setTouching: (isTouching: boolean) => void;
  readonly onZoom: (steps: number) => void;
  readonly onFit: () => void;
}

export function DiagramTools({
  isTouching,
  canTouch,
  setTouching,
  onZoom,
  onFit,
}: DiagramToolsProps) {
  return (
    <div class="diagram-tools no-print">
      <Button look="icon" title="Zoom out (-)" onClick={() => onZoom(-1)}>
        −
      </Button>
      <Button look="icon" title="Zoom in (+)" onClick={() => onZoom(1)}>
        +
      </Button>
      <Button title="All of it (0)" onClick={onFit}>
        Fit
      </Button>
      {canTouch && (
        <Button
          aria-pressed={isTouching}
          title="While it is on, a click on a message loses it"
          onClick={() => setTouching(!isTouching)}
        >
          Touch messages
        </Button>
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
