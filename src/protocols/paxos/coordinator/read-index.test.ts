/** Reads: what each level promises, and by which rules of Ongaro's thesis, section 6.4. */
import { describe, expect, test } from 'vitest';
import { get, put, valueRead } from '../../testing/operations.js';
import { type Flight, PaxosCluster } from '../testing/cluster.js';

const nodes = ['n1', 'n2', 'n3'];
const cut =
  (node: string) =>
  ({ from, to }: Flight) =>
    from !== node && to !== node;

function withValue(value: string): PaxosCluster {
  const cluster = PaxosCluster.elected({ nodes });
  cluster.request('n3', put('a', value));
  cluster.run(100);
  return cluster;
}

describe('a linearizable read', () => {
  test('"waits for acknowledgments from a majority of the cluster" before it is answered', () => {
    const cluster = withValue('x');
    const read = cluster.request('n3', get('a'));
    expect(read.result).toBeNull();
    const probes = cluster.flights.filter(({ message }) => message.type === 'heartbeat');
    expect(probes).toHaveLength(1);
    cluster.deliver(...probes);
    expect(read.result).toBeNull();
    cluster.deliverAll(({ message }) => message.type === 'alive');
    expect(valueRead(read.result)).toBe('x');
  });

  test('an old acknowledgement does not count: the heartbeat must have left after the question', () => {
    const cluster = withValue('x');
    const first = cluster.request('n3', get('a'));
    const early = cluster.flights.filter(({ message }) => message.type === 'heartbeat');
    for (const flight of early) cluster.deliver(flight);
    const second = cluster.request('n3', get('a'));
    cluster.deliverAll(({ message }) => message.type === 'alive');
    expect(valueRead(first.result)).toBe('x');
    expect(second.result).toBeNull();
    cluster.run(10);
    expect(valueRead(second.result)).toBe('x');
  });

  test('is not answered by a coordinator that was deposed without its knowing', () => {
    const cluster = withValue('old');
    // n3 is stopped; meanwhile n2 leads and writes.
    cluster.apply({ do: 'pause', node: 'n3' });
    cluster.runUntil(() => cluster.view('n2').role === 'leader', 3000, cut('n3'));
    const write = cluster.request('n2', put('a', 'new'));
    cluster.run(10, cut('n3'));
    expect(write.result?.type).toBe('done');
    cluster.apply({ do: 'resume', node: 'n3' });
    expect(cluster.view('n3').role).toBe('leader');
    const stale = cluster.request('n3', get('a'), { level: 'leader' });
    const fresh = cluster.request('n3', get('a'), { level: 'linearizable' });
    expect(valueRead(stale.result)).toBe('old');
    expect(fresh.result).toBeNull();
    cluster.run(3000);
    expect(valueRead(fresh.result)).toBe('new');
  });

  test('"must have committed an entry in its own term": a new coordinator first learns what was chosen before it', () => {
    const cluster = PaxosCluster.elected({ nodes });
    // Chosen by n3 and n2, acknowledged to the client; n2 has accepted it, but not heard that it is chosen.
    const write = cluster.request('n3', put('a', 'x'));
    cluster.deliverAll(({ message, to }) => message.type === 'accept' && to === 'n2');
    cluster.deliverAll(({ message, to }) => message.type === 'accepted' && to === 'n3');
    expect(write.result?.type).toBe('done');
    cluster.take(() => true);
    cluster.crash('n3');
    // n2 comes to lead, but nobody accepts anything of it yet.
    const withoutAccepts = (flight: Flight) => flight.message.type !== 'accept';
    cluster.runUntil(() => cluster.leaders.at(-1) === 'n2', 3000, withoutAccepts);
    const reads = [
      cluster.request('n2', get('a')),
      cluster.request('n2', get('a'), { level: 'leader' }),
      cluster.request('n1', get('a')),
    ];
    cluster.run(300, withoutAccepts);
    expect(reads.map(({ result }) => result)).toEqual([null, null, null]);
    cluster.run(300);
    expect(reads.map(({ result }) => valueRead(result))).toEqual(['x', 'x', 'x']);
  });

  test('costs no log entry, and all reads of a turn share one round of heartbeats', () => {
    const cluster = withValue('x');
    const before = cluster.fact('n3', 'applied');
    let probes = 0;
    cluster.onSend = ({ message }) => {
      if (message.type === 'heartbeat') probes++;
    };
    cluster.apply({ do: 'pause', node: 'n3' });
    for (let at = 0; at < 500; at++) cluster.request('n3', get('a'));
    cluster.apply({ do: 'resume', node: 'n3' });
    expect(probes).toBe(1);
    expect(cluster.fact('n3', 'applied')).toBe(before);
  });

  test('at a follower: the follower asks for the slot, waits until it has executed it, and reads its own state', () => {
    const cluster = withValue('x');
    const toOthers = ({ to }: Flight) => to !== 'n1';
    const write = cluster.request('n3', put('a', 'y'));
    cluster.deliverAll(toOthers);
    expect(write.result?.type).toBe('done');
    const late = cluster.flights.filter(({ to }) => to === 'n1');
    cluster.take(() => true);
    const read = cluster.request('n1', get('a'));
    cluster.deliverAll(({ message }) => message.type !== 'learn');
    expect(read.result).toBeNull();
    for (const { from, to, message } of late) cluster.forge(from, to, message);
    expect(valueRead(read.result)).toBe('y');
  });

  test('without a majority nothing is answered but errors: unavailable and definite once nobody coordinates', () => {
    const cluster = withValue('x');
    cluster.run(3000, () => false);
    const read = cluster.request('n3', get('a'));
    const write = cluster.request('n1', put('a', 'y'));
    cluster.run(6000, () => false);
    for (const { result } of [read, write]) {
      expect(result).toMatchObject({ type: 'error', code: 'unavailable', definite: true });
    }
  });
});

/** A read at the coordinator, and whom that asks at once. */
function askedBy(cluster: PaxosCluster) {
  const asked: string[] = [];
  cluster.onSend = ({ to, message }) => {
    if (message.type === 'heartbeat') asked.push(to);
  };
  const read = cluster.request('n3', get('a'));
  cluster.onSend = () => {};
  return { read, asked };
}

describe('a linearizable read asks a majority only ("thrifty": Moraru et al. 2013)', () => {
  test('of five nodes two others, and goes on when just these answer', () => {
    const cluster = PaxosCluster.elected({ nodes: ['n1', 'n2', 'n3', 'n4', 'n5'] });
    const read = cluster.request('n5', get('a'));
    const probes = cluster.flights.filter(({ message }) => message.type === 'heartbeat');
    expect(probes).toHaveLength(2);
    cluster.deliver(probes[0] as Flight);
    cluster.deliverAll(({ message }) => message.type === 'alive');
    expect(read.result).toBeNull();
    cluster.deliver(probes[1] as Flight);
    cluster.deliverAll(({ message }) => message.type === 'alive');
    expect(read.result?.type).toBe('value');
  });

  test('who hangs costs one read about 10 ms; those after it ask others', () => {
    const cluster = withValue('x');
    const { read, asked } = askedBy(cluster);
    const hung = asked[0] as string;
    cluster.apply({ do: 'pause', node: hung });
    cluster.run(9);
    expect(read.result).toBeNull();
    cluster.run(2);
    expect(valueRead(read.result)).toBe('x');
    const next = askedBy(cluster);
    expect(next.asked).toHaveLength(1);
    expect(next.asked).not.toContain(hung);
    cluster.run(0);
    expect(valueRead(next.read.result)).toBe('x');
  });

  test('who answers soonest is asked', () => {
    for (const slow of ['n1', 'n2']) {
      const cluster = withValue('x');
      cluster.fate = ({ from, to }) => [from === slow || to === slow ? 5 : 1];
      cluster.wait(100);
      expect(askedBy(cluster).asked).not.toContain(slow);
    }
  });
});

describe('a follower asks', () => {
  test('and has confirmed by that: of three nodes nobody else is asked', () => {
    const cluster = withValue('x');
    const sent: string[] = [];
    cluster.onSend = ({ message }) => sent.push(message.type);
    const read = cluster.request('n1', get('a'));
    cluster.deliverAll();
    expect(valueRead(read.result)).toBe('x');
    expect(sent).toEqual(['read-index', 'read-at']);
  });

  test('among five nodes one more must confirm', () => {
    const cluster = PaxosCluster.elected({ nodes: ['n1', 'n2', 'n3', 'n4', 'n5'] });
    cluster.request('n1', get('a'));
    cluster.deliverAll(({ message }) => message.type === 'read-index');
    expect(cluster.flights.map(({ message }) => message.type)).toContain('heartbeat');
  });

  test('"hasn\'t been superseded": who has promised somebody newer has confirmed nothing', () => {
    const cluster = withValue('x');
    const newer = { round: 9, node: 'n2' };
    cluster.forge('n1', 'n3', { type: 'read-index', number: 1, confirmed: true, promised: newer });
    expect(cluster.flights.map(({ message }) => message.type)).toEqual(['heartbeat']);
  });

  test('all hear a heartbeat when somebody waits to hear what is chosen', () => {
    const cluster = withValue('x');
    const write = cluster.request('n3', put('a', 'y'));
    cluster.deliverAll(({ message, to }) => message.type === 'accept' && to === 'n2');
    cluster.deliverAll(({ message, to }) => message.type === 'accepted' && to === 'n3');
    expect(write.result?.type).toBe('done');
    cluster.take(() => true);
    cluster.request('n1', get('a'));
    cluster.deliverAll(({ message }) => message.type === 'read-index');
    expect(cluster.flights.map(({ message, to }) => [message.type, to])).toEqual([
      ['read-at', 'n1'],
      ['heartbeat', 'n1'],
      ['heartbeat', 'n2'],
    ]);
  });
});

describe('the other levels', () => {
  test('`local` reads this replica, connected or not', () => {
    const cluster = withValue('x');
    cluster.run(3000, cut('n1'));
    const write = cluster.request('n3', put('a', 'y'));
    cluster.run(300, cut('n1'));
    expect(write.result?.type).toBe('done');
    expect(valueRead(cluster.request('n1', get('a'), { level: 'local' }).result)).toBe('x');
  });
});
