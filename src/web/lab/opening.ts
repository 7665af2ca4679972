/** What the page begins with: a link, a scenario that the command line has put into it, or one that teaches. */
import type { RunKey } from '../../lab/recording.js';
import { bugs } from '../../zoo/bugs.js';

export interface NamedRun {
  readonly name: string;
  readonly key: RunKey;
}

/** Seed and bug as the scenario's own comment says them: `# kvx run FILE --runtime sim --seed 7 --bug NAME`. */
export function runNamedIn(scenario: string): {
  readonly seed: number;
  readonly bug: string | null;
} {
  const line = /^#\s*kvx run\b.*$/gm.exec(scenario)?.[0] ?? '';
  const seed = Number(/\s--seed[ =](\d+)/.exec(line)?.[1] ?? 1);
  const bug = /\s--bug[ =]([\w-]+)/.exec(line)?.[1];
  const isKnown = bugs.some(({ name }) => name === bug);
  return { seed, bug: bug !== undefined && isKnown ? bug : null };
}

/** What `kvx lab` has written into the page (src/cli/programs/lab.ts); `null`: nothing. */
export function openingIn(text: string | null): NamedRun | null {
  if (text === null) return null;
  const { name, scenario, seed, bug } = JSON.parse(text) as {
    readonly name: string;
    readonly scenario: string;
    readonly seed?: number;
    readonly bug?: string;
  };
  const said = runNamedIn(scenario);
  return { name, key: { scenario, seed: seed ?? said.seed, bug: bug ?? said.bug } };
}
