import { KvxError } from '../core/errors.js';

/** Where a setting comes from: a place in a file, a flag, the cluster's record. Shown as `source:line:column`. */
export interface Place {
  /** A file's name as the user gave it, or a flag such as `--replicas`. */
  readonly source: string;
  /** From 1; absent unless the source is a file. */
  readonly line?: number;
  readonly column?: number;
}

export interface Problem extends Place {
  readonly message: string;
}

export function formatPlace({ source, line, column }: Place): string {
  return line === undefined ? source : `${source}:${line}:${column}`;
}

/** No person reads more of them. */
const problemsShownMax = 20;

/** Everything that is wrong with a configuration or script, each with its place. Definite: nothing was done. */
export class ConfigError extends KvxError {
  /** The first of them. */
  readonly problems: readonly Problem[];

  /** `what` is wrong when there is more than one problem. */
  constructor(problems: readonly Problem[], what = 'the configuration') {
    const [first, ...more] = problems;
    const message =
      first === undefined || more.length > 0
        ? `${what} has ${problems.length} problems`
        : `${formatPlace(first)}: ${first.message}`;
    super(message, { code: 'config', definite: true });
    this.problems = problems.slice(0, problemsShownMax);
  }
}

/** Why a file can't be read, in a user's words. */
export function readProblem(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder, not a file';
  if (code === 'EACCES') return 'this user may not read it';
  return message;
}

/** One word of a configuration and what was said about it, wherever that was. */
export interface Setting {
  readonly name: string;
  /** Plain data: what YAML gives, or a flag's text. */
  readonly value: unknown;
  /** Where the name stands. */
  readonly namePlace: Place;
  /** Where the value stands, or the part of it that a path of indexes and keys leads to. */
  placeOf(path?: readonly (string | number)[]): Place;
}

export function flagSetting(name: string, value: unknown, flag: string): Setting {
  const place = { source: flag };
  return { name, value, namePlace: place, placeOf: () => place };
}

/** A module of somebody's own is named as seen from the file that names it; `source` without a slash: the working folder. */
export function withModuleBeside(source: string, setting: Setting): Setting {
  const { name, value } = setting;
  if (name !== 'mode' || typeof value !== 'string' || !/^\.{1,2}\//.test(value)) return setting;
  return { ...setting, value: source.slice(0, source.lastIndexOf('/') + 1) + value };
}
