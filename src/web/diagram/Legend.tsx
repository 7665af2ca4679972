import { useEffect, useRef } from 'preact/hooks';
import type { LaneEventKind } from '../../trace/lanes.js';
import { onThemeChange } from '../parts/theme.js';
import { coloursOfTheme, type DiagramColours } from './colours.js';
import { drawGlyph, glyphs } from './glyphs.js';

const kinds: readonly (readonly [what: LaneEventKind, words: string])[] = [
  ['sent', 'sends a message'],
  ['delivered', 'gets a message'],
  ['call', 'a client asks'],
  ['return', 'a client is answered'],
  ['persist', 'writes a record'],
  ['durable', 'records are durable'],
  ['timer', 'a timer fires'],
  ['tell', 'its role or view changes'],
  ['start', 'starts'],
  ['stop', 'stops'],
  ['violation', 'what may never be'],
];

type Stroke = (on: CanvasRenderingContext2D, colours: DiagramColours) => void;

const strokes: readonly (readonly [what: Stroke, words: string])[] = [
  [(on, { message }) => line(on, message), 'a message'],
  [(on, { muted }) => line(on, muted), 'a sign of life'],
  [(on, { bad }) => line(on, bad, [4, 3]), 'a lost message'],
  [(on, { disk }) => block(on, disk, 3), 'records not yet durable'],
  [(on, { bad }) => line(on, bad, [2, 3]), 'a node that is down'],
  [(on, { badSoft }) => block(on, badSoft, 14), 'a fault meets this node'],
];

export function Legend() {
  const list = useRef<HTMLUListElement>(null);
  const draw = (): void => {
    const colours = coloursOfTheme();
    const canvases = list.current?.querySelectorAll('canvas') ?? [];
    for (const [nth, canvas] of canvases.entries()) {
      const on = canvas.getContext('2d');
      if (on === null) continue;
      on.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
      on.clearRect(0, 0, widthPx, heightPx);
      const kind = kinds[nth]?.[0];
      const place = { x: widthPx / 2, y: heightPx / 2, colours };
      if (kind !== undefined) drawGlyph(on, glyphs[kind], place);
      else strokes[nth - kinds.length]?.[0](on, colours);
    }
  };
  useEffect(() => onThemeChange(draw));
  return (
    <details class="diagram-legend no-print" onToggle={draw}>
      <summary class="button">Signs</summary>
      <ul class="panel" ref={list}>
        {[...kinds, ...strokes].map(([, words]) => (
          <li key={words}>
            <canvas
              width={widthPx * devicePixelRatio}
              height={heightPx * devicePixelRatio}
              style={{ width: `${widthPx}px`, height: `${heightPx}px` }}
            />
            {words}
          </li>
        ))}
      </ul>
    </details>
  );
}

const [widthPx, heightPx] = [26, 18];

function line(on: CanvasRenderingContext2D, colour: string, dash: number[] = []): void {
  on.strokeStyle = colour;
  on.lineWidth = 1.5;
  on.setLineDash(dash);
  on.beginPath();
  on.moveTo(1, heightPx / 2);
  on.lineTo(widthPx - 1, heightPx / 2);
  on.stroke();
  on.setLineDash([]);
}

function block(on: CanvasRenderingContext2D, colour: string, height: number): void {
  on.fillStyle = colour;
  on.fillRect(1, (heightPx - height) / 2, widthPx - 2, height);
}
