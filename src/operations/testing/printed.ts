import { vi } from 'vitest';
import { layOut } from '../../render/lay-out.js';
import { Given } from '../given.js';
import type { OperationOutcome } from '../operation.js';

/** What is printed for people: results, and notes. */
export function printed(outcome: OperationOutcome, width = 80, flags: readonly string[] = []) {
  const said = new Map(flags.map((flag) => [flag, []]));
  const given = new Given({ flags: [] }, { args: new Map(), flags: said });
  vi.stubEnv('COLUMNS', String(width));
  try {
    const { out, notes } = layOut(outcome.page({ width, given, where: 'command line' }));
    return { out: out.map(String).join(''), notes: notes.map((note) => `${note}\n`).join('') };
  } finally {
    vi.unstubAllEnvs();
  }
}
