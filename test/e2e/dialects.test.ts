/**
 * The scripts of test/coursework on every runtime. Each prints exactly what the rules say, whatever gossip does meanwhile.
 * `node test/coursework/repeat.js 50` does it 50 times.
 */
import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import { choiceSeed } from '../../src/coursework/cs380d.js';
import { failedLinesOf, perform } from '../../src/coursework/testing/context.js';
import { ownTarget } from '../../src/targets/local.js';
import { SimTarget } from '../../src/targets/sim.js';
import type { Target } from '../../src/targets/target.js';
import { type CorpusScript, corpusOf } from '../coursework/corpus.js';
import { randomScript } from '../coursework/random-script.js';
import { printedBy } from '../coursework/rules.js';

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

async function check(script: CorpusScript, target: Target): Promise<void> {
  const said = await perform('cs380d', script.text, target);
  expect(
    { out: said.out, failedLines: failedLinesOf(said) },
    `${script.name} said\n${said.errors.join('\n')}`,
  ).toEqual({ out: script.expected, failedLines: script.failedLines });
}

const minutes = 60_000 * Math.max(1, rounds);
const runs = Array.from({ length: rounds }, (_, round) => round);

/** They print what the model of the rules prints when nothing spreads between lines, which nothing does. */
async function checkRandom(target: () => Target, seed: number): Promise<void> {
  const text = randomScript(new SeededRandom(seed), 40);
  const choices = new SeededRandom(choiceSeed);
  const freedom = { gossip: 0, tickOnReceive: false, clientCarries: 'key' } as const;
  const { out, failedLines } = printedBy(text, freedom, () => choices.next());
  await check({ name: `random ${seed}`, text, expected: out, failedLines }, target());
}

describe.skipIf(rounds === 1)('random scripts', () => {
  it.each(['threads', 'processes'] as const)(
    'on %s',
    async (runtime) => {
      if (only !== undefined && only !== runtime) return;
      for (const round of runs) await checkRandom(() => ownTarget(runtime, signal), round);
    },
    minutes,
  );
});

describe.skipIf(only !== undefined && only !== 'sim')('in the simulator', () => {
  it.each(scripts)(
    '$name',
    async (script) => {
      for (const round of runs) {
        for (let nth = 0; nth < seedsPerRound; nth++) {
          await check(
            script,
            new SimTarget({ afterPromises: setImmediate, seed: round * seedsPerRound + nth + 1 }),
          );
        }
      }
    },
    minutes,
  );
});

describe.skipIf(only !== undefined && only !== 'threads')('on threads', () => {
  it.concurrent.each(everyNth(4))(
    '$name',
    async (script) => {
      for (const _ of runs) await check(script, ownTarget('threads', signal));
    },
    minutes,
  );
});

describe.skipIf(only !== undefined && only !== 'processes')('on processes', () => {
  it.concurrent.each(everyNth(8))(
    '$name',
    async (script) => {
      for (const _ of runs) await check(script, ownTarget('processes', signal));
    },
    minutes,
  );
});
