import type { Target } from '../../targets/target.js';
import type { DialectContext, DialectOptions } from '../dialect.js';
import { dialectSpec } from '../dialect-spec.js';
import { runDialect } from '../run-dialect.js';
import type { DialectName } from '../words.js';

export interface Said {
  readonly out: string;
  readonly errors: readonly string[];
}

/** Runs a script on a target, and closes that after it. */
export async function perform(
  name: DialectName,
  script: string,
  target: Target,
  options: Partial<DialectOptions> &
    Partial<Pick<DialectContext, 'spec'>> & { readonly gossip?: boolean } = {},
): Promise<Said> {
  const { delayUnit = 's', models = false, gossip = false } = options;
  const { spec = dialectSpec(name, [], gossip) } = options;
  let out = '';
  const errors: string[] = [];
  const context: DialectContext = {
    target,
    source: 'script',
    out: (text) => {
      out += text;
    },
    err: (line) => errors.push(line),
    signal: new AbortController().signal,
    spec,
    options: { delayUnit, models },
  };
  try {
    await runDialect(name, linesOf(script), context);
  } finally {
    await target.close();
  }
  return { out, errors };
}

export const failedLinesOf = ({ errors }: Said): number[] =>
  errors.map((line) => Number(/^script:(\d+): /.exec(line)?.[1]));

async function* linesOf(script: string): AsyncIterable<string> {
  yield* script.split('\n');
}
