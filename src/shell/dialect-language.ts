import { dialectHelp, runLine, type Vocabulary, verbOf } from '../coursework/dialect.js';
import { wordsIn } from '../coursework/words.js';
import type { Completion } from './complete-line.js';
import type { Language } from './conversation.js';

export interface DialectLanguageSetup {
  readonly name: string;
  readonly vocabulary: Vocabulary;
  readonly out: (text: string) => void;
  readonly err: (line: string) => void;
  readonly columns: () => number;
}

/** A coursework dialect, typed. */
export class DialectLanguage implements Language {
  readonly isOpen = false;
  readonly #setup: DialectLanguageSetup;

  constructor(setup: DialectLanguageSetup) {
    this.#setup = setup;
  }

  place(): string {
    return this.#setup.name;
  }

  drop(): void {}

  async run(line: string, signal: AbortSignal): Promise<void> {
    const [first, topic] = wordsIn(line);
    if (first === 'help') {
      const { vocabulary, columns, out } = this.#setup;
      out(dialectHelp(topic, vocabulary, columns()));
      return;
    }
    const stopped = new Promise<string>((resolve) => {
      signal.addEventListener('abort', () => resolve('interrupted'), { once: true });
    });
    const problem = await Promise.race([runLine(line, this.#setup.vocabulary), stopped]);
    if (problem !== null) this.#setup.err(problem);
  }

  async complete(beforeCursor: string): Promise<Completion> {
    const { verbs, suggest } = this.#setup.vocabulary;
    const words = beforeCursor.trimStart().split(/\s+/);
    const typed = words[words.length - 1] ?? '';
    const [first = ''] = words;
    if (words.length === 1) return { words: [...verbs.keys(), 'help', 'exit'], typed };
    if (first === 'help') return { words: [...verbs.keys()], typed };
    const argument = verbOf(first, this.#setup.vocabulary)?.usage.split(' ')[words.length - 1];
    if (argument === undefined) return { words: [], typed };
    return { words: [...suggest(argument.replace(/[[\]…]/g, ''))], typed };
  }
}
