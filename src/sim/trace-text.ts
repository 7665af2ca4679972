/** Trace events for people, one a line, and for programs, one JSON object a line. */
import { unreachable } from '../core/invariant.js';
import { keyFromBytes } from '../core/key.js';
import { eventText } from '../core/protocol-event.js';
import type { RuleScope } from '../faults/link-rules.js';
import { typedText } from '../trace/typed-text.js';
import type { SimEvent } from './trace.js';

/** `     12.345 sent      n1 → n2 promise(ballot 3.n2, accepted [])`. */
export function timedTraceLine(event: SimEvent): string {
  return `${event.atMs.toFixed(3).padStart(11)} ${traceLine(event)}`;
}

/** The event without its time. */
export function traceLine(event: SimEvent): string {
  return `${event.type.padEnd(9)} ${detailOf(event)}`.trimEnd();
}

/** Bytes are given as text, one character a byte. */
export function traceJson(event: SimEvent): string {
  return JSON.stringify(event, bytesAsText);
}

/** Whether any string or byte string in the event is this one. */
export function mentions(event: SimEvent, text: string): boolean {
  return holds(event, text);
}

function detailOf(event: SimEvent): string {
  switch (event.type) {
    case 'sent':
    case 'delivered':
    case 'lost':
    case 'held':
      return `${event.from} → ${event.to} ${event.messages.map(typedText).join(' ')}`;
    case 'turn':
    case 'timer':
    case 'sync':
    case 'start':
    case 'pause':
    case 'resume':
      return event.node;
    case 'persist':
      return `${event.node} ${typedText(event.record)}`;
    case 'durable':
      return `${event.node} ${event.position} records`;
    case 'crash':
      return `${event.node} ${event.how}`;
    case 'clock':
      return `${event.node} ${event.skewMs.toFixed(3)}`;
    case 'rules': {
      const { cuts, delays, losses, duplications, reorderings, bandwidths } = event.rules;
      const arrow = ({ from, to, type }: RuleScope): string =>
        type === undefined ? `${from}→${to}` : `${from}→${to} ${type}`;
      const cut = cuts.map(({ from, to }) => `${from}↛${to}`);
      const delayed = delays.map((rule) => `${arrow(rule)}+${rule.meanMs.toFixed(1)}`);
      const chances = Object.entries({ losses, duplications, reorderings }).flatMap(
        ([what, rules]) => rules.map((rule) => `${arrow(rule)} ${what} ${rule.chance.toFixed(2)}`),
      );
      const slow = bandwidths.map((rule) => `${arrow(rule)} ${rule.bytesPerSecond} bytes/s`);
      return [...cut, ...delayed, ...chances, ...slow].join(' ') || 'none';
    }
    case 'call':
    case 'return': {
      const level = event.level === null ? '' : ` at ${event.level}`;
      const call = `c${event.client} asks ${event.node}${level}: ${typedText(event.operation)}`;
      if (event.type === 'call') return call;
      return `${call} → ${event.result === null ? 'no answer' : typedText(event.result)}`;
    }
    case 'tell':
      return `${event.node} ${eventText(event.event)}`;
    case 'role':
      return `${event.node} ${event.role}`;
    case 'violation':
      return `${event.check}: ${event.message}`;
    default:
      return unreachable(event, 'trace event');
  }
}

function bytesAsText(this: unknown, name: string, seen: unknown): unknown {
  // Not `seen`: some bytes have a toJSON of their own.
  const value = (this as Record<string, unknown>)[name];
  return value instanceof Uint8Array ? keyFromBytes(value) : seen;
}

function holds(data: unknown, text: string): boolean {
  if (typeof data === 'string') return data === text;
  if (data instanceof Uint8Array) return keyFromBytes(data) === text;
  if (typeof data !== 'object' || data === null) return false;
  return Object.values(data).some((value) => holds(value, text));
}
