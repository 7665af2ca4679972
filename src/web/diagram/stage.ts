/** The canvases of a diagram: what is in view, how it is moved, and when it is drawn. */
import type { Touch } from '../../lab/decisions.js';
import { withNextFrame } from '../parts/frame.js';
import { onThemeChange } from '../parts/theme.js';
import { clamped, panned, showing, type TimeView, zoomed } from '../timeline/viewport.js';
import { coloursOfTheme } from './colours.js';
import { type Extent, type Geometry, geometryOf, msAt, nsOf } from './geometry.js';
import { GlyphSprites } from './glyph-sprites.js';
import { paintLanes } from './paint.js';
import { type DiagramOverlay, paintOverlay } from './paint-overlay.js';
import { eventOf, type Pickable, pickAt } from './picking.js';
import { type Places, placesOf } from './places.js';
import type { DiagramPick, Scene } from './scene.js';

export interface DiagramListener {
  readonly picked: (pick: DiagramPick | null) => void;
  readonly touched: (touch: Touch) => void;
  readonly hovered: (pick: DiagramPick | null, x: number, y: number) => void;
  /** Lanes have other places. */
  readonly moved: (geometry: Geometry) => void;
}

type Shown = Pick<DiagramOverlay, 'cursor' | 'selected'>;

const zoomStep = 1.5;

export class DiagramStage {
  readonly listener: DiagramListener;
  readonly #canvas: HTMLCanvasElement;
  readonly #over: HTMLCanvasElement;
  readonly #ends: (() => void)[] = [];
  #scene: Scene;
  #shown: Shown = { cursor: null, selected: null };
  #hovered: DiagramPick | null = null;
  #dragged: DiagramOverlay['dragged'] = null;
  #extent: Extent = { width: 0, height: 0, isVertical: false };
  #view: TimeView;
  #geometry: Geometry;
  #places: Places;
  #colours = coloursOfTheme();
  #sprites = new GlyphSprites(this.#colours, devicePixelRatio);
  #isStale = false;
  readonly #draw = withNextFrame(() => this.#paint());

  constructor(
    canvas: HTMLCanvasElement,
    over: HTMLCanvasElement,
    scene: Scene,
    listener: DiagramListener,
  ) {
    this.#canvas = canvas;
    this.#over = over;
    this.#scene = scene;
    this.listener = listener;
    this.#view = this.bounds;
    this.#geometry = this.#newGeometry();
    this.#places = placesOf(scene.index, this.#geometry);
    this.#ends.push(
      onThemeChange(() => {
        this.#recolour();
        // At once: paper waits for no frame.
        this.#paint();
      }),
    );
  }

  end(): void {
    for (const end of this.#ends) end();
  }

  /** All of the trace, with some room around it. */
  get bounds(): TimeView {
    const length = nsOf(this.#scene.index.lanes.durationMs);
    const room = Math.max(1000, length * 0.015);
    return { from: -room, to: length + room };
  }

  get view(): TimeView {
    return this.#view;
  }

  get pickable(): Pickable {
    return { scene: this.#scene, geometry: this.#geometry, places: this.#places };
  }

  show(scene: Scene, shown: Shown): void {
    const { bounds } = this;
    const wasWhole = this.#view.from <= bounds.from && this.#view.to >= bounds.to;
    const isOther = scene !== this.#scene;
    const isOtherTrace = scene.index !== this.#scene.index;
    this.#scene = scene;
    this.#shown = shown;
    if (isOtherTrace) {
      this.#hovered = null;
      this.look(wasWhole ? this.bounds : this.#view);
      this.listener.moved(this.#geometry);
    } else if (isOther) this.#changed();
    else this.#draw();
  }

  resize(extent: Extent): void {
    const { width, height, isVertical } = this.#extent;
    if (width === extent.width && height === extent.height && isVertical === extent.isVertical) {
      return;
    }
    this.#extent = extent;
    this.#sprites = new GlyphSprites(this.#colours, devicePixelRatio);
    for (const canvas of [this.#canvas, this.#over]) {
      canvas.width = Math.round(extent.width * devicePixelRatio);
      canvas.height = Math.round(extent.height * devicePixelRatio);
    }
    this.#changed();
    this.listener.moved(this.#geometry);
    // Else it would be empty until the next frame.
    this.#paint();
  }

  look(view: TimeView): void {
    this.#view = clamped(view, this.bounds);
    this.#changed();
  }

  /** `along`: what stands there stays; the middle when left out. */
  zoom(factor: number, along = this.#geometry.alongPx / 2): void {
    const time = nsOf(msAt(this.#geometry, along));
    this.look(zoomed(this.#view, this.bounds, factor, time));
  }

  zoomBySteps(steps: number): void {
    this.zoom(zoomStep ** steps);
  }

  panBy(px: number): void {
    this.look(panned(this.#view, this.bounds, px / Math.max(1, this.#geometry.alongPx)));
  }

  fit(): void {
    this.look(this.bounds);
  }

  scrollTo(event: number): void {
    const { events } = this.#scene.index.lanes;
    if (events.count === 0) return;
    const time = nsOf(events.atMs[Math.min(events.count - 1, Math.max(0, event))] as number);
    const view = showing(this.#view, this.bounds, { from: time, to: time });
    if (view !== this.#view) this.look(view);
  }

  /** So close that what is around the event can be told apart. */
  zoomTo(pick: DiagramPick): void {
    const event = eventOf(this.#scene.index, pick);
    if (event === null) return;
    const { atMs, count } = this.#scene.index.lanes.events;
    const time = (at: number): number => nsOf(atMs[Math.min(count - 1, Math.max(0, at))] as number);
    const [from, to] = [time(event - 40), time(event + 40)];
    this.look({ from: Math.min(from, time(event) - 1000), to: Math.max(to, time(event) + 1000) });
  }

  hover(at: { readonly x: number; readonly y: number } | null): void {
    const pick = at === null ? null : this.pickAt(at.x, at.y);
    const isSame = JSON.stringify(pick) === JSON.stringify(this.#hovered);
    this.#hovered = pick;
    if (pick !== null || !isSame) this.listener.hovered(pick, at?.x ?? 0, at?.y ?? 0);
    if (!isSame) this.#draw();
  }

  pickAt(x: number, y: number): DiagramPick | null {
    return this.#geometry.isVertical ? pickAt(this.pickable, y, x) : pickAt(this.pickable, x, y);
  }

  drag(dragged: DiagramOverlay['dragged']): void {
    this.#dragged = dragged;
    this.#draw();
  }

  #recolour(): void {
    this.#colours = coloursOfTheme();
    this.#sprites = new GlyphSprites(this.#colours, devicePixelRatio);
    this.#changed();
  }

  #newGeometry(): Geometry {
    const { rows, lanes } = this.#scene.index;
    return geometryOf(lanes, rows, this.#extent, this.#view);
  }

  #changed(): void {
    this.#isStale = true;
    this.#geometry = this.#newGeometry();
    this.#draw();
  }

  #paint(): void {
    const on = this.#canvas.getContext('2d', { alpha: false });
    const over = this.#over.getContext('2d');
    if (on === null || over === null || this.#extent.width === 0) return;
    for (const each of [on, over])
      each.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    if (this.#isStale) {
      this.#places = paintLanes(on, this.#scene, this.#geometry, {
        colours: this.#colours,
        sprites: this.#sprites,
        isPrinted: matchMedia('print').matches,
      });
      this.#isStale = false;
    }
    const overlay = { ...this.#shown, hovered: this.#hovered, dragged: this.#dragged };
    paintOverlay(over, this.pickable, overlay, this.#colours);
  }
}
