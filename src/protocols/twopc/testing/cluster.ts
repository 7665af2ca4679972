import type { Fate, ManualSetup } from '../../../sim/manual.js';
import { modeNamed } from '../../registry.js';
import { TestCluster } from '../../testing/test-cluster.js';
import type { TwoPhaseCommit } from '../messages.js';
import type { Options } from '../options.js';

export type TwoPhaseCluster = TestCluster<TwoPhaseCommit, Options>;

type Setup = ManualSetup<TwoPhaseCommit, Options>;

/** All nodes are started; messages go by themselves, one millisecond each. */
export function twoPhaseCluster({
  nodes,
  voteTimeoutMs = 100,
  ...setup
}: Partial<Setup> & Pick<Setup, 'nodes'> & { readonly voteTimeoutMs?: number }): TwoPhaseCluster {
  const options = { voteTimeoutMs };
  const fate = (): Fate => [1];
  return TestCluster.started({
    protocol: modeNamed('2pc').protocol,
    options,
    nodes,
    fate,
    ...setup,
  });
}
