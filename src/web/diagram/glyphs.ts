/** The sign of each kind of event: told apart by shape, not by colour alone. */
import { type LaneEventKind, laneEventKinds } from '../../trace/lanes.js';
import type { DiagramColours } from './colours.js';
import type { DrawingContext } from './lane-pen.js';

type Shape =
  | 'dot'
  | 'ring'
  | 'tick'
  | 'square'
  | 'hollow square'
  | 'diamond'
  | 'up'
  | 'down'
  | 'cross'
  | 'flag'
  | 'star'
  | 'speck';

export interface Glyph {
  readonly shape: Shape;
  readonly colour: keyof DiagramColours;
}

export const glyphs: Readonly<Record<LaneEventKind, Glyph>> = {
  start: { shape: 'up', colour: 'good' },
  stop: { shape: 'cross', colour: 'bad' },
  sent: { shape: 'dot', colour: 'message' },
  delivered: { shape: 'ring', colour: 'message' },
  timer: { shape: 'tick', colour: 'muted' },
  persist: { shape: 'square', colour: 'disk' },
  sync: { shape: 'speck', colour: 'disk' },
  durable: { shape: 'hollow square', colour: 'durable' },
  call: { shape: 'down', colour: 'client' },
  return: { shape: 'up', colour: 'client' },
  role: { shape: 'diamond', colour: 'told' },
  tell: { shape: 'diamond', colour: 'told' },
  'fault begins': { shape: 'flag', colour: 'bad' },
  'fault ends': { shape: 'flag', colour: 'muted' },
  violation: { shape: 'star', colour: 'bad' },
};

export const glyphByKind: readonly Glyph[] = laneEventKinds.map((kind) => glyphs[kind]);

/** Half of its width. */
const half = 4;

/** `fill`: of what is hollow. */
export function drawGlyph(
  on: DrawingContext,
  { shape, colour }: Glyph,
  { x, y, colours }: { readonly x: number; readonly y: number; readonly colours: DiagramColours },
): void {
  on.fillStyle = colours[colour];
  on.strokeStyle = colours[colour];
  on.lineWidth = 1.5;
  on.beginPath();
  switch (shape) {
    case 'dot':
      on.arc(x, y, 3, 0, 2 * Math.PI);
      on.fill();
      break;
    case 'ring':
      on.arc(x, y, 3, 0, 2 * Math.PI);
      on.fillStyle = colours.panel;
      on.fill();
      on.stroke();
      break;
    case 'speck':
      on.fillRect(x - 1, y - 1, 2, 2);
      break;
    case 'tick':
      line(on, [x, y - 6, x, y]);
      break;
    case 'square':
      on.fillRect(x - 3, y - 3, 6, 6);
      break;
    case 'hollow square':
      on.rect(x - 3, y - 3, 6, 6);
      on.fillStyle = colours.panel;
      on.fill();
      on.stroke();
      break;
    case 'cross':
      line(on, [x - half, y - half, x + half, y + half]);
      line(on, [x - half, y + half, x + half, y - half]);
      break;
    case 'flag':
      on.fillRect(x, y - 5, 5, 5);
      line(on, [x, y - 5, x, y + 6]);
      break;
    default:
      polygon(
        on,
        (corners[shape] ?? []).map((each, at) => each + (at % 2 === 0 ? x : y)),
      );
  }
}

const star = Array.from({ length: 10 }, (_, at) => {
  const [angle, radius] = [(at * Math.PI) / 5 - Math.PI / 2, at % 2 === 0 ? 7 : 3];
  return [Math.cos(angle) * radius, Math.sin(angle) * radius];
}).flat();

const corners: Partial<Readonly<Record<Shape, readonly number[]>>> = {
  diamond: [0, -5, 5, 0, 0, 5, -5, 0],
  up: [-half, 3, half, 3, 0, -half - 1],
  down: [-half, -3, half, -3, 0, half + 1],
  star,
};

function line(on: DrawingContext, [x1, y1, x2, y2]: [number, number, number, number]): void {
  on.beginPath();
  on.moveTo(x1, y1);
  on.lineTo(x2, y2);
  on.stroke();
}

function polygon(on: DrawingContext, points: readonly number[]): void {
  for (let at = 0; at < points.length; at += 2) {
    on.lineTo(points[at] as number, points[at + 1] as number);
  }
  on.closePath();
  on.fill();
}
