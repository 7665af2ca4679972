import * as Flags from '@oclif/core/flags';
import { agreementAnswer, printAgreement } from '../cli/agreement-report.js';
import { KvxCommand } from '../cli/command.js';
import { chooseUpCluster } from '../cli/reach.js';
import { toDuration } from '../cli/values.js';
import { verifyAgreement } from '../client/agreement.js';
import { currentRules } from '../cluster/cluster.js';
import { endpointsOf } from '../cluster/endpoints.js';
import { linksForVerify } from '../faults/topology.js';
import { realTiming } from '../node/timing.js';
import { relayingModes } from '../protocols/relaying.js';
import { note } from '../render/output.js';

export default class Verify extends KvxCommand {
  static override summary = 'Do all replicas agree? Exit code 1 when not.';
  static override description =
    "Waits until what is in flight has settled, then compares every node's store, key by key over the key's owners. A node that can't be reached is named. Exit code 2, unknown, when those that were reached agree but not all were, or when stores differ while work is still under way.";
  static override examples = [
    '<%= config.bin %> verify',
    '<%= config.bin %> verify --timeout 30s --json',
  ];
  static override flags = {
    timeout: Flags.string({
      description: 'how long to wait for replicas to settle and to converge',
      helpValue: 'TIME',
      default: '15s',
      env: 'KVX_TIMEOUT',
    }),
  };
  static override changes = false;

  async run(): Promise<void> {
    const { flags } = await this.parse(Verify);
    const timeoutMs = toDuration(flags.timeout, '--timeout');
    const cluster = chooseUpCluster(flags.cluster);
    const { nodes, mode } = cluster.record;
    const relays = relayingModes.includes(mode);
    const links = linksForVerify(nodes, currentRules(cluster), relays);
    const agreement = await this.interruptibly((signal) =>
      verifyAgreement(endpointsOf(cluster), {
        timing: realTiming,
        timeoutMs,
        ...links,
        signal,
        onWaiting: (busy) => note(`waiting for ${busy.join(', ')} to settle…`),
      }),
    );
    printAgreement(agreement, flags);
    process.exitCode = agreementAnswer(agreement).exitCode;
  }
}
