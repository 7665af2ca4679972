import { cs380d } from './cs380d.js';
import { cs425 } from './cs425.js';
import { runLines, type Stage, type Vocabulary } from './dialect.js';
import type { DialectName } from './words.js';

export async function vocabularyOf(name: DialectName, stage: Stage): Promise<Vocabulary> {
  switch (name) {
    case 'cs380d':
      return cs380d(stage);
    case 'cs425':
      return cs425(stage);
  }
}

/** Runs a coursework script to its end: what is wrong with a line is said on standard error, and the next one follows. */
export async function runDialect(
  name: DialectName,
  lines: AsyncIterable<string>,
  stage: Stage,
): Promise<void> {
  await runLines(lines, await vocabularyOf(name, stage), stage);
}
