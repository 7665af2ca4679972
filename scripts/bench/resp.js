/** `redis-benchmark` against one node of kvx, and against Redis: what one and the same client gets of each. */
import { markdownTable, median, ratio, short } from './figures.js';
import { isInstalled, kvxRespSystem, redisSystem } from './systems.js';

const shared = { keys: 10_000, valueBytes: 100 };
const loads = /** @type {const} */ (['put', 'get']).flatMap((operation) =>
  [
    { operation, clients: 64, pipeline: 1 },
    { operation, clients: 64, pipeline: 16 },
    { operation, clients: 256, pipeline: 1 },
  ].map((load) => ({ ...load, operation })),
);
/** The words that measure it. @param {typeof loads[number]} load */
const nameOf = ({ operation, clients, pipeline }) =>
  `\`-t ${operation === 'put' ? 'set' : 'get'} -c ${clients} -P ${pipeline}\``;

/** @param {import('../bench.js').Setup} setup */
export async function respTables({ folder, rounds, ms, says, isChosen }) {
  if (!(await isInstalled('redis-server'))) {
    return 'Not measured: on Debian, `apt-get install redis-server` installs what it is measured with.';
  }
  const redis = redisSystem(folder);
  const kvxOf = (/** @type {string} */ name, /** @type {string[]} */ ...flags) =>
    kvxRespSystem(name, folder, flags);
  const systems = [
    redis,
    kvxOf('paxos', '--mode', 'paxos', '--priority', 'n1'),
    kvxOf('paxos, reads local', '--mode', 'paxos', '--priority', 'n1', '--read', 'local'),
    kvxOf('quorum', '--mode', 'quorum'),
    kvxOf('gossip', '--mode', 'gossip'),
    kvxOf('2pc', '--mode', '2pc'),
  ].filter((system) => system === redis || isChosen(system.name));
  /** By system and load: what was measured, round by round. @type {Map<string, import('./systems.js').Figures[]>} */
  const measured = new Map();
  for (let round = 1; round <= rounds; round++) {
    for (const system of systems) {
      says(`round ${round} of ${rounds}: redis-benchmark on ${system.name}`);
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
  const medianOf = (
    /** @type {string} */ system,
    /** @type {string} */ load,
    /** @type {'perSecond' | 'p99'} */ figure,
  ) => median((measured.get(`${system} ${load}`) ?? []).map((each) => each[figure]));
  const tableOf = (/** @type {'perSecond' | 'p99'} */ figure) =>
    markdownTable(
      ['redis-benchmark', ...systems.map(({ name }) => name)],
      loads.map(nameOf).map((load) => [
        load,
        ...systems.map(({ name }) => {
          const value = medianOf(name, load, figure);
          if (name === redis.name) return short(value);
          return `${short(value)} (${ratio(value, medianOf(redis.name, load, figure))})`;
        }),
      ]),
    );
  return [
    'Operations a second through one node of three, and beside Redis:\n',
    tableOf('perSecond'),
    '\np99 in ms:\n',
    tableOf('p99'),
    '\nKeys: 10,000; values: 100 bytes (`-r 10000 -d 100`). n1 leads in mode paxos.',
  ].join('\n');
}
