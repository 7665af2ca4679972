/** Small histories with a verdict on every model: `name.jsonl`, and beside it `name.md` that says why. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelName, Verdict } from '../../src/check/index.js';

export interface Example {
  readonly name: string;
  readonly file: string;
  /** From the table of its page. */
  readonly verdicts: readonly (readonly [model: ModelName, verdict: Verdict, why: string])[];
}

const folder = import.meta.dirname;

export function examples(): Example[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length))
    .map((name) => ({ name, file: join(folder, `${name}.jsonl`), verdicts: verdictsOf(name) }));
}

function verdictsOf(name: string): Example['verdicts'] {
  const page = readFileSync(join(folder, `${name}.md`), 'utf8');
  const row = /^\| ([\w-]+) \| (holds|violated|unknown) \| (.*) \|$/gm;
  return [...page.matchAll(row)].map(
    ([, model, verdict, why]) => [model as ModelName, verdict as Verdict, why as string] as const,
  );
}
