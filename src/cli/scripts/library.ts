/** The scenarios that come with kvx, by name; and which scripts somebody means who names files, folders or scenarios. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../config/problem.js';
import { didYouMean } from '../../core/suggest.js';
import { insideImage, readShipped, shippedIn } from '../../node/shipped.js';

const ending = '.kvx';

export interface Scenario {
  readonly name: string;
  readonly path: string;
  /** Its first line. */
  readonly title: string;
}

export interface ScriptFile {
  /** A path; `-`: standard input. */
  readonly file: string;
  /** What messages call it. */
  readonly source: string;
}

export function scenariosIn(folder: string): Scenario[] {
  return scriptsIn(folder).map((file) => {
    const path = join(folder, file);
    const [first = ''] = readShipped(path).split('\n', 1);
    return { name: file.slice(0, -ending.length), path, title: first.replace(/^#\s*/, '').trim() };
  });
}

const scriptsIn = (folder: string): string[] =>
  shippedIn(folder)
    .filter((file) => file.endsWith(ending))
    .sort();

const isThere = (path: string): boolean => insideImage(path) !== null || existsSync(path);

/**
 * The files of what was named: `-` is standard input, a folder stands for the scripts in it, and a name that is no file's
 * for the scenario in `library`; `others`: what else could be meant by one. Throws `config` for what is none of these.
 */
export function filesOf(
  named: readonly string[],
  library: string,
  others: readonly string[] = [],
): ScriptFile[] {
  if (named.length === 0) return [{ file: '-', source: 'standard input' }];
  return named.flatMap((name) => {
    if (name === '-') return [{ file: name, source: 'standard input' }];
    const isFile =
      insideImage(name) !== null || (existsSync(name) && !statSync(name).isDirectory());
    if (isFile) return [{ file: name, source: name }];
    const scenario = join(library, name.endsWith(ending) ? name : `${name}${ending}`);
    if (!/^[./]/.test(name) && isThere(scenario)) return [{ file: scenario, source: name }];
    if (!existsSync(name)) throw unknownScript(name, library, others);
    const scripts = scriptsIn(name).map((file) => join(name, file));
    if (scripts.length > 0) return scripts.map((file) => ({ file, source: file }));
    throw new ConfigError([{ source: name, message: `there is no ${ending} file in this folder` }]);
  });
}

function unknownScript(name: string, library: string, others: readonly string[]): ConfigError {
  const known = ['', 'zoo/'].flatMap((folder) => {
    const path = join(library, folder);
    return isThere(path) ? scenariosIn(path).map((each) => folder + each.name) : [];
  });
  const question = didYouMean(name, [...others, ...known]);
  const list = question === '' ? '; `kvx run --list` shows the scenarios' : '';
  const message = `there is no such file, and no scenario of this name${question}${list}`;
  return new ConfigError([{ source: name, message }]);
}
