import type { Timing } from '../client/endpoint.js';
import type { Millis } from '../core/ids.js';
import type { Random } from '../core/random.js';
import { nobodysLane } from './event-queue.js';
import type { World } from './world.js';

/** After so many events in a row, signals and other real events get their turn. */
const eventsPerBreath = 20_000;

type Fail = (error: unknown) => void;

/** Runs something once all promises that can be settled have been: `setImmediate`, where there is one. */
export type AfterPromises = (run: () => void) => unknown;

/**
 * Of code that is called back and awaits nothing; whoever awaits needs a {@link VirtualTime}. `lane`: of what it does later
 * (event-order.ts).
 */
export function virtualTiming(world: World, random: Random, lane?: number): Timing {
  const unserved = (): Promise<never> => Promise.reject(new Error('nobody drives this world'));
  return {
    now: () => world.now,
    random: () => random.next(),
    after: (ms, run) => world.after(ms, run, lane),
    wait: unserved,
    sleep: unserved,
  };
}

/**
 * Lets asynchronous code wait for what happens in a simulated world.
 *
 * Virtual time stands still while anybody who was woken still runs, and goes on, event by event, when everybody waits
 * again. So code that awaits nothing but what comes from here does the same under the same seed, however many parts of
 * it run at once.
 */
export class VirtualTime {
  readonly timing: Timing;
  readonly #world: World;
  readonly #afterPromises: AfterPromises;
  readonly #waiting = new Set<Fail>();
  #isPumping = false;
  #hasWoken = false;
  #failure: unknown = null;

  constructor(world: World, random: Random, afterPromises: AfterPromises) {
    this.#world = world;
    this.#afterPromises = afterPromises;
    this.timing = {
      ...virtualTiming(world, random),
      wait: (begin) => this.wait(begin),
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
  }

  /** What `begin` calls back with, once. Rejects when the world breaks. */
  wait<T>(begin: (resolve: (value: T) => void, reject: Fail) => void): Promise<T> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const end = (): boolean => {
        this.#hasWoken = true;
        return this.#waiting.delete(fail);
      };
      const fail = (error: unknown): void => {
        if (end()) reject(error);
      };
      this.#waiting.add(fail);
      begin((value) => {
        if (end()) resolve(value);
      }, fail);
      this.#pumpSoon();
    });
  }

  /** The world is broken: whoever waits, or ever will, is told so. */
  fail(error: unknown): void {
    this.#failure ??= error;
    for (const fail of [...this.#waiting]) fail(this.#failure);
  }

  #sleep(ms: Millis, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return this.wait((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        cancel();
        resolve();
      };
      const cancel = this.#world.after(ms, wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  #pumpSoon(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#afterPromises(() => this.#pump());
  }

  /** Everybody waits again. */
  #pump(): void {
    this.#hasWoken = false;
    try {
      // Whoever was woken may have changed anything.
      this.#world.watch?.(nobodysLane);
      for (let left = eventsPerBreath; left > 0 && this.#waiting.size > 0; left--) {
        if (!this.#world.step()) throw new Error('nothing will ever happen in this world');
        if (this.#hasWoken) break;
      }
    } catch (error) {
      this.fail(error);
    }
    this.#isPumping = false;
    if (this.#waiting.size > 0) this.#pumpSoon();
  }
}
