/** What happens when, in virtual time: a binary heap by time, then by the order in which things were added. */
export interface Appointment {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class Agenda {
  readonly #heap: Appointment[] = [];
  #added = 0;

  add(at: number, run: () => void): void {
    this.#added += 1;
    const appointment = { at, order: this.#added, run };
    let place = this.#heap.push(appointment) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!isBefore(appointment, this.#heap[above] as Appointment)) break;
      this.#heap[place] = this.#heap[above] as Appointment;
      place = above;
    }
    this.#heap[place] = appointment;
  }

  /** The next one up to this time, or `null`. */
  takeUntil(time: number): Appointment | null {
    const first = this.#heap[0];
    if (first === undefined || first.at > time) return null;
    const last = this.#heap.pop() as Appointment;
    if (this.#heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(appointment: Appointment): void {
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= this.#heap.length) break;
      const right = this.#heap[below + 1];
      if (right !== undefined && isBefore(right, this.#heap[below] as Appointment)) below += 1;
      if (!isBefore(this.#heap[below] as Appointment, appointment)) break;
      this.#heap[place] = this.#heap[below] as Appointment;
      place = below;
    }
    this.#heap[place] = appointment;
  }
}

function isBefore(a: Appointment, b: Appointment): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
