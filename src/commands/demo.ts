import { KvxCommand } from '../cli/command.js';
import { playDemo } from '../demo/demo.js';
import { makeTeller } from '../demo/teller.js';
import { note, printJson } from '../render/output.js';

const silent = {
  onBegin() {},
  onStep() {},
  onCommand() {},
  onTyped() {},
  onLesson() {},
  onEnd() {},
};

export default class Demo extends KvxCommand {
  static override summary =
    'Five minutes in thirty seconds: up, write, partition, stale read, heal, verify, down.';
  static override description =
    'Types real commands at a cluster of its own, shows what comes of them, and checks it: exit code 1 when a step does not behave as told.';
  static override examples = ['<%= config.bin %> demo', '<%= config.bin %> demo --json'];
  static override changes = false;

  async run(): Promise<void> {
    const { flags } = await this.parse(Demo);
    const program = process.argv[1] as string;
    const teller = flags.json ? silent : makeTeller();
    const report = await this.interruptibly((signal) => {
      signal.addEventListener('abort', () => note('Stopping, and cleaning up…'));
      return playDemo(program, teller, signal);
    });
    if (flags.json) printJson(report);
    else teller.onEnd(report);
    if (!report.asTold) this.answer('no');
  }
}
