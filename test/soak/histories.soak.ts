/**
 * Histories of others, which are no part of the project: those in the folder that `KVX_HISTORIES` names. Each is read, or
 * refused with a reason; none takes long or fails otherwise. `verdicts.tsv` in the folder (file, model, `holds` or
 * `violated`, tabs between) says what is known of them: a history that is refused, or not decided, is told; a verdict that
 * is another fails. Public ones are Knossos' (data/), porcupine's (test_data/), Elle's and elle-cli's (histories/).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check, HistoryError, type ModelName, readHistory } from '../../src/check/index.js';

const folder = process.env['KVX_HISTORIES'];
const known = readVerdicts();

function readVerdicts(): ReadonlyMap<string, readonly [model: ModelName, verdict: string]> {
  const file = join(folder ?? '', 'verdicts.tsv');
  if (folder === undefined || !existsSync(file)) return new Map();
  const rows = readFileSync(file, 'utf8').trim().split('\n');
  return new Map(
    rows.map((row) => {
      const [name = '', model = '', verdict = ''] = row.split('\t');
      return [name, [model as ModelName, verdict]];
    }),
  );
}

const files =
  folder === undefined
    ? []
    : readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(edn|json|jsonl|log|txt|gz)$/.test(name))
        .sort();

async function verdictOn(name: string): Promise<string> {
  const [model] = known.get(name) ?? [];
  try {
    const history = await readHistory(join(folder ?? '', name), { name });
    const options = { timeoutMs: 20_000, ...(model === undefined ? {} : { models: [model] }) };
    const report = await check(history, options);
    return model === undefined ? 'read' : (report.models[0]?.verdict ?? 'unknown');
  } catch (error) {
    if (error instanceof HistoryError) return `refused: ${error.message}`;
    throw error;
  }
}

describe.skipIf(folder === undefined)('histories of others', () => {
  it('are judged right, or refused for a reason', async () => {
    const counts = new Map<string, number>();
    const wrong: string[] = [];
    for (const name of files) {
      const verdict = await verdictOn(name);
      const [model, expected] = known.get(name) ?? [];
      const isDecided = verdict === 'holds' || verdict === 'violated';
      if (isDecided && verdict !== expected) wrong.push(`${name}: ${model} ${verdict}`);
      const group = name.split('/').slice(0, -1).join('/');
      const outcome = isDecided ? (verdict === expected ? 'right' : 'WRONG') : verdict;
      if (outcome !== 'right') console.log(`${name}: ${outcome}`);
      const counted = `${group}: ${outcome.split(':')[0]}`;
      counts.set(counted, (counts.get(counted) ?? 0) + 1);
    }
    for (const [outcome, count] of counts) console.log(`${count}\t${outcome}`);
    expect(wrong).toEqual([]);
  });
});
