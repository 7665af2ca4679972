/** What somebody may do to what they see, by click, by dragging and by keys. */
import type { Touch } from '../../lab/decisions.js';
import { noEvent } from '../../trace/lanes.js';
import { msOf } from './geometry.js';
import { eventOf, nextAcross, nextInLane, type Pickable } from './picking.js';
import type { DiagramPick, Scene } from './scene.js';

export const touchByClick = (message: number, isShift: boolean): Touch => ({
  type: isShift ? 'double' : 'lose',
  message,
});

/** As much later as it was dragged, in steps that one can see. */
export function draggedMs({ geometry }: Pick<Pickable, 'geometry'>, byPx: number): number {
  const { view, alongPx } = geometry;
  const msPerPx = msOf(view.to - view.from) / Math.max(1, alongPx);
  const step = 10 ** Math.max(-3, Math.floor(Math.log10(msPerPx * 4)));
  return Number((Math.round((Math.max(0, byPx) * msPerPx) / step) * step).toFixed(3));
}

/** The message that is picked, or that the event sends or takes; `null`: none. */
export function messageOf({ index }: Scene, pick: DiagramPick | null): number | null {
  if (pick?.type === 'message') return pick.message;
  if (pick?.type !== 'event') return null;
  const message = index.lanes.events.message[pick.event] ?? noEvent;
  return message === noEvent ? null : message;
}

/** By its key; `null`: the key does nothing to it. */
export function touchByKey(key: string, message: number | null, delayMs: number): Touch | null {
  if (message === null) return null;
  if (key === 'x' || key === 'Delete') return { type: 'lose', message };
  if (key === 'd') return { type: 'double', message };
  return key === 'l' ? { type: 'delay', message, byMs: delayMs } : null;
}

/** Where a key goes from what is picked; `null`: nowhere. */
export function pickByKey(
  scene: Scene,
  pick: DiagramPick | null,
  {
    key,
    isVertical,
    from,
  }: { readonly key: string; readonly isVertical: boolean; readonly from: number },
): DiagramPick | null {
  const event = (pick === null ? null : eventOf(scene.index, pick)) ?? from;
  const at = (next: number): DiagramPick => ({ type: 'event', event: next });
  const along = isVertical ? ['ArrowUp', 'ArrowDown'] : ['ArrowLeft', 'ArrowRight'];
  const across = isVertical ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
  if (pick === null && [...along, ...across].includes(key)) return at(event);
  if (key === along[0]) return at(nextInLane(scene, event, -1));
  if (key === along[1]) return at(nextInLane(scene, event, 1));
  if (key === across[0]) return at(nextAcross(scene, event, -1));
  if (key === across[1]) return at(nextAcross(scene, event, 1));
  return key === 'Enter' && pick !== null ? otherEnd(scene, pick) : null;
}

/** Along the message: from its sending to its delivery, and back; from an operation's call to its return. */
function otherEnd({ index }: Scene, pick: DiagramPick): DiagramPick | null {
  const { events, messages, spans } = index.lanes;
  if (pick.type === 'span') {
    const end = spans.end[pick.span] ?? noEvent;
    return end === noEvent ? null : { type: 'event', event: end };
  }
  if (pick.type === 'message') {
    return { type: 'event', event: messages.sent[pick.message] as number };
  }
  if (pick.type !== 'event') return null;
  const message = events.message[pick.event] ?? noEvent;
  if (message === noEvent) return null;
  const sent = messages.sent[message] as number;
  const other = sent === pick.event ? (messages.delivered[message] as number) : sent;
  return other === noEvent ? null : { type: 'event', event: other };
}
