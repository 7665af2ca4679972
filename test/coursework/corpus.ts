/** The scripts beside this file: what is typed, what must be printed, and which lines are answered with an error. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CorpusScript {
  readonly name: string;
  readonly text: string;
  readonly expected: string;
  readonly failedLines: readonly number[];
}

export function corpusOf(dialect: string): readonly CorpusScript[] {
  const folder = join(import.meta.dirname, dialect);
  const files = readdirSync(folder);
  const names = files.filter((file) => file.endsWith('.txt')).map((file) => file.slice(0, -4));
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  return names.sort().map((name) => {
    const errors = files.includes(`${name}.errors`) ? read(`${name}.errors`) : '';
    return {
      name,
      text: read(`${name}.txt`),
      expected: read(`${name}.expected`),
      failedLines: errors.split('\n').filter(Boolean).map(Number),
    };
  });
}
