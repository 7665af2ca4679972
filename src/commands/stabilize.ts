import * as Flags from '@oclif/core/flags';
import { KvxCommand } from '../cli/command.js';
import { withProgress } from '../cli/progress.js';
import { chooseUpCluster } from '../cli/reach.js';
import { checkStabilizes, printStabilization } from '../cli/stabilize-report.js';
import { toDuration } from '../cli/values.js';
import { stabilize } from '../client/stabilize.js';
import { endpointsOf } from '../cluster/endpoints.js';
import { realTiming } from '../node/timing.js';

export default class Stabilize extends KvxCommand {
  static override summary =
    'Let every value reach every node that it can reach, over any chain of links (mode gossip).';
  static override description =
    'Returns when each connected part has converged, and prints the parts. Writes acknowledged before are in; those that come meanwhile need not be. Exit code 2 when time ran out: what has converged so far stays so.';
  static override examples = [
    '<%= config.bin %> stabilize',
    '<%= config.bin %> stabilize --timeout 2m --json',
  ];
  static override flags = {
    timeout: Flags.string({
      description: 'how long it may take, all parts together',
      helpValue: 'TIME',
      default: '30s',
      env: 'KVX_TIMEOUT',
    }),
  };
  static override changes = false;

  async run(): Promise<void> {
    const { flags } = await this.parse(Stabilize);
    const timeoutMs = toDuration(flags.timeout, '--timeout');
    const cluster = chooseUpCluster(flags.cluster);
    const { name, mode } = cluster.record;
    checkStabilizes(mode);
    let asked = '';
    const onAsking = (node: string): void => {
      asked = node;
    };
    const stabilization = await this.interruptibly(() =>
      withProgress(
        () => `stabilizing the part of ${asked}`,
        () => stabilize(endpointsOf(cluster), { timing: realTiming, timeoutMs, onAsking }),
      ),
    );
    printStabilization(name, stabilization, flags);
  }
}
