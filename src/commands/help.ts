import { Help as OclifHelp } from '@oclif/core/help';
import { KvxCommand } from '../cli/command.js';
import { usageError } from '../core/errors.js';

export default class Help extends KvxCommand {
  static override summary = 'Show help, like -h.';
  static override examples = ['<%= config.bin %> help', '<%= config.bin %> help cluster up'];
  static override strict = false;
  static override changes = false;

  async run(): Promise<void> {
    const { argv } = await this.parse(Help);
    // oclif knows commands by ids in which words are joined by colons.
    const id = argv.join(':');
    if (id !== '' && !this.config.findCommand(id) && !this.config.findTopic(id)) {
      throw usageError(`there is no command ${JSON.stringify(argv.join(' '))}`, 'See `kvx -h`.');
    }
    await new OclifHelp(this.config).showHelp(id === '' ? [] : [id]);
  }
}
