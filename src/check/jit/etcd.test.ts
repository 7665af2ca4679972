import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readHistory } from '../../history/files/read-file.js';
import { unlimited } from '../budget.js';
import { splitByKey } from '../register/split.js';
import { jit } from '../register/testing/judge.js';
import { isLegalWitness } from '../register/witness.js';

/** See the README beside them. */
const folder = join(import.meta.dirname, '../../../test/histories/etcd');
const linearizable = [2, 5, 7, 18, 25, 31, 38, 45, 48, 49];

test('the recorded histories of etcd are judged as others have judged them', async () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.log'));
  const holding: number[] = [];
  for (const name of names) {
    const history = await readHistory(join(folder, name));
    const verdicts = splitByKey(history).map(({ register }) => {
      const verdict = jit(register, unlimited);
      if (verdict.type === 'holds') expect(isLegalWitness(register, verdict.witness)).toBe(true);
      if (verdict.type === 'violated') expect(verdict.core.length).toBeLessThanOrEqual(8);
      return verdict.type;
    });
    if (verdicts.every((type) => type === 'holds')) holding.push(Number(name.slice(5, 8)));
  }
  expect(names.length).toBe(50);
  expect(holding).toEqual(linearizable);
});
