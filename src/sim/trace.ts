import { mix32 } from '../core/hash.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { ClientResult, Level, Operation } from '../core/operation.js';
import type { ProtocolEvent } from '../core/protocol-event.js';
import type { CrashKind } from '../faults/fault.js';
import type { LinkRules } from '../faults/link-rules.js';

/** What can happen in a simulated cluster. The place in this list is what is hashed. */
const eventTypes = [
  'sent',
  'delivered',
  'lost',
  'held',
  'turn',
  'timer',
  'persist',
  'sync',
  'durable',
  'start',
  'crash',
  'pause',
  'resume',
  'clock',
  'rules',
  'call',
  'return',
  'role',
  'tell',
  'violation',
] as const;

/** One thing that happened, as plain data. */
export type SimEvent = { readonly atMs: Millis } & SimEventData;

export type SimEventData =
  /** A batch of messages. `held`: it arrived at a process that takes nothing in at present. */
  | {
      readonly type: BatchEvent;
      readonly from: NodeId;
      readonly to: NodeId;
      readonly messages: Batch;
    }
  /** `timer`: the node's alarm rang. `sync`: its disk begins one. */
  | { readonly type: NodeEvent; readonly node: NodeId }
  | { readonly type: 'persist'; readonly node: NodeId; readonly record: Typed }
  /** So many records of this start are durable now. */
  | { readonly type: 'durable'; readonly node: NodeId; readonly position: number }
  | { readonly type: 'crash'; readonly node: NodeId; readonly how: CrashKind }
  /** `skewMs`: how far the node's wall clock is ahead of the true time. */
  | { readonly type: 'clock'; readonly node: NodeId; readonly skewMs: Millis }
  | { readonly type: 'rules'; readonly rules: LinkRules }
  | ({ readonly type: 'call' } & TracedCall)
  /** `null`: the client gave up. */
  | ({ readonly type: 'return'; readonly result: ClientResult | null } & TracedCall)
  /** What the replica tells of itself. */
  | { readonly type: 'tell'; readonly node: NodeId; readonly event: ProtocolEvent }
  /** `inspect` shows another role than before. */
  | { readonly type: 'role'; readonly node: NodeId; readonly role: string }
  | { readonly type: 'violation'; readonly check: string; readonly message: string };

export type BatchEvent = 'sent' | 'delivered' | 'lost' | 'held';
export type NodeEvent = 'turn' | 'timer' | 'sync' | 'start' | 'pause' | 'resume';
type EventType = (typeof eventTypes)[number];

/** A message or a record of some protocol. */
interface Typed {
  readonly type: string;
}
type Batch = readonly Typed[];

export interface TracedCall {
  readonly client: number;
  readonly node: NodeId;
  readonly operation: Operation;
  readonly level: Level | null;
}

/** A node, by its name and by the number that is hashed. */
export interface TracedNode {
  readonly id: NodeId;
  readonly index: number;
}

export type SimSink = (event: SimEvent) => void;

const codes = Object.fromEntries(eventTypes.map((type, code) => [type, code])) as Readonly<
  Record<EventType, number>
>;

const crashDetail: Readonly<Record<CrashKind, number>> = { kill: 1, power: 2 };

/**
 * A running hash over everything that happens in a world, in order: two runs of one seed that differ in anything differ
 * in it. Events become objects only for a sink: without one nothing is allocated.
 */
export class Trace {
  /** Virtual time, kept by the world. */
  now: Millis = 0;
  /** Whether nodes are asked for their roles after each turn. */
  readonly hasRoles: boolean;
  readonly #sink: SimSink | null;
  readonly #timeBits = new Float64Array(1);
  readonly #timeWords = new Uint32Array(this.#timeBits.buffer);
  #high = 0x243f6a88;
  #low = 0x85a308d3;

  constructor(sink: SimSink | null, hasRoles = true) {
    this.#sink = sink;
    this.hasRoles = hasRoles && sink !== null;
  }

  /** Somebody sees the events: what costs to find out is worth its while. */
  get hasSink(): boolean {
    return this.#sink !== null;
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    const digits = (word: number) => (word >>> 0).toString(16).padStart(8, '0');
    return digits(this.#high) + digits(this.#low);
  }

  /** `direction` and `checksum` are any 32-bit numbers that tell the link and the bytes from others. */
  batch(
    type: BatchEvent,
    from: NodeId,
    to: NodeId,
    direction: number,
    checksum: number,
    messages: Batch,
  ): void {
    this.#note(type, direction, checksum);
    this.#sink?.({ atMs: this.now, type, from, to, messages });
  }

  node(type: NodeEvent, { id, index }: TracedNode): void {
    this.#note(type, index, 0);
    this.#sink?.({ atMs: this.now, type, node: id });
  }

  /** `position`: how many records the journal has taken before it. */
  persist({ id, index }: TracedNode, position: number, record: Typed): void {
    this.#note('persist', index, position);
    this.#sink?.({ atMs: this.now, type: 'persist', node: id, record });
  }

  durable({ id, index }: TracedNode, position: number): void {
    this.#note('durable', index, position);
    this.#sink?.({ atMs: this.now, type: 'durable', node: id, position });
  }

  crash({ id, index }: TracedNode, how: CrashKind): void {
    this.#note('crash', index, crashDetail[how]);
    this.#sink?.({ atMs: this.now, type: 'crash', node: id, how });
  }

  clock({ id, index }: TracedNode, skewMs: Millis): void {
    this.#note('clock', index, skewMs | 0);
    this.#sink?.({ atMs: this.now, type: 'clock', node: id, skewMs });
  }

  rules(rules: LinkRules): void {
    this.#note('rules', rules.cuts.length, rules.delays.length);
    this.#sink?.({ atMs: this.now, type: 'rules', rules });
  }

  /** `nth`: of all clients' calls. */
  call(call: TracedCall, nth: number): void {
    this.#note('call', call.client, nth);
    if (this.#sink === null) return;
    const { client, node, operation, level } = call;
    this.#sink({ atMs: this.now, type: 'call', client, node, operation, level });
  }

  return(call: TracedCall, result: ClientResult | null): void {
    this.#note('return', call.client, numberOf(result));
    if (this.#sink === null) return;
    const { client, node, operation, level } = call;
    this.#sink({ atMs: this.now, type: 'return', client, node, operation, level, result });
  }

  /** Only for the sink, and only with `hasRoles`: asking a node costs as much as a turn. */
  role(node: NodeId, role: string): void {
    this.#sink?.({ atMs: this.now, type: 'role', node, role });
  }

  /** Only for the sink, as well. */
  tell(node: NodeId, event: ProtocolEvent): void {
    this.#sink?.({ atMs: this.now, type: 'tell', node, event });
  }

  violation(check: string, message: string): void {
    this.#note('violation', 0, 0);
    this.#sink?.({ atMs: this.now, type: 'violation', check, message });
  }

  #note(type: EventType, subject: number, detail: number): void {
    this.#timeBits[0] = this.now;
    this.#mix(this.#timeWords[0] as number);
    this.#mix(this.#timeWords[1] as number);
    this.#mix(codes[type] * 0x10000 + subject);
    this.#mix(detail);
  }

  #mix(word: number): void {
    this.#low = mix32(this.#low ^ word);
    this.#high = (Math.imul(this.#high, 0x01000193) + this.#low) | 0;
  }
}

function numberOf(result: ClientResult | null): number {
  if (result === null) return 1;
  if (result.type === 'error') return result.definite ? 2 : 3;
  return 'version' in result ? (result.version?.stamp ?? 4) | 0 : 5;
}
