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

/** Everything that is wrong with a configuration, each with its place. Definite: nothing was started. */
export class ConfigError extends KvxError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const [first, ...more] = problems;
    const message =
      first === undefined || more.length > 0
        ? `the configuration has ${problems.length} problems`
        : `${formatPlace(first)}: ${first.message}`;
    super(message, { code: 'config', definite: true });
    this.problems = problems;
  }
}
