/** What is soon measured: one command beside an empty one, and deep pipelines. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { markdownTable, median, ratio, short } from './figures.js';
import { figuresOf, kvx, kvxBench, kvxSystem } from './systems.js';

const kvxScript = join(import.meta.dirname, '../../bin/run.js');

/** @param {import('../bench.js').Setup} setup */
export async function oneShotTable({ folder, rounds, says }) {
  says('one command beside an empty one');
  const system = kvxSystem('one-shot', folder, ['--mode', 'paxos']);
  const home = join(folder, 'one-shot');
  const env = { ...process.env, KVX_HOME: home };
  const msOf = (/** @type {string[]} */ words) => {
    const begun = performance.now();
    const { status } = spawnSync(process.execPath, words, { env, stdio: 'ignore' });
    if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}`);
    return performance.now() - begun;
  };
  await system.start();
  try {
    await kvx(home, ['put', 'k', 'v']);
    /** @type {{ empty: number[], get: number[] }} */
    const { empty, get } = { empty: [], get: [] };
    for (let round = 0; round < rounds * 5; round++) {
      empty.push(msOf(['-e', '0']));
      get.push(msOf([kvxScript, 'get', 'k']));
    }
    const [emptyMs, getMs] = [median(empty), median(get)];
    return markdownTable(
      ['command', 'ms', 'beside `node -e 0`'],
      [
        ['`node -e 0`', short(emptyMs), '1'],
        ['`kvx get`', short(getMs), ratio(getMs, emptyMs)],
      ],
    );
  } finally {
    await system.stop();
  }
}

/** @param {import('../bench.js').Setup} setup */
export async function pipelineTable({ folder, rounds, ms, says }) {
  says('pipelines');
  const system = kvxSystem('pipeline', folder, ['--mode', 'gossip']);
  const home = join(folder, 'pipeline');
  await system.start();
  try {
    const loads = ['put', 'get'].flatMap((operation) =>
      [1, 64].map((clients) => ({ operation, clients })),
    );
    /** @type {import('./systems.js').Figures[][]} */
    const measured = loads.map(() => []);
    await system.fill({ operation: 'put', clients: 256, ms, keys: 10_000, valueBytes: 100 });
    for (let round = 0; round < rounds; round++) {
      for (const [at, { operation, clients }] of loads.entries()) {
        const mix = ['--reads', operation === 'get' ? '100%' : '0%', '--keys', '10000'];
        const how = ['--clients', `${clients}`, '--pipeline', '16', '--node', 'n1'];
        const times = ['--duration', `${ms}ms`, '--warm-up', '2s'];
        measured[at]?.push(figuresOf(await kvxBench(home, [...mix, ...how, ...times])));
      }
    }
    const rows = loads.map(({ operation, clients }, at) => {
      const of = (/** @type {'perSecond' | 'p50' | 'p99' | 'busyShare'} */ name) =>
        median((measured[at] ?? []).map((each) => each[name] ?? 0));
      const figures = [short(of('perSecond')), short(of('p50')), short(of('p99'))];
      return [
        `${operation}, ${clients} × 16`,
        ...figures,
        `${Math.round(100 * of('busyShare'))} %`,
      ];
    });
    const head = [
      'through one connection, gossip',
      'a second',
      'p50 ms',
      'p99 ms',
      'generator busy',
    ];
    return markdownTable(head, rows);
  } finally {
    await system.stop();
  }
}
