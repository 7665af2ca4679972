/** What happens in a cluster that is moved by hand, in lines for people. */
import type { NodeId } from '../../core/ids.js';
import { eventText } from '../../core/protocol-event.js';
import { said } from '../../core/results.js';
import type { TraceEvent, TypedData } from '../../core/trace-event.js';
import type { Flight, Ticket } from '../../sim/manual.js';
import { typedText } from '../../trace/typed-text.js';

const widthMax = 140;

export class Telling {
  lines: string[] = [];
  /** Only what is rare is told. */
  isBrief = false;
  /** Types of messages that are not told of. */
  readonly quiet = new Set<string>();
  /** By sender and number. */
  readonly #sent = new Map<string, TypedData>();

  say(text: string): void {
    this.lines.push(text.length > widthMax ? `${text.slice(0, widthMax)}…` : text);
  }

  tells({ type }: TypedData): boolean {
    return !this.isBrief && !this.quiet.has(type);
  }

  answered({ id, result }: Pick<Ticket, 'id' | 'result'>): void {
    this.say(`request ${id}: ${result === null ? 'no answer, ever' : said(result)}`);
  }

  hear(event: TraceEvent): void {
    const text = this.#textOf(event);
    if (text !== null) this.say(text);
  }

  #textOf({ node, clock, data }: TraceEvent): string | null {
    switch (data.type) {
      case 'sent':
        // As a flight it has a number: see `flightText`.
        this.#sent.set(`${node} ${clock[node]}`, data.message);
        return null;
      case 'delivered':
        return this.tells(data.message)
          ? `${node} hears ${data.message.type} of ${data.from}`
          : null;
      case 'lost':
      case 'held':
        return this.#fateText(node, data.sent, data.to, data.type);
      case 'persist':
        return this.isBrief ? null : `   ${node} persists ${typedText(data.record)}`;
      case 'stop':
        return `${node} crashes (${data.why})`;
      case 'start':
        return `${node} starts`;
      case 'role':
        return `   ${node} is ${data.role}`;
      case 'tell':
        return `   ${node} ${eventText(data.event)}`;
      case 'durable':
        return this.isBrief ? null : `   ${node}: ${data.position} records durable`;
      default:
        return null;
    }
  }

  #fateText(from: NodeId, sent: number, to: NodeId, fate: 'lost' | 'held'): string | null {
    const message = this.#sent.get(`${from} ${sent}`);
    if (message === undefined || !this.tells(message)) return null;
    const what = fate === 'lost' ? 'never hears' : 'is stopped; there waits';
    return `${to} ${what} ${message.type} of ${from}`;
  }
}

export function flightText({ id, from, to, message }: Flight<TypedData>): string {
  return `   ${id}. ${from}>${to} ${typedText(message)}`;
}
