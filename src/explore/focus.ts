/** Faults that are to meet one phase of a protocol wait for a node that is in it, and hit that one. */
import type { Millis, NodeId } from '../core/ids.js';
import type { Random } from '../core/random.js';
import type { Fault, FaultName } from '../faults/fault.js';
import type { World } from '../sim/world.js';

export interface Focus {
  /** Its place among the phases of the mode. */
  readonly phase: number;
  readonly kinds: readonly FaultName[];
}

export interface FocusSetup {
  readonly world: World;
  readonly focus: Focus;
  readonly random: Random;
  /** Is there still, and in the phase. */
  isIn(node: NodeId): boolean;
  /** It has met the phase. */
  begin(fault: Fault): void;
  /** It has waited for long enough. */
  giveUp(fault: Fault): void;
}

/** How long a fault waits. */
const waitMsMax: Millis = 300;
/** How long a node has been in the phase when it is hit. Not no time at all: that would be in the middle of its turn. */
const [inPhaseMsMin, inPhaseMsMax]: readonly [Millis, Millis] = [0.01, 3];

export class FocusedFaults {
  readonly #setup: FocusSetup;
  readonly #waiting: Fault[] = [];

  constructor(setup: FocusSetup) {
    this.#setup = setup;
  }

  /** False: it is of no kind that waits. */
  takes(fault: Fault): boolean {
    const { world, focus, giveUp } = this.#setup;
    if (fault.drawn === undefined || !focus.kinds.includes(fault.drawn.kind)) return false;
    this.#waiting.push(fault);
    world.after(waitMsMax, () => {
      if (this.#leaves(fault)) giveUp(fault);
    });
    return true;
  }

  /** A node comes into the phase. */
  entered(node: NodeId): void {
    const { world, random, isIn, begin } = this.#setup;
    const [first] = this.#waiting;
    if (first === undefined) return;
    const longer = random.chance(0.5) ? 0 : random.next() * inPhaseMsMax;
    world.after(inPhaseMsMin + longer, () => {
      if (!isIn(node)) return;
      // What was drawn as one comes as one; a blackout has its nodes.
      for (const fault of this.#waiting.filter(({ drawn }) => drawn === first.drawn)) {
        if (!this.#leaves(fault)) continue;
        const isOfOne = 'node' in fault && first.drawn?.kind !== 'blackout';
        begin(isOfOne ? ({ ...fault, node } as Fault) : fault);
      }
    });
  }

  /** True: it waited. */
  #leaves(fault: Fault): boolean {
    const at = this.#waiting.indexOf(fault);
    if (at !== -1) this.#waiting.splice(at, 1);
    return at !== -1;
  }
}
