/** Words beside messages and events, as far as there is room for them. */
import { type LaneEventKind, laneEventKinds } from '../../trace/lanes.js';
import { arrowOf } from './arrow.js';
import { msAt } from './geometry.js';
import { labelCharPx } from './lane-pen.js';
import { dimmed, type Picture, signAt } from './picture.js';

import { isMessageLit } from './scene.js';

/** Of what is in view, past which nothing is labelled. */
const messagesMax = 220;
const eventsMax = 700;
const labelPx = 14;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Takes room for words where none are yet. */
class Room {
  readonly #boxes: Box[] = [];

  take(x: number, y: number, width: number): boolean {
    const isTaken = this.#boxes.some(
      (box) => Math.abs(box.y - y) < labelPx && x < box.x + box.width + 3 && box.x < x + width + 3,
    );
    if (!isTaken) this.#boxes.push({ x, y, width });
    return !isTaken;
  }
}

/** Events that have words, the more important ones first. */
const rare: readonly LaneEventKind[] = ['violation', 'start', 'stop', 'role', 'tell'];
/** With so many events in view at most. */
const common: readonly (readonly [kind: LaneEventKind, eventsMax: number])[] = [
  ['persist', eventsMax],
  ['timer', 120],
];

export function paintLabels(picture: Picture): void {
  const { places } = picture;
  const count = places.end - places.first;
  if (count > eventsMax) return;
  const room = new Room();
  labelEvents(picture, rare, room);
  labelMessages(picture, room);
  for (const [kind, most] of common) if (count <= most) labelEvents(picture, [kind], room);
  picture.pen.on.globalAlpha = 1;
}

const shortened = (text: string, charsMax: number): string =>
  text.length <= charsMax ? text : `${text.slice(0, charsMax - 1)}…`;

function labelEvents(picture: Picture, kinds: readonly LaneEventKind[], room: Room): void {
  const { pen, scene, geometry, places, colours } = picture;
  const { lanes } = scene.index;
  for (let event = places.first; event < places.end; event++) {
    const kind = laneEventKinds[lanes.events.kind[event] as number];
    if (kind === undefined || !kinds.includes(kind)) continue;
    const text = shortened(lanes.labelOf(event), geometry.isVertical ? 12 : 24);
    if (text === '') continue;
    const [x, y] = signAt(picture, event);
    const width = text.length * labelCharPx;
    const isLit = scene.isLit === null || scene.isLit[event] === 1;
    const isBad = kind === 'stop' || kind === 'violation' || scene.culprits.has(event);
    const at = geometry.isVertical ? [x + 9, y] : [x - 4, kind === 'persist' ? y + 18 : y - 13];
    const left = Math.min(at[0] ?? 0, geometry.width - width - 2);
    if (!room.take(left, at[1] ?? 0, width)) continue;
    pen.on.globalAlpha = isLit ? 1 : dimmed;
    pen.text(text, left, at[1] ?? 0, isBad ? colours.bad : colours.text, colours.panel);
  }
}

function labelMessages(picture: Picture, room: Room): void {
  const { pen, scene, geometry, colours } = picture;
  const { messages } = scene.index.lanes;
  const found: number[] = [];
  scene.index.messagesIn(msAt(geometry, 0), msAt(geometry, geometry.alongPx), (message) => {
    if (scene.isSignOfLife[messages.type[message] as number] !== true) found.push(message);
  });
  if (found.length > messagesMax) return;
  for (const areLit of scene.isLit === null ? [true] : [true, false]) {
    pen.on.globalAlpha = areLit ? 1 : dimmed;
    for (const message of found) {
      if (isMessageLit(scene, message) === areLit) labelMessage(picture, message, room);
    }
  }
  pen.on.globalAlpha = 1;

  function labelMessage(_: Picture, message: number, taken: Room): void {
    const { from, to } = arrowOf(picture, message);
    const label = scene.index.lanes.labelOf(messages.sent[message] as number);
    // Between two lanes that stand side by side it has to fit.
    const room = geometry.isVertical ? Math.abs(to[1] - from[1]) - 16 : labelPx * 14;
    const type = scene.index.lanes.types[messages.type[message] as number] ?? '';
    const text = [label, type].find((each) => each.length * labelCharPx <= room);
    if (text === undefined) return;
    const width = text.length * labelCharPx;
    for (const share of [0.5, 0.3, 0.7]) {
      const along = from[0] + (to[0] - from[0]) * share;
      const across = from[1] + (to[1] - from[1]) * share;
      const [x, y] = [pen.x(along, across) - width / 2, pen.y(along, across)];
      if (x < 2 || x + width > geometry.width || !taken.take(x, y, width)) continue;
      pen.text(text, x, y, colours.text, colours.panel);
      return;
    }
  }
}
