/**
 * What is kept of commands by their stamps while they are under way. A client mostly has one, or a few, and a Map for each
 * client would be made anew for each of its commands: so those of a client are chained, in the order in which they came.
 */
import { TransientMap } from '../../core/transient.js';

interface Link<V> {
  readonly sequence: number;
  readonly value: V;
  next: Link<V> | null;
  /** Of the chain that begins here. */
  last: Link<V>;
}

export class ByStamp<V> {
  readonly #chains = new TransientMap<string, Link<V>>();

  get(client: string, sequence: number): V | null {
    let link = this.#chains.get(client) ?? null;
    while (link !== null && link.sequence !== sequence) link = link.next;
    return link === null ? null : link.value;
  }

  /** It must not be there. */
  add(client: string, sequence: number, value: V): void {
    const first = this.#chains.get(client);
    const link = { sequence, value, next: null } as Link<V>;
    link.last = link;
    if (first === undefined) this.#chains.set(client, link);
    else {
      first.last.next = link;
      first.last = link;
    }
  }

  delete(client: string, sequence: number): void {
    const first = this.#chains.get(client);
    if (first === undefined) return;
    if (first.sequence === sequence) {
      const second = first.next;
      if (second === null) this.#chains.delete(client);
      else {
        second.last = first.last;
        this.#chains.set(client, second);
      }
      return;
    }
    let before = first;
    while (before.next !== null && before.next.sequence !== sequence) before = before.next;
    if (before.next === null) return;
    if (before.next === first.last) first.last = before;
    before.next = before.next.next;
  }

  /** The one that was shown last may be deleted meanwhile. */
  *values(): Generator<V> {
    for (const first of this.#chains.values()) {
      for (let link: Link<V> | null = first; link !== null; link = link.next) yield link.value;
    }
  }
}
