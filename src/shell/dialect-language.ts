import { dialectHelp, runLine, type Vocabulary, verbOf } from '../coursework/dialect.js';
import { wordsIn } from '../coursework/words.js';
import type { ScriptDisplay, Streams } from '../scenario/script-output.js';
import type { Completion } from './complete-line.js';
import type { Language } from './conversation.js';

/** A coursework dialect, typed. */
export class DialectLanguage implements Language {
  readonly isOpen = false;
  readonly #vocabulary: Vocabulary;
  readonly #streams: Streams;
  readonly #display: Pick<ScriptDisplay, 'width'>;

  constructor(vocabulary: Vocabulary, streams: Streams, display: Pick<ScriptDisplay, 'width'>) {
    this.#vocabulary = vocabulary;
    this.#streams = streams;
    this.#display = display;
  }

  place(): string {
    return this.#vocabulary.name;
  }

  drop(): void {}

  close(): void {
    this.#vocabulary.close();
  }

  async run(line: string, signal: AbortSignal): Promise<void> {
    const [first, topic] = wordsIn(line);
    if (first === 'help') {
      this.#streams.out(dialectHelp(topic, this.#vocabulary, this.#display.width()));
      return;
    }
    const stopped = new Promise<string>((resolve) => {
      signal.addEventListener('abort', () => resolve('interrupted'), { once: true });
    });
    const problem = await Promise.race([runLine(line, this.#vocabulary), stopped]);
    if (problem !== null) this.#streams.err(problem);
  }

  async complete(beforeCursor: string): Promise<Completion> {
    const { verbs, suggest } = this.#vocabulary;
    const words = beforeCursor.trimStart().split(/\s+/);
    const typed = words[words.length - 1] ?? '';
    const [first = ''] = words;
    if (words.length === 1) return { words: [...verbs.keys(), 'help', 'exit'], typed };
    if (first === 'help') return { words: [...verbs.keys()], typed };
    const argument = verbOf(first, this.#vocabulary)?.usage.split(' ')[words.length - 1];
    if (argument === undefined) return { words: [], typed };
    return { words: [...suggest(argument.replace(/[[\]…]/g, ''))], typed };
  }
}
