import { oneLine } from '../core/show.js';
import { replayWords, type ShrunkFailure } from './shrink.js';

/** A Vitest file that runs the scenario `NAME.kvx` beside it. It fails until the mistake is mended. */
export function testTextOf(
  name: string,
  { seed, sentence }: Pick<ShrunkFailure, 'seed' | 'sentence'>,
  bug: string | undefined,
): string {
  const words = replayWords(`${name}.kvx`, seed, bug);
  return `import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test(${JSON.stringify(oneLine(sentence, 200))}, () => {
  const options = { cwd: import.meta.dirname, encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync('kvx', ${JSON.stringify(words)}, options);
  expect(status, stderr).toBe(0);
});
`;
}
