/** Real messages of every mode, from peers that did not send them, at times when nobody would. */
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import type { ProtocolTypes } from '../../src/core/replica.js';
import { parseModeOptions } from '../../src/protocols/options.js';
import { modes } from '../../src/protocols/registry.js';
import { seeds } from '../../src/protocols/testing/forged.js';
import { get, put, remove } from '../../src/protocols/testing/operations.js';
import { type Sent, TestCluster } from '../../src/protocols/testing/test-cluster.js';

const nodes = ['n1', 'n2', 'n3'];

/** No node stops; what it refuses is its peer's fault. Returns how much that was. */
function unharmed(run: () => void): number {
  try {
    run();
    return 0;
  } catch (error) {
    const lines = (error as Error).message.split('\n');
    for (const line of lines) expect(line).toMatch(/^n\d refused what n\d sent: /);
    return lines.length;
  }
}

describe.each(modes.map((mode) => ({ name: mode.name, mode })))('forged in $name', ({ mode }) => {
  it.each(seeds)('they stop no node, and every node serves later, seed %i', (seed) => {
    const random = new SeededRandom(seed);
    const options = parseModeOptions(mode.name, {}, nodes.length);
    const fate = () => [1];
    const cluster = TestCluster.started({ protocol: mode.protocol, options, nodes, fate, seed });
    cluster.wait(1000);
    const said: Sent<ProtocolTypes['message']>[] = [];
    const ofType = new Map<string, number>();
    cluster.onSend = (sent) => {
      const count = ofType.get(sent.message.type) ?? 0;
      ofType.set(sent.message.type, count + 1);
      if (count < 20) said.push(sent);
    };
    let refused = 0;
    for (let count = 0; count < 500; count++) {
      const [from, to] = [random.pick(nodes), random.pick(nodes)];
      if (random.chance(0.2)) {
        const key = `k${random.below(4)}`;
        const operations = [put(key, `${count}`), get(key), remove(key)];
        cluster.request(to, random.pick(operations));
      }
      if (random.chance(0.01)) cluster.restart(to);
      else if (from !== to && said.length > 0) {
        const { message } = random.pick(said);
        refused += unharmed(() => cluster.forge(from, to, message));
      }
      refused += unharmed(() => cluster.wait(random.below(30)));
    }
    refused += unharmed(() => cluster.wait(20_000));
    expect(ofType.size).toBeGreaterThan(4);
    // Other modes ignore such messages; only 2PC has roles.
    expect(refused > 5).toBe(mode.name === '2pc');
    for (const node of nodes) {
      expect(cluster.ask(node, put('after', node), { timeoutMs: 9000 })?.type).toBe('done');
      expect(cluster.ask(node, get('after'), { timeoutMs: 9000 })?.type).toBe('value');
    }
  });
});
