/** Draws by the ways of time and lanes, whichever of them is across the page. */
import type { Geometry } from './geometry.js';

export type DrawingContext = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

const fontFamily = 'ui-monospace, Menlo, "DejaVu Sans Mono", monospace';
export const labelFont = `11px ${fontFamily}`;
/** Of `labelFont`, near enough to know what has room. */
export const labelCharPx = 6.7;

export class LanePen {
  readonly on: DrawingContext;
  readonly isVertical: boolean;

  constructor(on: DrawingContext, { isVertical }: Pick<Geometry, 'isVertical'>) {
    this.on = on;
    this.isVertical = isVertical;
  }

  x(along: number, across: number): number {
    return this.isVertical ? across : along;
  }

  y(along: number, across: number): number {
    return this.isVertical ? along : across;
  }

  moveTo(along: number, across: number): void {
    this.on.moveTo(this.x(along, across), this.y(along, across));
  }

  lineTo(along: number, across: number): void {
    this.on.lineTo(this.x(along, across), this.y(along, across));
  }

  fillRect(along: number, across: number, alongSize: number, acrossSize: number): void {
    if (this.isVertical) this.on.fillRect(across, along, acrossSize, alongSize);
    else this.on.fillRect(along, across, alongSize, acrossSize);
  }

  /** On whole pixels: quicker by half, and good enough for what is small. */
  fillBlock(along: number, across: number, alongSize: number, acrossSize: number): void {
    const [from, to] = [Math.round(along), Math.round(along + alongSize)];
    const [begin, end] = [Math.round(across), Math.round(across + acrossSize)];
    this.fillRect(from, begin, Math.max(1, to - from), Math.max(1, end - begin));
  }

  /** On a ground of its own, so that it can be read on whatever is there. (To draw a rim around it costs ten times as much.) */
  text(text: string, x: number, y: number, colour: string, ground: string): void {
    const { on } = this;
    const { globalAlpha } = on;
    on.globalAlpha = globalAlpha * 0.8;
    on.fillStyle = ground;
    on.fillRect(x - 1, y - 6, text.length * labelCharPx + 1, 12);
    on.globalAlpha = globalAlpha;
    on.fillStyle = colour;
    on.fillText(text, x, y);
  }
}
