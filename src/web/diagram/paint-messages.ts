/** Messages as arrows; where they are too many, some of them. */

import { lowerBound, partitionPoint } from '../../core/lookup.js';
import { laneRemarkKinds, messageFates, noEvent } from '../../trace/lanes.js';
import { type Arrow, arrowOf } from './arrow.js';
import { msAt } from './geometry.js';
import { dimmed, type Picture } from './picture.js';
import { placeAlong } from './places.js';
import { isMessageLit } from './scene.js';

/** Arrows that are drawn of many. */
const sampleMax = 500;
const lostMax = 1000;
const passingMax = 24;
const litMax = 1000;
const stubPx = 26;
/** Arrows in view, past which they have no heads. */
const headsMax = 500;
const lostFate = messageFates.indexOf('lost');
const underWay = messageFates.indexOf('under way');
const looks = ['plain', 'alive', 'lost', 'under way', 'culprit'] as const;
type Look = (typeof looks)[number];

export function paintMessages(picture: Picture): void {
  const { scene, geometry, places } = picture;
  const [fromMs, toMs] = [msAt(geometry, 0), msAt(geometry, geometry.alongPx)];
  if (places.isDense) {
    paintSample(picture, fromMs, toMs);
    return;
  }
  const byLook = new Map<Look, { lit: number[]; dim: number[] }>();
  let count = 0;
  const passing: number[] = [];
  scene.index.messagesIn(fromMs, toMs, (message) => {
    if (passes(picture, message)) {
      passing.push(message);
      return;
    }
    const look = lookOf(picture, message);
    const group = byLook.get(look) ?? { lit: [], dim: [] };
    byLook.set(look, group);
    (isMessageLit(scene, message) ? group.lit : group.dim).push(message);
    count++;
  });
  paintPassing(picture, passing);
  for (const which of ['dim', 'lit'] as const) {
    picture.pen.on.globalAlpha = which === 'dim' ? dimmed : 1;
    for (const look of looks) {
      const messages = byLook.get(look)?.[which] ?? [];
      if (messages.length > 0) strokeArrows(picture, messages, look, count <= headsMax);
    }
  }
  picture.pen.on.globalAlpha = 1;
  paintRemarks(picture, byLook);
}

/** It left before and arrives after all that is in view. */
function passes({ scene, places }: Picture, message: number): boolean {
  const { sent, delivered, fate } = scene.index.lanes.messages;
  if ((sent[message] as number) >= places.first) return false;
  // Of what never arrived nothing is to be seen here.
  return fate[message] === underWay || (delivered[message] as number) >= places.end;
}

/** Some of them: they say that something is late, not what. */
function paintPassing(picture: Picture, messages: readonly number[]): void {
  const { fate } = picture.scene.index.lanes.messages;
  const late = messages.filter((message) => fate[message] !== underWay);
  const step = Math.ceil(late.length / passingMax);
  const shown = late.filter((_, at) => at % step === 0);
  picture.pen.on.globalAlpha = picture.scene.isLit === null ? 0.4 : dimmed;
  strokeArrows(picture, shown, 'plain', false);
  picture.pen.on.globalAlpha = 1;
}

function lookOf({ scene }: Picture, message: number): Look {
  const { messages } = scene.index.lanes;
  const { culprits } = scene;
  const taken = messages.delivered[message] as number;
  if (culprits.size > 0 && culprits.has(messages.sent[message] as number)) {
    if (taken === noEvent || culprits.has(taken)) return 'culprit';
  }
  const fate = messages.fate[message];
  if (fate === lostFate) return 'lost';
  if (scene.isSignOfLife[messages.type[message] as number] === true) return 'alive';
  return fate === underWay ? 'under way' : 'plain';
}

function strokeArrows(
  picture: Picture,
  messages: readonly number[],
  look: Look,
  hasHeads: boolean,
): void {
  const { pen, geometry, colours } = picture;
  const { on } = pen;
  const arrows = messages.map((message) =>
    look === 'under way' ? stubOf(picture, message) : arrowOf(picture, message),
  );
  const isBad = look === 'lost' || look === 'culprit';
  const colour = isBad ? colours.bad : look === 'alive' ? colours.muted : colours.message;
  on.strokeStyle = colour;
  on.fillStyle = colour;
  // One pixel is quick, a little more is slow.
  on.lineWidth = look === 'culprit' ? 2.5 : look === 'alive' ? 0.6 : 1;
  if (look === 'lost' || look === 'under way') on.setLineDash([5, 3]);
  on.beginPath();
  for (const arrow of arrows) {
    const { from, to } = inView(arrow, geometry.alongPx);
    pen.moveTo(...from);
    pen.lineTo(...to);
  }
  on.stroke();
  on.setLineDash([]);
  if (look === 'lost') for (const { to } of arrows) strokeCross(picture, to);
  else if (hasHeads && look !== 'under way') fillHeads(picture, arrows);
}

/** Of what did not arrive before the trace ended: that it left, and where to. */
function stubOf(picture: Picture, message: number): Arrow {
  const { from, to } = arrowOf(picture, message);
  const aside = Math.sign(to[1] - from[1]) * Math.min(stubPx, Math.abs(to[1] - from[1]));
  return { from, to: [Math.min(to[0], from[0] + stubPx), from[1] + aside] };
}

/** The part that can be seen: a browser would draw, and dash, miles of it. */
function inView({ from, to }: Arrow, alongPx: number): Arrow {
  const length = to[0] - from[0];
  if (length < alongPx) return { from, to };
  const at = (along: number): Arrow['from'] => {
    const share = Math.min(1, Math.max(0, (along - from[0]) / length));
    return [from[0] + share * length, from[1] + share * (to[1] - from[1])];
  };
  return { from: at(-10), to: at(alongPx + 10) };
}

function fillHeads({ pen }: Picture, arrows: readonly Arrow[]): void {
  const { on } = pen;
  on.beginPath();
  for (const { from, to } of arrows) {
    const [x, y] = [pen.x(...to), pen.y(...to)];
    const angle = Math.atan2(y - pen.y(...from), x - pen.x(...from));
    // It ends where the ring of the delivery begins.
    const [tipX, tipY] = [x - Math.cos(angle) * 3.5, y - Math.sin(angle) * 3.5];
    on.moveTo(tipX, tipY);
    for (const side of [-0.42, 0.42]) {
      on.lineTo(tipX - Math.cos(angle + side) * 8, tipY - Math.sin(angle + side) * 8);
    }
    on.closePath();
  }
  on.fill();
}

function strokeCross({ pen, colours }: Picture, to: Arrow['to']): void {
  const { on } = pen;
  const [x, y] = [pen.x(...to), pen.y(...to)];
  on.strokeStyle = colours.bad;
  on.lineWidth = 2;
  on.beginPath();
  for (const side of [-1, 1]) {
    on.moveTo(x - 4, y - 4 * side);
    on.lineTo(x + 4, y + 4 * side);
  }
  on.stroke();
}

/** What was doubled goes there twice; what was held has a knot on its way. */
function paintRemarks(
  picture: Picture,
  byLook: ReadonlyMap<Look, { readonly lit: readonly number[]; readonly dim: readonly number[] }>,
): void {
  const { pen, scene, geometry, places, colours } = picture;
  const { remarks } = scene.index.lanes;
  const { on } = pen;
  for (const { lit, dim } of byLook.values()) {
    for (const message of [...lit, ...dim]) {
      const first = lowerBound(remarks.message, message);
      if (remarks.message[first] !== message) continue;
      on.globalAlpha = isMessageLit(scene, message) ? 1 : dimmed;
      const { from, to } = arrowOf(picture, message);
      for (const event of scene.index.deliveredAgain(message)) {
        on.strokeStyle = colours.message;
        on.lineWidth = 1.2;
        on.setLineDash([2, 2]);
        on.beginPath();
        pen.moveTo(...from);
        pen.lineTo(placeAlong(places, { index: scene.index, geometry }, event), to[1]);
        on.stroke();
        on.setLineDash([]);
      }
      for (let at = first; remarks.message[at] === message; at++) {
        const kind = laneRemarkKinds[remarks.kind[at] as number];
        if (kind === 'lost') continue;
        const middle = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2] as const;
        const [x, y] = [pen.x(...middle), pen.y(...middle)];
        on.fillStyle = colours.panel;
        on.strokeStyle = colours.warn;
        on.lineWidth = 1.5;
        on.beginPath();
        on.arc(x, y, 6, 0, 2 * Math.PI);
        on.fill();
        on.stroke();
        on.fillStyle = colours.warn;
        on.textAlign = 'center';
        on.fillText(kind === 'held' ? '‖' : '2', x, y + 0.5);
        on.textAlign = 'start';
      }
    }
  }
  on.globalAlpha = 1;
}

/** All messages that are lit, from one to before another, as far as anybody can see them. */
function paintLit(picture: Picture, first: number, end: number): void {
  const { scene } = picture;
  const { events, messages } = scene.index.lanes;
  const found: number[] = [];
  for (let at = 0; at < scene.lit.length && found.length < litMax; at++) {
    const event = scene.lit[at] as number;
    const message = events.message[event] as number;
    if (message === noEvent || messages.sent[message] !== event) continue;
    if (message >= first && message < end && isMessageLit(scene, message)) found.push(message);
  }
  picture.pen.on.globalAlpha = 1;
  for (const look of looks) {
    const alike = found.filter((message) => lookOf(picture, message) === look);
    if (alike.length > 0) strokeArrows(picture, alike, look, alike.length <= headsMax);
  }
}

/** Every nth: the same ones wherever one scrolls to. All that were lost, as far as one can tell them apart. */
function paintSample(picture: Picture, fromMs: number, toMs: number): void {
  const { pen, scene, colours } = picture;
  const { messages, events } = scene.index.lanes;
  const sentAt = (message: number): number => events.atMs[messages.sent[message] as number] ?? 0;
  const sentFrom = (ms: number): number =>
    partitionPoint(messages.count, (message) => sentAt(message) < ms);
  const [first, end] = [sentFrom(fromMs), sentFrom(toMs)];
  const step = 2 ** Math.max(0, Math.ceil(Math.log2((end - first) / sampleMax)));
  const shown: number[] = [];
  for (let at = Math.ceil(first / step) * step; at < end; at += step) {
    const isPlain = scene.isSignOfLife[messages.type[at] as number] !== true;
    if (isPlain && messages.fate[at] !== lostFate) shown.push(at);
  }
  pen.on.globalAlpha = scene.isLit === null ? 0.35 : dimmed;
  strokeArrows(picture, shown, 'plain', false);
  paintLit(picture, first, end);
  pen.on.globalAlpha = scene.isLit === null ? 1 : dimmed;
  pen.on.fillStyle = colours.bad;
  const { lost } = scene.index;
  const [firstLost, endLost] = [lowerBound(lost, first), lowerBound(lost, end)];
  const skip = Math.max(1, Math.ceil((endLost - firstLost) / lostMax));
  for (let at = Math.ceil(firstLost / skip) * skip; at < endLost; at += skip) {
    const { to } = arrowOf(picture, lost[at] as number);
    pen.fillRect(to[0] - 1, to[1] - 3, 2, 6);
  }
  pen.on.globalAlpha = 1;
}
