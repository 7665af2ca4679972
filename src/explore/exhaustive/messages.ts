/** Messages of a small world: equal ones have one number. */
import { keyFromBytes } from '../../core/key.js';
import { encodeAs } from '../../runtime/cbor.js';
import type { Envelope, SmallWorld } from './small-world.js';

/** `life`: of its sender. */
interface Sent extends Envelope {
  readonly life: number;
}

export interface Numbered extends Sent {
  /** Equal numbers, equal links: those of another life of the sender are others, and keep no order with it. */
  readonly link: number;
}

/** All messages that were ever sent, by number. */
export class Messages {
  readonly #all: Numbered[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #links = new Map<string, number>();
  readonly #world: SmallWorld;

  constructor(world: SmallWorld) {
    this.#world = world;
  }

  numberOf({ life, ...envelope }: Sent): number {
    const { from, to } = envelope;
    const linkName = `${from} ${life} ${to}`;
    const link = this.#links.get(linkName) ?? this.#links.size;
    this.#links.set(linkName, link);
    const text = `${link} ${textOfMessage(this.#world, envelope)}`;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#all.length);
    return this.#all.push({ ...envelope, life, link }) - 1;
  }

  at(number: number): Numbered {
    return this.#all[number] as Numbered;
  }
}

/** Tells what a node sends from what else it sends. */
export function textOfMessage({ protocol }: SmallWorld, { to, message }: Envelope): string {
  return `${to} ${keyFromBytes(encodeAs(protocol.message, message))}`;
}
