/**
 * What a shell calls when Tab is pressed: `kvx complete bash LINE BREAKS`, `kvx complete fish LINE`, `kvx complete zsh WORD…`. A
 * script of its own, without oclif and operations: bin/boot.js, scripts/build-completion.js.
 */

import { unpackVocabulary } from './command-vocabulary.js';
import { optionsAfter } from './complete.js';
import { inBash, readTyped, type Typed } from './words-typed.js';

/** The build puts it there. */
declare const kvxVocabulary: string;

/** Prints a line for each word that may stand there: `WORD`, or, where the shell shows it, `WORD\tWHAT`. */
async function answer([, shell = '', ...rest]: readonly string[]): Promise<void> {
  const [line = '', breaks] = rest;
  const typed = shell === 'zsh' ? alreadySplit(rest) : readTyped(line, breaks);
  const words = typed.words.slice(typed.words.findIndex(isProgram) + 1);
  const options = optionsAfter(words, typed.word, unpackVocabulary(kvxVocabulary));
  const told = options.map(({ label, detail }) => {
    if (shell !== 'bash') return detail === '' ? label : `${label}\t${detail}`;
    return label.startsWith(typed.word) ? inBash(label, typed) : '';
  });
  const lines = told.filter((each) => each !== '').map((each) => `${each}\n`);
  process.stdout.write(lines.join(''));
}

const alreadySplit = (all: readonly string[]): Typed => {
  return { words: ['kvx', ...all.slice(0, -1)], word: all.at(-1) ?? '', kept: 0, quote: '' };
};

/** In front of it may stand `LANG=C`, or words of the shell. */
const isProgram = (word: string): boolean =>
  !/^\w+=/.test(word) && !['and', 'or', 'not', 'time', 'command'].includes(word);

export { answer as main };
