/** States of a node that are taken for one go on alike. */
import { afterAll, expect, test } from 'vitest';
import { LoneNode } from '../../src/explore/exhaustive/lone-node.js';
import type { LoneState, NodeStep } from '../../src/explore/exhaustive/nodes.js';
import {
  presetNamed,
  smallWorldOf,
  type WorldChanges,
} from '../../src/explore/exhaustive/presets.js';
import { Search } from '../../src/explore/exhaustive/search.js';
import { StateTexts } from '../../src/explore/exhaustive/state-text.js';
import { LiveObjects } from '../../src/node/live-objects.js';

const reader = new LiveObjects();
afterAll(() => reader.close());

function searched(name: string, changes: WorldChanges): Search {
  const world = smallWorldOf(presetNamed({ name }), changes);
  const search = new Search(world, { states: 500, depth: 1000 });
  search.run(Number.POSITIVE_INFINITY);
  return search;
}

/** Ways to a state that was known by another one. */
function mergedIn({ states }: Search): { before: LoneState; step: NodeStep }[] {
  const seen = new Set<LoneState>();
  const merged: { before: LoneState; step: NodeStep }[] = [];
  const queue = states.world.nodes.map((node) => states.nodes.first(node));
  for (const state of queue) {
    if (seen.has(state)) continue;
    seen.add(state);
    for (const step of state.steps.values()) {
      queue.push(step.state);
      const { before } = step.state;
      if (before?.state !== state || before.input !== step.input)
        merged.push({ before: state, step });
    }
  }
  return merged;
}

test.each<[string, WorldChanges]>([
  ['2pc-1', { bounds: { crashes: 1, timers: 1 } }],
  ['paxos', { bounds: { crashes: 1, timers: 1 } }],
])('%s: what has met different things and is equal does the same', (name, changes) => {
  const search = searched(name, { ...changes, reader });
  const { world, messages } = search.states;
  const { protocol, options, nodes } = world;
  const texts = new StateTexts(reader, nodes, [
    protocol.message,
    protocol.record,
    options as object,
  ]);
  const after = (state: LoneState, ...more: NodeStep['input'][]) => {
    const inputs = [...more].reverse();
    for (let { before } = state; before !== null; { before } = before.state)
      inputs.push(before.input);
    const lone = new LoneNode(world, state.node, messages);
    const met = inputs.reverse().map((input) => lone.meet(input));
    const { sent, answers, violation } = met.at(-1) ?? {};
    return {
      sent,
      answers,
      violation,
      ...{ awake: lone.awakeText(texts), chance: lone.chanceText(texts), disk: lone.diskText },
    };
  };
  const merged = mergedIn(search);
  const sample = merged.filter((_, at) => at % Math.ceil(merged.length / 10) === 0);
  let compared = 0;
  for (const { before, step } of sample) {
    for (const { input } of [...step.state.steps.values()].slice(0, 3)) {
      const { disk, ...one } = after(step.state, input);
      const { disk: other, ...rest } = after(before, step.input, input);
      expect(rest).toEqual(one);
      if (world.bounds.crashes > 0) expect(other).toEqual(disk);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(5);
});
