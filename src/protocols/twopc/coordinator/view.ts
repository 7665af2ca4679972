import type { Millis } from '../../../core/ids.js';
import type { ReplicaView } from '../../../core/replica.js';
import type { Times } from '../options.js';
import type { Coordinator } from './coordinator.js';
import type { Member } from './pool.js';

/** Lines of `status` about single transactions; the count is always there. */
const shownMax = 16;

/** What `status`, `dump` and `verify` see of the coordinator: it decides, and holds no data. */
export function viewOf(coordinator: Coordinator, now: Millis, times: Times): ReplicaView {
  const { pool, transactions, queue } = coordinator;
  const isResponsive = (member: Member) => member.isResponsive(now, times);
  let owedByLive = 0;
  let comingBack = 0;
  for (const member of pool.members) {
    if (!isResponsive(member)) continue;
    owedByLive += member.unacknowledged.size;
    if (!member.inPool) comingBack += 1;
  }
  return {
    role: 'coordinator',
    keyCount: 0,
    unsettledCount: transactions.undecidedCount + queue.size + owedByLive + comingBack,
    suspects: [...pool.members].filter((member) => !isResponsive(member)).map(({ node }) => node),
    facts: factsOf(coordinator),
    lookup: () => undefined,
    entries: () => [],
    ownersOf: () => pool.voters.nodes,
  };
}

function factsOf(coordinator: Coordinator): (readonly [string, string | number])[] {
  const { pool, transactions, queue, reads, joins } = coordinator;
  const away = [...pool.members].filter((member) => !member.inPool).map(({ node }) => node);
  const facts: (readonly [string, string | number])[] = [
    ['pool', pool.voters.nodes.join(' ') || 'empty'],
  ];
  if (away.length > 0) facts.push(['out of the pool', away.join(' ')]);
  if (joins.current !== null) {
    const { joiner, source } = joins.current;
    facts.push(['catching up', `${joiner.node} from ${source.node}`]);
  }
  facts.push(
    ['undecided', transactions.undecidedCount],
    ['committed, not acknowledged by all', transactions.unacknowledgedCount],
    ['waiting to begin', queue.size],
    ['reads under way', reads.count],
  );
  let shown = 0;
  for (const [id, silent] of transactions.unacknowledged()) {
    shown += 1;
    if (shown > shownMax) break;
    facts.push([`committed ${id}`, `waits for the acknowledgement of ${silent.join(', ')}`]);
  }
  return facts;
}
