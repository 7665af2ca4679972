import type { World } from './world.js';

/**
 * One incarnation of a node's process. Everything that happens to it goes through {@link run}: a paused process (as by
 * SIGSTOP) takes nothing in until it is resumed and then everything at once, in order, while its clock has gone on; a
 * dead one never does.
 */
export class Process {
  readonly #world: World;
  #state: 'running' | 'paused' | 'dead' = 'running';
  #held: (() => void)[] = [];

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
    if (this.takes(action)) action();
  }

  /** Whether `action`, which asks so first, may go on now; while the process is paused it is kept, to be run again. */
  takes(action: () => void): boolean {
    if (this.#state === 'paused') this.#held.push(action);
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
    for (const action of held) this.#world.after(0, () => this.run(action));
  }

  kill(): void {
    this.#state = 'dead';
    this.#held = [];
  }
}
