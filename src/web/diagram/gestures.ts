/** Mouse, fingers and wheel on a diagram. */
import { messageAt } from './picking.js';
import type { DiagramStage } from './stage.js';
import { draggedMs, touchByClick } from './touching.js';

interface Modes {
  /** Messages can be lost, doubled and delayed. */
  readonly canTouch: boolean;
  /** A click does so at once. */
  readonly isTouching: boolean;
}

interface Held {
  readonly x: number;
  readonly y: number;
}

/** Moved less, a press is a click. */
const stillPx = 4;
const wheelPxPerDoubling = 240;

/** Returns what ends it. */
export function listenToPointers(
  target: HTMLElement,
  stage: DiagramStage,
  modes: () => Modes,
): () => void {
  const gestures = new Gestures(target, stage, modes);
  const listeners: readonly [string, (event: never) => void][] = [
    ['pointerdown', (event: PointerEvent) => gestures.down(event)],
    ['pointermove', (event: PointerEvent) => gestures.move(event)],
    ['pointerup', (event: PointerEvent) => gestures.up(event)],
    ['pointercancel', (event: PointerEvent) => gestures.cancel(event)],
    ['pointerleave', () => stage.hover(null)],
    ['dblclick', () => stage.fit()],
    ['wheel', (event: WheelEvent) => gestures.wheel(event)],
  ];
  for (const [name, listener] of listeners) {
    target.addEventListener(name, listener as EventListener, { passive: false });
  }
  return () => {
    for (const [name, listener] of listeners) {
      target.removeEventListener(name, listener as EventListener);
    }
  };
}

class Gestures {
  readonly #target: HTMLElement;
  readonly #stage: DiagramStage;
  readonly #modes: () => Modes;
  readonly #pointers = new Map<number, Held>();
  #pressed: Held | null = null;
  #hasMoved = false;
  /** The message that was pressed and goes with the pointer. */
  #message: number | null = null;

  constructor(target: HTMLElement, stage: DiagramStage, modes: () => Modes) {
    this.#target = target;
    this.#stage = stage;
    this.#modes = modes;
  }

  down(event: PointerEvent): void {
    if (event.button !== 0) return;
    const at = this.#at(event);
    this.#pointers.set(event.pointerId, at);
    if (this.#pointers.size > 1) {
      this.#hasMoved = true;
      this.#drop();
      return;
    }
    this.#pressed = at;
    this.#hasMoved = false;
    this.#message = this.#modes().isTouching ? this.#messageAt(at) : null;
  }

  move(event: PointerEvent): void {
    const at = this.#at(event);
    const before = this.#pointers.get(event.pointerId);
    if (before === undefined) {
      if (event.pointerType === 'mouse') this.#stage.hover(at);
      return;
    }
    if (this.#pointers.size === 2) this.#pinch(event.pointerId, at);
    this.#pointers.set(event.pointerId, at);
    const pressed = this.#pressed;
    if (this.#pointers.size !== 1 || pressed === null) return;
    if (!this.#hasMoved && Math.hypot(at.x - pressed.x, at.y - pressed.y) < stillPx) return;
    if (!this.#hasMoved) {
      // Not before: what is captured is no click for anybody else.
      this.#target.setPointerCapture(event.pointerId);
      this.#hasMoved = true;
      this.#stage.hover(null);
    }
    if (this.#message === null) this.#stage.panBy(this.#along(before) - this.#along(at));
    else this.#drag(this.#message, at);
  }

  up(event: PointerEvent): void {
    const at = this.#at(event);
    this.#pointers.delete(event.pointerId);
    const pressed = this.#pressed;
    if (pressed === null || this.#pointers.size > 0) return;
    this.#pressed = null;
    const message = this.#message;
    const byPx = this.#along(at) - this.#along(pressed);
    this.#drop();
    if (!this.#hasMoved) this.#click(event, at);
    else if (message !== null) {
      const byMs = draggedMs(this.#stage.pickable, byPx);
      if (byMs > 0) this.#stage.listener.touched({ type: 'delay', message, byMs });
    }
  }

  cancel(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
    this.#pressed = null;
    this.#drop();
  }

  /** Sideways it scrolls; upwards and downwards it comes closer or goes away, where the page itself is not to scroll. */
  wheel(event: WheelEvent): void {
    const isOurs = event.ctrlKey || event.metaKey || this.#target.contains(document.activeElement);
    const isAside = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
    if (!isOurs && !isAside) return;
    event.preventDefault();
    if (isAside) {
      this.#stage.panBy(event.deltaX === 0 ? event.deltaY : event.deltaX);
      return;
    }
    // Pinching on a touchpad comes in small steps.
    const px = event.ctrlKey && Math.abs(event.deltaY) < 50 ? event.deltaY * 5 : event.deltaY;
    this.#stage.zoom(2 ** (-px / wheelPxPerDoubling), this.#along(this.#at(event)));
  }

  #click(event: PointerEvent, at: Held): void {
    this.#target.focus({ preventScroll: true });
    const { canTouch, isTouching } = this.#modes();
    const message = this.#messageAt(at);
    if (canTouch && message !== null && (isTouching || event.altKey)) {
      this.#stage.listener.touched(touchByClick(message, event.shiftKey));
    } else this.#stage.listener.picked(this.#stage.pickAt(at.x, at.y));
  }

  #pinch(pointerId: number, at: Held): void {
    const [first, second] = [...this.#pointers].map(([id, held]) => ({ id, held }));
    if (first === undefined || second === undefined) return;
    const other = first.id === pointerId ? second.held : first.held;
    const before = first.id === pointerId ? first.held : second.held;
    const apart = (held: Held): number =>
      Math.max(8, Math.hypot(held.x - other.x, held.y - other.y));
    const middle = (held: Held): number => (this.#along(held) + this.#along(other)) / 2;
    this.#stage.zoom(apart(at) / apart(before), middle(before));
    this.#stage.panBy(middle(before) - middle(at));
  }

  #drag(message: number, at: Held): void {
    const byPx = Math.max(0, this.#along(at) - this.#along(this.#pressed ?? at));
    const byMs = draggedMs(this.#stage.pickable, byPx);
    this.#stage.drag({ message, byPx, words: `${byMs} ms later` });
  }

  #drop(): void {
    this.#message = null;
    this.#stage.drag(null);
  }

  #messageAt(at: Held): number | null {
    const pick = messageAt(this.#stage.pickable, this.#along(at), this.#across(at));
    return pick?.type === 'message' ? pick.message : null;
  }

  #at(event: MouseEvent): Held {
    const { left, top } = this.#target.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  #along({ x, y }: Held): number {
    return this.#stage.pickable.geometry.isVertical ? y : x;
  }

  #across({ x, y }: Held): number {
    return this.#stage.pickable.geometry.isVertical ? x : y;
  }
}
