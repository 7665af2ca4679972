/** What is in a folder of submissions: each a folder with scripts, or with a program that is given the same scripts as all others. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { usageError } from '../../core/errors.js';
import { show } from '../../core/show.js';

export interface GradedScript {
  /** Of its file, without `.txt`. */
  readonly name: string;
  readonly text: string;
  /** What is said to be printed; `null`: there is no such file. */
  readonly output: string | null;
}

export interface Submission {
  readonly name: string;
  readonly folder: string;
  readonly scripts: readonly GradedScript[];
}

const scriptEnd = '.txt';
/** Of `lost.txt` beside it: what it must print, or did print. */
const outputEnds = ['.expected', '.out'];
/** A script, or what it prints. */
const bytesMax = 4 * 1024 * 1024;

/**
 * In order of names. `scriptsFolder` of `null`: each has its own scripts. Throws `usage` when there is nothing to grade.
 */
export function submissionsIn(folder: string, scriptsFolder: string | null): readonly Submission[] {
  const root = resolve(folder);
  const common = scriptsFolder === null ? null : scriptsIn(scriptsFolder);
  const own = common === null ? scriptsIn(root) : [];
  if (own.length > 0) return [{ name: basename(root), folder: root, scripts: own }];
  const inside = entriesOf(root).filter((name) => statSync(join(root, name)).isDirectory());
  const all = inside.map((name) => ({
    name,
    folder: join(root, name),
    scripts: common ?? scriptsIn(join(root, name)),
  }));
  const graded = all.filter(({ scripts }) => scripts.length > 0);
  if (graded.length > 0) return graded;
  if (common !== null && common.length === 0) {
    throw usageError(`no scripts in ${show(scriptsFolder)}: their names end with ${scriptEnd}`);
  }
  const hint = `A submission is a folder with scripts NAME${scriptEnd} and what they print, NAME${outputEnds.join(' or NAME')}.`;
  throw usageError(`no submissions in ${show(folder)}`, hint);
}

function scriptsIn(folder: string): readonly GradedScript[] {
  const names = entriesOf(folder);
  return names
    .filter((name) => name.endsWith(scriptEnd))
    .map((file) => {
      const name = file.slice(0, -scriptEnd.length);
      const output = outputEnds.map((end) => name + end).find((each) => names.includes(each));
      const text = textIn(join(folder, file));
      return { name, text, output: output === undefined ? null : textIn(join(folder, output)) };
    });
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    throw usageError(`${show(folder)} can't be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function textIn(file: string): string {
  const { size } = statSync(file);
  if (size <= bytesMax) return readFileSync(file, 'utf8');
  throw usageError(`${show(file)} has ${size} bytes; at most ${bytesMax} are graded`);
}
