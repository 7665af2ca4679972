import { describe, expect, it } from 'vitest';
import { flagSetting } from '../config/problem.js';
import { checkAttached, dialectSpec, isSettingOf } from './dialect-spec.js';

const said = (name: string, value: unknown) => flagSetting(name, value, `--${name}`);
const quiet = false;

describe("a dialect's cluster", () => {
  it('of cs380d does not gossip between lines, unless something is said of how', () => {
    const background = (...args: Parameters<typeof dialectSpec>) =>
      dialectSpec(...args).options['background'];
    expect(background('cs380d', [], quiet)).toBe(false);
    expect(background('cs380d', [], true)).toBe(true);
    expect(background('cs380d', [said('mode', 'gossip'), said('sync', 'always')], quiet)).toBe(
      false,
    );
    const slow = dialectSpec('cs380d', [said('interval', '10s')], quiet);
    expect(slow.options).toMatchObject({ background: true, intervalMs: 10_000 });
    expect(slow.sync).toBe('off');
  });

  it('of cs425 keeps every key on every server, unless it is told otherwise', () => {
    expect(dialectSpec('cs425', [], quiet)).toMatchObject({ options: { replicas: 4 } });
    const seven = dialectSpec('cs425', [said('nodes', '7')], quiet);
    expect([seven.nodes.length, seven.options['replicas']]).toEqual([7, 7]);
    const named = dialectSpec('cs425', [said('nodes', ['a', 'b'])], quiet);
    expect(named.options['replicas']).toBe(2);
    const three = dialectSpec('cs425', [said('nodes', '5'), said('replicas', '3')], quiet);
    expect(three.options['replicas']).toBe(3);
  });

  it.each([
    ['cs380d', 'mode', 'quorum', '--mode: cs380d runs in mode gossip, not quorum'],
    [
      'cs380d',
      'nodes',
      '7',
      '--nodes: cs380d has no use for nodes: its servers come by `joinServer`',
    ],
    ['cs380d', 'delay', '5ms', 'their links have no delays'],
    ['cs380d', 'topology', 'line', 'come and go by `breakConnection`'],
    ['cs380d', 'replicas', '3', 'it is one of mode quorum'],
    ['cs425', 'mode', 'paxos', 'cs425 runs in mode quorum, not paxos'],
    ['cs425', 'interval', '5s', 'it is one of mode gossip'],
  ] as const)('%s refuses %s=%s', (name, setting, value, why) => {
    expect(() => dialectSpec(name, [said(setting, value)], quiet)).toThrow(why);
  });

  it('knows which settings mean something to it', () => {
    const all = ['mode', 'nodes', 'sync', 'interval', 'replicas', 'delay'];
    expect(all.filter((each) => isSettingOf('cs380d', each))).toEqual(['mode', 'sync', 'interval']);
    expect(all.filter((each) => isSettingOf('cs425', each))).toEqual([
      'mode',
      'nodes',
      'sync',
      'replicas',
      'delay',
    ]);
  });

  it('may be one that is up only where that makes sense', () => {
    const quorum = dialectSpec('cs425', [], quiet);
    expect(() => checkAttached('cs425', quorum)).not.toThrow();
    expect(() => checkAttached('cs380d', quorum)).toThrow('starts its servers itself');
    expect(() => checkAttached('cs425', { ...quorum, mode: 'paxos' })).toThrow('is mode paxos');
  });
});
