/** The canvas on which operations stand: how it is moved by mouse, fingers and keys, and when it is drawn. */
import { unsaid } from '../../history/history.js';
import { onResize, withNextFrame } from '../parts/frame.js';
import { onThemeChange } from '../parts/theme.js';
import {
  headHeight,
  paintTimeline,
  type TimelineColours,
  type TimelineData,
  type TimelineFrame,
  timelineColours,
} from './paint.js';
import { type ClientRow, operationAt } from './rows.js';
import { clamped, panned, showing, type TimeView, zoomed } from './viewport.js';

export interface StageListener {
  readonly picked: (operation: number) => void;
  readonly hovered: (operation: number, x: number, y: number) => void;
  readonly moved: (view: TimeView) => void;
}

const rowHeights = { min: 16, max: 24 } as const;
const nearPx = 4;

export class TimelineStage {
  readonly #canvas: HTMLCanvasElement;
  /** Scrolls the rows; the canvas stays where it is. */
  readonly #scroller: HTMLElement;
  readonly #listener: StageListener;
  readonly #ends: (() => void)[] = [];
  readonly #pointers = new Map<number, { x: number; y: number }>();
  #data: TimelineData;
  #view: TimeView;
  #colours: TimelineColours;
  #hovered = unsaid;
  #dragged = 0;
  readonly draw = withNextFrame(() => this.#paint());

  constructor(
    canvas: HTMLCanvasElement,
    scroller: HTMLElement,
    data: TimelineData,
    listener: StageListener,
  ) {
    this.#canvas = canvas;
    this.#scroller = scroller;
    this.#data = data;
    this.#view = data.bounds;
    this.#listener = listener;
    this.#colours = timelineColours();
    this.#ends.push(
      onResize(scroller, this.draw),
      onThemeChange(() => {
        this.#colours = timelineColours();
        // At once: paper waits for no frame.
        this.#paint();
      }),
    );
    this.#listen();
  }

  end(): void {
    for (const end of this.#ends) end();
  }

  get view(): TimeView {
    return this.#view;
  }

  show(data: TimelineData): void {
    this.#data = data;
    this.draw();
  }

  look(view: TimeView): void {
    this.#view = clamped(view, this.#data.bounds);
    this.#listener.moved(this.#view);
    this.draw();
  }

  reveal(operation: number): void {
    const { history, ends, rows, bounds } = this.#data;
    const stretch = {
      from: history.invokedAt[operation] as number,
      to: ends[operation] as number,
    };
    this.look(showing(this.#view, bounds, stretch));
    const row = rows.findIndex(({ process }) => process === history.process[operation]);
    const { rowHeight, height } = this.#frame();
    const top = row * rowHeight;
    const isSeen =
      top >= this.#scroller.scrollTop &&
      top + rowHeight <= this.#scroller.scrollTop + height - headHeight;
    if (row >= 0 && !isSeen) this.#scroller.scrollTop = top - (height - headHeight) / 2;
  }

  zoom(factor: number, time = (this.#view.from + this.#view.to) / 2): void {
    this.look(zoomed(this.#view, this.#data.bounds, factor, time));
  }

  pan(share: number): void {
    this.look(panned(this.#view, this.#data.bounds, share));
  }

  #frame(): TimelineFrame {
    const { clientWidth: width, clientHeight: height, scrollTop } = this.#scroller;
    return {
      ...{ view: this.#view, width, height, scrollTop, hovered: this.#hovered },
      rowHeight: rowHeightFor(this.#data.rows.length, height),
      gutter: width < 600 ? 44 : 84,
    };
  }

  #paint(): void {
    const frame = this.#frame();
    const ratio = devicePixelRatio;
    const [wide, high] = [Math.round(frame.width * ratio), Math.round(frame.height * ratio)];
    if (this.#canvas.width !== wide || this.#canvas.height !== high) {
      this.#canvas.width = wide;
      this.#canvas.height = high;
      this.#canvas.style.width = `${frame.width}px`;
      this.#canvas.style.height = `${frame.height}px`;
    }
    const pen = this.#canvas.getContext('2d');
    if (pen === null) return;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    paintTimeline({ pen, data: this.#data, frame, colours: this.#colours });
  }

  #timeAt(x: number): number {
    const { view, width, gutter } = this.#frame();
    return view.from + ((x - gutter) * (view.to - view.from)) / (width - gutter);
  }

  #operationAt(x: number, y: number): number {
    const { view, width, gutter, rowHeight, scrollTop } = this.#frame();
    if (y < headHeight || x < gutter) return unsaid;
    const row: ClientRow | undefined =
      this.#data.rows[Math.floor((y - headHeight + scrollTop) / rowHeight)];
    if (row === undefined) return unsaid;
    const near = ((view.to - view.from) * nearPx) / (width - gutter);
    const { history, ends } = this.#data;
    return operationAt(row, history.invokedAt, ends, this.#timeAt(x), near);
  }

  #listen(): void {
    const on = <Name extends keyof HTMLElementEventMap>(
      name: Name,
      take: (event: HTMLElementEventMap[Name]) => void,
    ) => {
      this.#scroller.addEventListener(name, take, { passive: false });
      this.#ends.push(() => this.#scroller.removeEventListener(name, take));
    };
    on('scroll', () => this.draw());
    on('wheel', (event) => this.#wheel(event));
    on('dblclick', (event) => this.zoom(4, this.#timeAt(this.#placeOf(event).x)));
    on('pointerdown', (event) => {
      this.#dragged = 0;
      this.#pointers.set(event.pointerId, this.#placeOf(event));
    });
    on('pointermove', (event) => this.#pointerMoved(event));
    on('pointerup', (event) => this.#pointerUp(event));
    on('pointercancel', (event) => this.#pointers.delete(event.pointerId));
    on('pointerleave', () => this.#hover(unsaid, 0, 0));
  }

  #placeOf(event: MouseEvent): { x: number; y: number } {
    const box = this.#scroller.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** The wheel scrolls the rows and the page; sideways it moves through time, with Ctrl it zooms. */
  #wheel(event: WheelEvent): void {
    const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 180), this.#timeAt(this.#placeOf(event).x));
    } else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      event.preventDefault();
      this.pan(sideways / this.#frame().width);
    }
  }

  #pointerMoved(event: PointerEvent): void {
    const now = this.#placeOf(event);
    const before = this.#pointers.get(event.pointerId);
    if (before === undefined) {
      this.#hover(this.#operationAt(now.x, now.y), now.x, now.y);
      return;
    }
    const { width, gutter } = this.#frame();
    const others = [...this.#pointers].filter(([id]) => id !== event.pointerId);
    const other = others[0]?.[1];
    this.#pointers.set(event.pointerId, now);
    this.#dragged += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
    if (this.#dragged < 4) return;
    if (!this.#scroller.hasPointerCapture(event.pointerId)) {
      this.#scroller.setPointerCapture(event.pointerId);
    }
    if (other === undefined) {
      this.pan((before.x - now.x) / (width - gutter));
      if (event.pointerType === 'mouse') this.#scroller.scrollTop += before.y - now.y;
      return;
    }
    const apart = (place: { x: number }): number => Math.max(10, Math.abs(place.x - other.x));
    this.zoom(apart(now) / apart(before), this.#timeAt((now.x + other.x) / 2));
  }

  #pointerUp(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
    if (this.#dragged >= 4 || event.button !== 0) return;
    const { x, y } = this.#placeOf(event);
    const operation = this.#operationAt(x, y);
    if (operation !== unsaid) this.#listener.picked(operation);
  }

  #hover(operation: number, x: number, y: number): void {
    this.#listener.hovered(operation, x, y);
    if (operation === this.#hovered) return;
    this.#hovered = operation;
    this.#scroller.style.cursor = operation === unsaid ? 'grab' : 'pointer';
    this.draw();
  }
}

/** All rows at once where that leaves them high enough to be told apart. */
export const rowHeightFor = (rows: number, height: number): number =>
  Math.min(
    rowHeights.max,
    Math.max(rowHeights.min, Math.floor((height - headHeight) / Math.max(1, rows))),
  );
