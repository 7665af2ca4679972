/** Events of a trace for people, one a line. */
import type { Millis, NodeId } from '../core/ids.js';
import { unreachable } from '../core/invariant.js';
import type { Operation } from '../core/operation.js';
import { eventText } from '../core/protocol-event.js';
import { printable } from '../core/show.js';
import type { TraceGap } from './merge.js';
import type { KnownEvent } from './recall.js';
import { typedText } from './typed-text.js';

/** How an event is shown without its time and node: `→ n2 promise(ballot 3.n2)`. */
export function detailOf({ event, typed, call }: KnownEvent): string {
  const { data, atMs } = event;
  switch (data.type) {
    case 'start':
      return `incarnation ${data.incarnation}`;
    case 'stop':
      return data.why ?? 'in good order';
    case 'sent':
      return `→ ${data.to} ${typedText(data.message)}`;
    case 'delivered':
      return `← ${data.from} ${typedText(data.message)}`;
    case 'lost':
    case 'held':
    case 'doubled':
      return `→ ${data.to} (${data.why}) ${typed === null ? '' : typedText(typed)}`.trimEnd();
    case 'timer':
      return data.name;
    case 'persist':
      return typedText(data.record);
    case 'sync':
      return '';
    case 'durable':
      return `${data.position} records`;
    case 'call': {
      const level = data.level === null ? '' : ` at ${data.level}`;
      const client = data.client === null ? '' : ` of ${data.client}`;
      return `#${data.request} ${typedText(data.operation)}${level}${client}`;
    }
    case 'return': {
      const result = typedText(data.result);
      if (call === null) return `#${data.request} → ${result}`;
      const tookMs = (atMs - call.atMs).toFixed(1);
      return `#${data.request} ${briefly(call.data.operation)} in ${tookMs} ms → ${result}`;
    }
    case 'role':
      return data.role;
    case 'tell':
      return eventText(data.event);
    case 'fault':
      return `${data.change} ${data.fault.id}: ${data.fault.words} (${data.fault.by})`;
    case 'violation':
      return `${data.check}: ${data.message}`;
    default:
      return unreachable(data, 'trace event');
  }
}

/** Its name and its key, as the call has shown the rest. */
const briefly = (operation: Operation): string =>
  'key' in operation
    ? typedText({ type: operation.type, key: operation.key } as never)
    : operation.type;

const gapTexts: Readonly<Record<TraceGap['gap'], (node: NodeId) => string>> = {
  begin: (node) => `what ${node} did before is not in the trace`,
  killed: (node) => `what ${node} did last before this start is not in the trace`,
  between: (node) => `some of what ${node} did here is not in the trace`,
  end: (node) => `what ${node} did last is not in the trace`,
  late: (node) => `what follows of ${node} happened before some of what is above`,
};

export const gapText = ({ gap, node }: TraceGap): string => gapTexts[gap](node);

/** What colours do, each to a text. */
export interface Paint {
  node(text: string, node: NodeId): string;
  dim(text: string): string;
  alarm(text: string): string;
}

export const unpainted: Paint = {
  ...{ node: (text) => text, dim: (text) => text, alarm: (text) => text },
};

interface LineOptions {
  /** Characters of a line, past which it is cut. */
  readonly width: number;
  /** Their names stand in one column. */
  readonly nodes: readonly NodeId[];
  readonly paint: Paint;
}

const timeChars = 11;
const typeChars = 9;

/** `sinceMs`: since the first event of the trace. */
export class TraceLines {
  readonly #options: LineOptions;
  #nodeChars: number;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#nodeChars = Math.max(2, ...options.nodes.map((node) => node.length));
  }

  /** `     12.345 n1 sent      → n2 promise(ballot 3.n2)`, and its end. */
  event(known: KnownEvent, sinceMs: Millis): string {
    const { paint, width } = this.#options;
    const { node, data } = known.event;
    // A fault is of no node, and neither is what a simulator finds.
    const who = data.type === 'fault' || data.type === 'violation' ? '' : node;
    this.#nodeChars = Math.max(this.#nodeChars, who.length);
    const time = sinceMs.toFixed(3).padStart(timeChars);
    const room = width - timeChars - this.#nodeChars - typeChars - 3;
    const detail = cut(printable(detailOf(known)), room);
    const what = `${data.type.padEnd(typeChars)} ${detail}`.trimEnd();
    const isAlarm = alarms.has(data.type);
    const name = paint.node(who.padEnd(this.#nodeChars), node);
    return `${paint.dim(time)} ${name} ${isAlarm ? paint.alarm(what) : what}\n`;
  }

  gap(gap: TraceGap): string {
    const { paint, width } = this.#options;
    return `${paint.alarm(cut(`${'-'.repeat(timeChars)} ${gapText(gap)}`, width))}\n`;
  }
}

const alarms: ReadonlySet<string> = new Set(['lost', 'stop', 'fault', 'violation']);

export const cut = (text: string, charsMax: number): string =>
  text.length <= charsMax ? text : `${text.slice(0, Math.max(0, charsMax - 1))}…`;
