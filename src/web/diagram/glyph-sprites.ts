/** Signs of events as small pictures: to copy one costs a tenth of drawing it. */
import type { DiagramColours } from './colours.js';
import { drawGlyph, type Glyph, glyphByKind } from './glyphs.js';
import type { DrawingContext } from './lane-pen.js';

const sizePx = 20;

export class GlyphSprites {
  readonly #colours: DiagramColours;
  readonly #ratio: number;
  readonly #sprites = new Map<string, OffscreenCanvas>();

  constructor(colours: DiagramColours, ratio: number) {
    this.#colours = colours;
    this.#ratio = ratio;
  }

  /** The sign of a kind of event; `isBad`: in red. */
  draw(on: DrawingContext, kind: number, x: number, y: number, isBad = false): void {
    const glyph = glyphByKind[kind];
    if (glyph === undefined) return;
    const sprite = this.#spriteOf(isBad ? { ...glyph, colour: 'bad' } : glyph);
    // On whole pixels, else it would be drawn anew, and blurred.
    const place = (at: number): number => Math.round((at - sizePx / 2) * this.#ratio) / this.#ratio;
    on.drawImage(sprite, place(x), place(y), sizePx, sizePx);
  }

  #spriteOf(glyph: Glyph): OffscreenCanvas {
    const name = `${glyph.shape} ${glyph.colour}`;
    const known = this.#sprites.get(name);
    if (known !== undefined) return known;
    const side = Math.ceil(sizePx * this.#ratio);
    const sprite = new OffscreenCanvas(side, side);
    const on = sprite.getContext('2d');
    if (on !== null) {
      on.scale(this.#ratio, this.#ratio);
      drawGlyph(on, glyph, { x: sizePx / 2, y: sizePx / 2, colours: this.#colours });
    }
    this.#sprites.set(name, sprite);
    return sprite;
  }
}
