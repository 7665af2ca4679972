import { Help } from '@oclif/core/help';
import { usageError } from '../../core/errors.js';
import { unknownCommand } from '../../operations/unknown-command.js';
import { outputWidth, printJson, write } from '../../render/output.js';
import { wrap } from '../../render/wrap.js';
import { topicNamed, topicNames, topicRows } from '../../scenario/help-topics.js';
import type { Perform } from '../command.js';

type HelpedCommand = Parameters<Help['showCommandHelp']>[0];

/** oclif's, save that its first lines are not wider than the output either. */
export class KvxHelp extends Help {
  #isOfOne = false;

  override showCommandHelp(command: HelpedCommand): Promise<void> {
    this.#isOfOne = true;
    return super.showCommandHelp(command);
  }

  /** In a list it is wrapped with all else. */
  protected override summary(command: HelpedCommand): string | undefined {
    const text = super.summary(command);
    if (text === undefined || !this.#isOfOne) return text;
    return wrap(text, outputWidth()).join('\n');
  }

  override formatRoot(): string {
    const [first = '', ...rest] = super.formatRoot().split('\n');
    return [...wrap(first, outputWidth()), ...rest].join('\n');
  }

  protected override async showRootHelp(): Promise<void> {
    await super.showRootHelp();
    const rows = topicRows('help ').map((row) => [...row]);
    this.log(this.section('HELP ON', this.renderList(rows, { indentation: 2, spacer: '\n' })));
    this.log('');
  }
}

/** Keeps what it says. */
class KeptHelp extends KvxHelp {
  text = '';

  protected override log(...words: string[]): void {
    this.text += `${words.join(' ')}\n`;
  }
}

const perform: Perform = async ({ words, flags, config }) => {
  // oclif knows commands by ids in which words are joined by colons.
  const id = words.join(':');
  const page = topicNamed(words.join(' '));
  if (page !== null) {
    const text = page(outputWidth());
    return flags['json'] === true ? printJson({ text }) : write(text);
  }
  if (id !== '' && !config.findCommand(id) && !config.findTopic(id)) {
    const ids = [...config.commandIDs, ...config.topics.map(({ name }) => name)];
    const names = [...ids.map((each) => each.replaceAll(':', ' ')), ...topicNames];
    const known = [words.slice(0, 1), words.slice(0, 2)].findLast((each) =>
      names.includes(each.join(' ')),
    );
    if (known === undefined) throw usageError(unknownCommand(words, names), 'See `kvx -h`.');
    const rest = words.slice(known.length).join(' ');
    throw usageError(`too many words: ${rest}`, `See \`kvx help ${known.join(' ')}\`.`);
  }
  const asked = id === '' ? [] : [id];
  if (flags['json'] !== true) return new KvxHelp(config).showHelp(asked);
  const help = new KeptHelp(config);
  await help.showHelp(asked);
  printJson({ text: help.text });
};

export default { perform };
