/** `kvx shell`: which language is spoken, where it goes to, and everything around the conversation. */

import { resolveSpec } from '../config/resolve.js';
import type { ClusterSpec } from '../config/spec.js';
import { invariant } from '../core/invariant.js';
import type { DialectOptions } from '../coursework/dialect.js';
import { dialectHelp, runLine, type Vocabulary, verbOf } from '../coursework/dialect.js';
import { vocabularyOf } from '../coursework/run-dialect.js';
import type { DialectName } from '../coursework/words.js';
import { wordsIn } from '../coursework/words.js';
import { styleFor } from '../render/output.js';
import { shellSource } from '../scenario/program.js';
import type { ScriptDisplay, Streams } from '../scenario/script-output.js';
import { greetingOf, openTarget, type RunPlace } from '../targets/place.js';
import type { Target } from '../targets/target.js';
import type { Completion } from './complete-line.js';
import { Conversation, type Language } from './conversation.js';
import { HistoryFile } from './history-file.js';
import { KvxLanguage, type KvxLanguageSetup } from './kvx-language.js';

export interface ShellOptions {
  readonly place: RunPlace;
  readonly dialect: DialectName | 'kvx';
  readonly dialectOptions: DialectOptions;
  /** Of a dialect's own cluster; `null` in the kvx language. */
  readonly spec: ClusterSpec | null;
  readonly signal: AbortSignal;
  /** What the kvx language needs of this machine. */
  readonly surroundings: Pick<KvxLanguageSetup, 'display' | 'host' | 'readConfig'>;
}

/** Until the user leaves; a cluster that was started here goes with them. */
export async function runShell({ signal, ...options }: ShellOptions): Promise<void> {
  const { stdin: input, stdout: output } = process;
  const style = styleFor(output);
  const history = new HistoryFile();
  // The language prints through the conversation, which in turn asks the language.
  let conversation: Conversation | null = null;
  const print = (text: string): void => {
    if (conversation === null) output.write(text);
    else conversation.print(text);
  };
  const streams = {
    out: (data: string | Uint8Array) => print(typeof data === 'string' ? data : decode(data)),
    err: (line: string) => print(`${style.yellow(line)}\n`),
  };
  const target = openTarget(options.place, streams, signal);
  const { dialect, place } = options;
  const attached = 'cluster' in place;
  try {
    const language = await languageOf(target, options, streams, signal);
    try {
      const first = dialect === 'kvx' ? greetingOf(place) : `The words of ${dialect}.`;
      print(`${first}\n\`help\` lists commands, Tab completes.\n`);
      const past = history.load();
      conversation = new Conversation({
        ...{ input, output, language, history: past, signal },
        onLine: (line) => history.add(line),
        paint: (text) => style.bold.cyan(text),
      });
      await conversation.last();
    } finally {
      language.close();
    }
    if (history.problem !== null) output.write(`${history.problem}\n`);
  } finally {
    if (target.spec !== null && !attached) output.write('Taking the cluster down…\n');
    await target.close();
  }
}

async function languageOf(
  target: Target,
  { dialect, dialectOptions, place, spec, surroundings }: Omit<ShellOptions, 'signal'>,
  streams: Streams,
  signal: AbortSignal,
): Promise<Language & { close(): void }> {
  if (dialect === 'kvx') {
    const attached = 'cluster' in place;
    const own = attached ? place.cluster.record : resolveSpec([]);
    return new KvxLanguage({ target, attached, spec: own, streams, ...surroundings });
  }
  invariant(spec !== null, 'a dialect has a cluster of its own');
  const context = {
    target,
    source: shellSource,
    signal,
    spec,
    options: dialectOptions,
    ...streams,
  };
  return new DialectLanguage(await vocabularyOf(dialect, context), streams, surroundings.display);
}

const decoder = new TextDecoder();
const decode = (data: Uint8Array): string => decoder.decode(data);

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
