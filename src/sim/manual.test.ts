/** The cluster that is moved by hand: nothing by itself, all by choices, and the same choices do the same. */
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../core/random.js';
import { noRules } from '../faults/link-rules.js';
import { parseModeOptions } from '../protocols/options.js';
import { modeNamed } from '../protocols/registry.js';
import { get, put, said } from '../protocols/testing/operations.js';
import { ManualCluster } from './manual.js';

function cluster(mode: string, nodes = ['n1', 'n2', 'n3']) {
  const { protocol } = modeNamed(mode);
  const options = parseModeOptions(mode, {}, nodes.length);
  return new ManualCluster({ protocol, options, nodes, seed: 3 });
}

/** Does what is open, one drawn at a time, with a crash now and then. */
function wander(mode: string, steps: number) {
  const manual = cluster(mode);
  const random = new SeededRandom(11);
  manual.startAll();
  for (let at = 0; at < steps; at++) {
    const { open, nodes } = manual;
    if (at % 10 === 0) manual.request(random.pick(nodes), put('k', `${at}`));
    else if (at % 47 === 0) manual.crash(random.pick(nodes), 'torn');
    else if (open.length > 0) manual.apply(random.pick(open));
    for (const node of nodes) if (!manual.isUp(node) && random.chance(0.1)) manual.start(node);
  }
  return manual;
}

describe('choices', () => {
  it.each(['2pc', 'paxos', 'quorum', 'gossip'])(
    'make the same cluster again, up to any point: %s',
    (mode) => {
      const manual = wander(mode, 300);
      expect(manual.rebuilt().world.trace.hash).toBe(manual.world.trace.hash);
      const half = manual.rebuilt(150);
      expect(half.choices).toEqual(manual.choices.slice(0, 150));
      expect(half.world.trace.hash).not.toBe(manual.world.trace.hash);
      for (const choice of manual.choices.slice(150)) half.apply(choice);
      expect(half.world.trace.hash).toBe(manual.world.trace.hash);
    },
  );

  it('that are open are the messages under way, the timers, and the syncs that wait', () => {
    const manual = cluster('paxos');
    manual.start('n1');
    manual.apply({ do: 'hold syncs', node: 'n2' });
    manual.start('n2');
    expect(manual.open).toEqual([
      ...manual.flights.map(({ id }) => ({ do: 'deliver', messages: [id] })),
      { do: 'fire', node: 'n1', timer: 'tick' },
      { do: 'fire', node: 'n2', timer: 'tick' },
      { do: 'sync', node: 'n2' },
    ]);
  });
});

describe('nothing happens by itself', () => {
  const written = () => {
    const manual = cluster('quorum');
    manual.startAll();
    manual.drop(...manual.flights);
    const ticket = manual.request('n1', put('k', 'v'));
    return { manual, ticket };
  };

  it('a message waits, is delivered once, twice or never', () => {
    const { manual, ticket } = written();
    expect(ticket.result).toBeNull();
    const [write, other] = manual.flights;
    if (write === undefined || other === undefined) throw new Error('two writes leave');
    manual.drop(other);
    manual.double(write);
    manual.deliver(write);
    const types = manual.flights.map(({ message }) => message.type);
    expect(types).toEqual(expect.arrayContaining(['write', 'ack']));
    manual.deliver(...manual.flights);
    expect(said(ticket.result)).toBe('done');
  });

  it('the link filter is the real one: what is cut off is not sent, and does not arrive', () => {
    const { manual } = written();
    const cuts = ['n2', 'n3'].map((to) => ({ from: 'n1', to }));
    manual.setRules({ ...noRules, cuts });
    manual.deliver(...manual.flights);
    expect(manual.flights).toEqual([]);
    manual.request('n1', put('k', 'w'));
    expect(manual.flights).toEqual([]);
  });

  it('what was not synced is lost with the power, kept when only the process dies', () => {
    for (const [how, held] of [
      ['power', undefined],
      ['kill', 'v'],
    ] as const) {
      const manual = cluster('gossip');
      manual.startAll();
      manual.apply({ do: 'hold syncs', node: 'n1' });
      const ticket = manual.request('n1', put('k', 'v'));
      expect([ticket.result, manual.heldSyncs('n1')]).toEqual([null, 1]);
      manual.crash('n1', 'lost', how);
      expect(ticket.isOrphaned).toBe(true);
      manual.apply({ do: 'release syncs', node: 'n1' });
      manual.start('n1');
      const { value } = manual.view('n1').lookup(get('k').key) ?? {};
      expect(value === undefined ? undefined : new TextDecoder().decode(value ?? undefined)).toBe(
        held,
      );
    }
  });

  it('a node whose sync fails stops', () => {
    const manual = cluster('gossip');
    manual.startAll();
    manual.apply({ do: 'hold syncs', node: 'n1' });
    manual.request('n1', put('k', 'v'));
    manual.apply({ do: 'fail sync', node: 'n1' });
    expect(manual.isUp('n1')).toBe(false);
  });

  it('a timer fires on its node alone, however early', () => {
    const manual = cluster('paxos');
    manual.startAll();
    const [before, now] = [manual.host('n1').timers.get('tick'), manual.now];
    manual.fire('n2', 'tick');
    expect([manual.now, manual.host('n1').timers.get('tick')]).toEqual([now, before]);
  });
});
