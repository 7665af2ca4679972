/**
 * How many seeds it takes to catch each bug of the zoo, with default options. `KVX_SEEDS`: how many are tried (2,000);
 * `KVX_BUGS`: which, by the beginnings of their names; `KVX_REWRITE=1`: writes the seeds down for test/sim/zoo.test.ts.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/explore/simulate.js';
import { bugs } from '../../src/zoo/bugs.js';
import { range } from '../sim/runs.js';
import { controls } from '../sim/zoo-controls.js';

const { KVX_SEEDS = '2000', KVX_BUGS = '', KVX_REWRITE } = process.env;
const file = new URL('../sim/zoo-seeds.json', import.meta.url);
const wanted = bugs.filter(({ name }) => KVX_BUGS.split(',').some((each) => name.startsWith(each)));

describe('the bug zoo', () => {
  it.each(wanted)('$name', ({ name, mode }) => {
    for (let seed = 1; seed <= Number(KVX_SEEDS); seed++) {
      const [violation] = simulate({ mode, seed, bug: name }).violations;
      if (violation === undefined) continue;
      const { check, message } = violation;
      console.log(`${name}: seed ${seed}, ${check}: ${message.split('\n')[0]?.slice(0, 240)}`);
      if (KVX_REWRITE === '1') {
        const seeds = { ...JSON.parse(readFileSync(file, 'utf8')), [name]: seed };
        const rows = bugs.flatMap((bug) =>
          bug.name in seeds ? [[bug.name, seeds[bug.name]]] : [],
        );
        writeFileSync(file, `${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`);
      }
      return;
    }
    expect.fail(`not caught in ${KVX_SEEDS} seeds`);
  });
});

describe('nothing is found in 200 seeds where', () => {
  it.each(controls)('$name: $mode', ({ run }) => {
    run(range(1, 200));
  });
});
