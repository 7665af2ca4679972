/** kvx beside etcd and Redis: puts and gets of 100 bytes, three nodes each, durable. */
import { markdownTable, median, ratio, short } from './figures.js';
import { etcdSystem, isInstalled, kvxSystem, redisSystem } from './systems.js';

/** @typedef {import('./systems.js').Operation} Operation */
/** @typedef {import('./systems.js').Figures} Figures */
/** @typedef {import('./systems.js').System} System */

const shared = { keys: 10_000, valueBytes: 100 };
/** @type {Operation[]} */
const operations = ['put', 'get'];
const clientCounts = [1, 64, 256];
const loads = operations.flatMap((operation) =>
  clientCounts.map((clients) => ({ operation, clients })),
);
const nameOf = (/** @type {{ operation: string, clients: number }} */ { operation, clients }) =>
  `${operation}, ${clients}`;

/** A generator that is busier than this may be what was slow. */
const busyShareMax = 0.9;

/** @param {import('../bench.js').Setup} setup */
export async function peersTables({ folder, rounds, ms, says, isChosen }) {
  const peers = [
    ...((await isInstalled('etcd')) ? [etcdSystem(folder)] : []),
    ...((await isInstalled('redis-server')) ? [redisSystem(folder)] : []),
  ];
  const systems = [
    ...peers,
    ...['paxos', 'quorum', 'gossip', '2pc'].map((mode) =>
      kvxSystem(`kvx ${mode}`, folder, ['--mode', mode]),
    ),
    // As Redis is asked: all clients at one node, which tells the others.
    kvxSystem('kvx gossip, one asked', folder, ['--mode', 'gossip'], ['--node', 'n1']),
    kvxSystem('kvx paxos, processes', folder, ['--mode', 'paxos', '--runtime', 'processes']),
  ].filter(({ name }) => isChosen(name));
  /** By system and load: what was measured, round by round. @type {Map<string, Figures[]>} */
  const measured = new Map();
  for (let round = 1; round <= rounds; round++) {
    for (const system of systems) {
      says(`round ${round} of ${rounds}: ${system.name}`);
      await system.start();
      try {
        await system.fill({ ...shared, operation: 'put', clients: 256, ms });
        for (const load of loads) {
          const figures = await system.measure({ ...shared, ...load, ms });
          const name = `${system.name} ${nameOf(load)}`;
          measured.set(name, [...(measured.get(name) ?? []), figures]);
        }
      } finally {
        await system.stop();
      }
    }
  }
  return tablesOf(systems, measured);
}

/**
 * What kvx does worse than its peers, said as plainly as what it does better.
 * @param {System[]} systems
 * @param {(system: System, load: string, figure: 'perSecond' | 'p99') => number} medianOf
 */
function behindOf(systems, medianOf) {
  const ours = systems.filter(({ name }) => name.startsWith('kvx'));
  return systems
    .filter((system) => !ours.includes(system))
    .flatMap((peer) => {
      const worse = (/** @type {'perSecond' | 'p99'} */ figure) =>
        loads.map(nameOf).flatMap((load) => {
          const theirs = medianOf(peer, load, figure);
          const behind = ours.flatMap((system) => {
            const ratioOf = medianOf(system, load, figure) / theirs;
            const isWorse = figure === 'perSecond' ? ratioOf < 1 : ratioOf > 1;
            return isWorse ? [`${system.name.slice(4)} ${ratio(ratioOf, 1)}`] : [];
          });
          return behind.length === 0 ? [] : [`${load} (${behind.join('; ')})`];
        });
      const sentence = (/** @type {string} */ what, /** @type {string[]} */ where) =>
        `\n${what} ${peer.name}: ${where.length === 0 ? 'nowhere' : where.join(', ')}.`;
      return [
        sentence('Fewer operations a second than', worse('perSecond')),
        sentence('A higher p99 than', worse('p99')),
      ];
    });
}

/** @param {System[]} systems @param {Map<string, Figures[]>} measured */
function tablesOf(systems, measured) {
  const medianOf = (
    /** @type {System} */ system,
    /** @type {string} */ load,
    /** @type {'perSecond' | 'p50' | 'p99' | 'max'} */ figure,
  ) => median((measured.get(`${system.name} ${load}`) ?? []).map((each) => each[figure]));
  const names = loads.map(nameOf);
  const etcd = systems.find(({ name }) => name.startsWith('etcd'));
  const head = ['operation, clients', ...systems.map(({ name }) => name)];
  const rates = names.map((load) => [
    load,
    ...systems.map((system) => {
      const rate = medianOf(system, load, 'perSecond');
      const beside =
        etcd === undefined || etcd === system
          ? ''
          : ` (${ratio(rate, medianOf(etcd, load, 'perSecond'))})`;
      return `${short(rate)}${beside}`;
    }),
  ]);
  const latencies = names.map((load) => [
    load,
    ...systems.map((system) =>
      ['p50', 'p99', 'max']
        .map((figure) => short(medianOf(system, load, /** @type {'p50'} */ (figure))))
        .join(' / '),
    ),
  ]);
  const busiest = Math.max(...[...measured.values()].flat().map(({ busyShare }) => busyShare ?? 0));
  const isBound = busiest > busyShareMax ? ': where it was that busy, it may be what was slow' : '';
  return [
    `Operations a second${etcd === undefined ? '' : ', and beside etcd'}:\n`,
    markdownTable(head, rates),
    '\nLatency in ms, p50 / p99 / maximum (medians of the rounds, of the maxima, too):\n',
    markdownTable(head, latencies),
    ...behindOf(systems, medianOf),
    `\nThe busiest load generator was busy ${Math.round(100 * busiest)} % of the time${isBound}.`,
  ].join('\n');
}
