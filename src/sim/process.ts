import { Errand, type Happening } from './event-queue.js';
import type { World } from './world.js';

/**
 * One incarnation of a node's process. Everything that happens to it goes through {@link run}, or asks {@link takes}: a paused
 * process (as by SIGSTOP) takes nothing in until it is resumed and then everything at once, in order, while its clock has gone
 * on; a dead one never does.
 */
export class Process {
  readonly #world: World;
  #state: 'running' | 'paused' | 'dead' = 'running';
  #held: Happening[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  get isPaused(): boolean {
    return this.#state === 'paused';
  }

  get isAlive(): boolean {
    return this.#state !== 'dead';
  }

  run(action: () => void): void {
    if (this.#state === 'running') action();
    else if (this.#state === 'paused') this.#held.push(new Errand(() => this.run(action)));
  }

  /** Whether `event`, which asks so first, may go on now; while the process is paused it is kept, to happen again. */
  takes(event: Happening): boolean {
    if (this.#state === 'paused') this.#held.push(event);
    return this.#state === 'running';
  }

  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    const held = this.#held;
    this.#held = [];
    for (const event of held) this.#world.schedule(this.#world.now, event);
  }

  kill(): void {
    this.#state = 'dead';
    this.#held = [];
  }
}
