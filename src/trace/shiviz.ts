/**
 * For ShiViz (Beschastnikh et al., "Visualizing Distributed System Executions", TOSEM 2020;
 * github.com/DistributedClocks/shiviz): its file begins with a regular expression that says where an event's parts are, and
 * with a line for what parts several executions, which is empty here.
 *
 * ShiViz wants each host to count its events from 1 without a gap, and clocks to name no event that is not there. So events
 * are numbered anew, those only that are exported, and clocks say how many of these they know of.
 */
import type { NodeId } from '../core/ids.js';
import { countWhile, entryOf } from '../core/lookup.js';
import { printable } from '../core/show.js';
import type { TraceExport } from './export.js';
import { knownOf } from './line.js';
import { isFate, ownOf } from './merge.js';
import type { KnownEvent } from './recall.js';
import { detailOf } from './text.js';

const header = String.raw`(?<event>.*)\n(?<host>\S*) (?<clock>{.*})`;

/** The events of one node that were exported. */
class Host {
  /** Its clock after the last of them. */
  clock: Record<NodeId, number> = {};
  count = 0;
  /** Of those that have a number of their own in the trace: that, and the new one. */
  readonly #owns: number[] = [];
  readonly #numbers: number[] = [];

  add(own: number): void {
    this.#owns.push(own);
    this.#numbers.push(this.count);
  }

  /** The new number of the last of the first `known` events of the node that was exported; 0: none was. */
  numberOf(known: number): number {
    return this.#numbers[countWhile(this.#owns, (own) => own <= known) - 1] ?? 0;
  }
}

/** Holds 16 bytes an event. */
export class ShivizExport implements TraceExport {
  readonly #hosts = new Map<NodeId, Host>();

  begin(): string {
    return `${header}\n\n`;
  }

  event(known: KnownEvent): string {
    const { event } = known;
    const { node, data } = event;
    const host = entryOf(this.#hosts, node, () => new Host());
    host.count++;
    if (!isFate(event)) host.add(ownOf(event));
    // What became of a message is told later than it was sent: the host has heard more since.
    const clock: Record<NodeId, number> = { ...host.clock, [node]: host.count };
    for (const [other, theirs] of this.#hosts) {
      const number = other === node ? 0 : theirs.numberOf(knownOf(event.clock, other));
      if (number > (clock[other] ?? 0)) clock[other] = number;
    }
    host.clock = clock;
    return `${printable(`${data.type} ${detailOf(known)}`.trimEnd())}\n${node} ${JSON.stringify(clock)}\n`;
  }

  end(): string {
    return '';
  }
}
