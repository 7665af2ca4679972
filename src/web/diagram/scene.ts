/** What is to be drawn of a trace, and what somebody may point at in it. */
import type { NodeId } from '../../core/ids.js';
import { type Lanes, noEvent } from '../../trace/lanes.js';
import type { LanesIndex } from './lanes-index.js';

/** A stretch of time in a lane (`null`: in all of them) that is other than the rest. */
export interface DiagramMark {
  readonly lane: NodeId | null;
  readonly fromMs: number;
  /** `null`: to the end. */
  readonly toMs: number | null;
  readonly kind: 'paused' | 'fault';
  readonly label: string;
}

/** Numbers are those of {@link Lanes}. */
export type DiagramPick =
  | { readonly type: 'event'; readonly event: number }
  | { readonly type: 'message'; readonly message: number }
  | { readonly type: 'span'; readonly span: number }
  | { readonly type: 'lane'; readonly node: NodeId };

export interface Scene {
  readonly index: LanesIndex;
  /** By event: whether it is lit; `null`: all are. */
  readonly isLit: Uint8Array | null;
  /** The same as events in their order. */
  readonly lit: Uint32Array;
  readonly culprits: ReadonlySet<number>;
  readonly marks: readonly DiagramMark[];
  /** Whether its times are real ones. */
  readonly isTimed: boolean;
  /** Messages that only say that their sender lives: by type. */
  readonly isSignOfLife: readonly boolean[];
}

const signsOfLife: ReadonlySet<string> = new Set(['heartbeat', 'alive', 'ping', 'pong']);

export interface SceneSetup {
  readonly lit: ArrayLike<number> | null;
  readonly culprits: ArrayLike<number>;
  readonly marks: readonly DiagramMark[];
  readonly isTimed: boolean;
}

export function sceneOf(index: LanesIndex, { lit, culprits, marks, isTimed }: SceneSetup): Scene {
  const { lanes } = index;
  let isLit: Uint8Array | null = null;
  if (lit !== null) {
    isLit = new Uint8Array(lanes.events.count);
    for (let at = 0; at < lit.length; at++) isLit[lit[at] as number] = 1;
  }
  return {
    lit: Uint32Array.from(lit ?? []).sort(),
    ...{ index, isLit, isTimed, culprits: new Set(Array.from(culprits)) },
    marks: [...faultMarks(lanes), ...marks],
    isSignOfLife: lanes.types.map((type) => signsOfLife.has(type)),
  };
}

/** A message is lit with what it says to whoever took it. */
export function isMessageLit({ index, isLit }: Scene, message: number): boolean {
  if (isLit === null) return true;
  const { sent, delivered } = index.lanes.messages;
  const taken = delivered[message] as number;
  return isLit[sent[message] as number] === 1 && (taken === noEvent || isLit[taken] === 1);
}

/** What the lane of faults says, in the lanes of those that it names. */
function faultMarks(lanes: Lanes): DiagramMark[] {
  const { spans, events, names } = lanes;
  const marks: DiagramMark[] = [];
  for (let span = 0; span < spans.count && marks.length < marksMax; span++) {
    if (spans.lane[span] !== names.length - 1 || names.at(-1) !== 'faults') continue;
    const [begin, end] = [spans.begin[span] as number, spans.end[span] as number];
    const label = lanes.labelOf(begin);
    const words = new Set(label.split(/[^\w-]+|(?<=\w)-(?=\w)/));
    const named = names.slice(1, -1).filter((name) => words.has(name));
    const mark = {
      ...({ fromMs: events.atMs[begin] as number, kind: 'fault', label } as const),
      toMs: end === noEvent ? null : (events.atMs[end] as number),
    };
    if (named.length === 0) marks.push({ ...mark, lane: null });
    else marks.push(...named.map((lane) => ({ ...mark, lane })));
  }
  return marks;
}

const marksMax = 2000;
