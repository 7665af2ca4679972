import * as Flags from '@oclif/core/flags';
import { KvxCommand } from '../../cli/command.js';
import { withProgress } from '../../cli/progress.js';
import { specFlags, specFromFlags } from '../../cli/spec-flags.js';
import { printUp } from '../../cli/up-report.js';
import { upCluster } from '../../cluster/cluster.js';

export default class ClusterUp extends KvxCommand {
  static override summary = 'Start a cluster and return when every node answers.';
  static override description = [
    'The same name again resumes its data with its settings; --fresh wipes it first.',
    'State is kept in $KVX_HOME, else $XDG_STATE_HOME/kvx, else ~/.local/state/kvx.',
    'Exit code 3 when the cluster was up and some of its nodes do not run; says which and why.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> cluster up',
    '<%= config.bin %> cluster up --name five -n 5 --replicas 3 --read one --write one',
    '<%= config.bin %> cluster up --name apart --runtime processes --delay 20ms --delay "n1>n2=80ms"',
  ];
  static override flags = {
    ...specFlags,
    // Without a variable: what takes things away is typed each time.
    fresh: Flags.boolean({ description: 'wipe data of that name first' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(ClusterUp);
    const spec = await specFromFlags(flags, flags.fresh);
    const waiting = new Set(spec.nodes);
    const describe = (): string =>
      `waiting for ${waiting.size === 0 ? 'every node to answer' : [...waiting].join(', ')}`;
    const report = await this.interruptibly((signal) =>
      withProgress(describe, () =>
        upCluster(spec, {
          fresh: flags.fresh,
          typed: asTyped(this.argv),
          signal,
          onProgress: ({ node, event }) => event === 'ready' && waiting.delete(node),
        }),
      ),
    );
    if (!printUp(report, flags)) this.answerUnavailable();
  }
}

/** The flags as they were typed, save those that name the cluster and that shape the output. */
function asTyped(argv: readonly string[]): string {
  const kept = argv.filter(
    (word, at) =>
      !['--name', '-C', '--cluster', '--json'].includes(word) &&
      !['--name', '-C', '--cluster'].includes(argv[at - 1] ?? '') &&
      !/^(--name=|--cluster=|-C.)/.test(word),
  );
  return kept.map((word) => (/^[\w.,:=/@%+-]+$/.test(word) ? word : `'${word}'`)).join(' ');
}
