import type { Millis } from '../core/ids.js';

/** How the simulated network treats each batch. */
export interface NetworkConditions {
  /** Every batch takes at least this. */
  readonly latencyMsMin: Millis;
  /** Mean of an exponentially distributed time on top. */
  readonly latencyMsMean: Millis;
  /** Probability that a batch takes many times as long… */
  readonly stragglers: number;
  /** …and up to this on top. */
  readonly stragglerMsMax: Millis;
  /** A batch that would take longer is lost instead: protocols may count on some such bound, however generous. */
  readonly latencyMsMax: Millis;
  /** Probability that a batch is lost. */
  readonly loss: number;
  /** Probability that a batch comes twice. */
  readonly duplication: number;
  /** Lets batches between two nodes overtake each other, against what the Link port promises. */
  readonly reorder: boolean;
}

export const fairConditions: NetworkConditions = {
  latencyMsMin: 0.1,
  latencyMsMean: 0.4,
  stragglers: 0,
  stragglerMsMax: 0,
  latencyMsMax: 2_000,
  loss: 0,
  duplication: 0,
  reorder: false,
};
