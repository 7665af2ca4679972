/** Reports of real runs, to try the page on: what a simulated cluster did while it was broken. */
import type { Config } from '@oclif/core/config';
import { aboutOf, clusterPairs } from '../../src/cli/report/about.js';
import { contendersOf } from '../../src/compare/contenders.js';
import { nemesesFor } from '../../src/compare/faults.js';
import { planLoad } from '../../src/compare/plan.js';
import { runContender } from '../../src/compare/run.js';
import { nodeNames } from '../../src/config/spec.js';
import { nothingTold, type Report } from '../../src/report/report.js';
import { openTarget } from '../../src/targets/place.js';
import { LanesBuilder } from '../../src/trace/lanes-builder.js';

export interface FixtureOptions {
  readonly operations?: number;
  readonly seed?: number;
  readonly keys?: number;
  /** Of the trace, from its beginning. */
  readonly eventsMax?: number;
}

/** Quorums that read from one node, while halves of the cluster are cut off from each other: stale reads and lost writes. */
export async function staleReport({
  operations = 300,
  seed = 7,
  keys = 10,
  eventsMax = Number.POSITIVE_INFINITY,
}: FixtureOptions = {}): Promise<Report> {
  const contenders = contendersOf(['quorum --read one --write one'], []);
  const [contender] = contenders as [(typeof contenders)[number]];
  const { signal } = new AbortController();
  const builder = new LanesBuilder();
  const target = openTarget({ runtime: 'sim', seed }, { err: () => {} }, signal, {
    event: (event) => {
      if (builder.count < eventsMax) builder.add(event);
    },
    folder: () => {},
  });
  const load = { clients: 10, rate: 200, ops: operations, reads: '50%', keys, timeout: '1s' };
  try {
    const faults = {
      ...{ type: 'nemesis' as const, names: nemesesFor(['halves'], contenders) },
      everyMs: 500,
    };
    const plan = planLoad(load, seed);
    const { history, report } = await runContender({ contender, target, plan, faults, signal });
    const argv = ['quorum --read one --write one', '--nemesis', 'halves', '--seed', '7'];
    const config = { version: '0.0.0' } as Config;
    const cluster = clusterPairs({ ...contender.spec, nodes: nodeNames(5) }, 'sim');
    return {
      about: aboutOf('compare', { argv, config }, { seed, cluster }),
      ...nothingTold,
      ...{ check: report, history, historyBeginMs: 0, lanes: builder.end() },
    };
  } finally {
    await target.close();
  }
}
