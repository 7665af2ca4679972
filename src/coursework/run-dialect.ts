import { outputWidth } from '../render/output.js';
import { Cs380d } from './cs380d.js';
import { Cs425 } from './cs425.js';
import { type DialectContext, dialectHelp, runLines, type Vocabulary } from './dialect.js';
import { type DialectName, leavingWords, wordsIn } from './words.js';

export async function vocabularyOf(
  name: DialectName,
  context: DialectContext,
): Promise<Vocabulary> {
  if (name === 'cs380d') return new Cs380d(context);
  if (context.target.spec === null) await context.target.up(context.spec);
  return new Cs425(context);
}

/**
 * Runs a coursework script to its end: what is wrong with a line is said on standard error, and the next one follows.
 * `asShell`: it is typed, or piped, into a shell.
 */
export async function runDialect(
  name: DialectName,
  lines: AsyncIterable<string>,
  context: DialectContext,
  asShell = false,
): Promise<void> {
  const vocabulary = await vocabularyOf(name, context);
  const commands = asShell ? withoutShellWords(lines, vocabulary, context) : lines;
  await runLines(commands, vocabulary, context);
}

/** A shell has two words of its own, `help` and `exit`, whoever types. An empty line stands where `help` stood. */
async function* withoutShellWords(
  lines: AsyncIterable<string>,
  vocabulary: Vocabulary,
  { out }: Pick<DialectContext, 'out'>,
): AsyncGenerator<string> {
  for await (const line of lines) {
    const [first = '', topic] = wordsIn(line);
    if (leavingWords.has(first)) return;
    if (first === 'help') out(dialectHelp(topic, vocabulary, outputWidth()));
    yield first === 'help' ? '' : line;
  }
}
