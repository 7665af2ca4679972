/**
 * The scripts of test/coursework on every runtime. Each prints exactly what the rules say, whatever gossip does meanwhile.
 * `node test/coursework/repeat.js 50` does it 50 times.
 */
import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Arena } from '../../src/scenario/arena.js';
import { failedLinesOf, perform } from '../../src/scenario/dialects/testing/stage.js';
import { RealArena } from '../../src/scenario/real-arena.js';
import { SimArena } from '../../src/scenario/sim-arena.js';
import { type CorpusScript, corpusOf } from '../coursework/corpus.js';

const rounds = Number(process.env['COURSEWORK_ROUNDS'] ?? '1');
const only = process.env['COURSEWORK_RUNTIME'];
const seedsPerRound = 5;

const scripts = corpusOf('cs380d');
/** In the everyday tests, real nodes run some of them; processes take longest to start. */
const everyNth = (nth: number): readonly CorpusScript[] =>
  rounds > 1 || only !== undefined ? scripts : scripts.filter((_, at) => at % nth === 0);

let root: string;
const saved = { ...process.env };
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'kvx-'));
  process.env['KVX_HOME'] = join(root, 'home');
  process.env['XDG_RUNTIME_DIR'] = join(root, 'run');
});
afterAll(() => {
  process.env = saved;
  rmSync(root, { recursive: true, force: true });
});

const { signal } = new AbortController();
setMaxListeners(0, signal);

async function check(script: CorpusScript, arena: Arena): Promise<void> {
  const said = await perform('cs380d', script.text, arena);
  expect(
    { out: said.out, failedLines: failedLinesOf(said) },
    `${script.name} said\n${said.errors.join('\n')}`,
  ).toEqual({ out: script.expected, failedLines: script.failedLines });
}

const minutes = 60_000 * Math.max(1, rounds);
const runs = Array.from({ length: rounds }, (_, round) => round);

describe.skipIf(only !== undefined && only !== 'sim')('in the simulator', () => {
  it.each(scripts)(
    '$name',
    async (script) => {
      for (const round of runs) {
        for (let nth = 0; nth < seedsPerRound; nth++) {
          await check(script, new SimArena({ seed: round * seedsPerRound + nth + 1 }));
        }
      }
    },
    minutes,
  );
});

describe.skipIf(only !== undefined && only !== 'threads')('on threads', () => {
  it.concurrent.each(everyNth(2))(
    '$name',
    async (script) => {
      for (const _ of runs) await check(script, new RealArena('threads', signal));
    },
    minutes,
  );
});

describe.skipIf(only !== undefined && only !== 'processes')('on processes', () => {
  it.concurrent.each(everyNth(4))(
    '$name',
    async (script) => {
      for (const _ of runs) await check(script, new RealArena('processes', signal));
    },
    minutes,
  );
});
