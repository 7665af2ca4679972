/** What somebody touches in a recorded run, and what the run with that line in its scenario does. */
import { expect, test } from 'vitest';
import { SeededRandom } from '../core/random.js';
import { type Lanes, laneEventKinds, laneRemarkKinds, messageFates } from '../trace/lanes.js';
import { lineOf, problemOf, type Touch, touchWords, withDecision } from './decisions.js';
import type { Recording } from './recording.js';
import { recorded } from './testing/recorded.js';

const scenarios = {
  '2pc': 'cluster up --mode 2pc -n 3\nrepeat 3 try put x {n} --timeout 1s\n',
  quorum:
    'cluster up --mode quorum -n 3\nfault delay n2 5ms\nat once\n  client a\n    repeat 3 try put x {n} --timeout 500ms\n  client b at n2\n    repeat 3 try get x --timeout 500ms\nend\nwait 100ms\n',
  gossip: 'cluster up --mode gossip -n 4\nput x 1\nput y 2 --node n2\nwait 500ms\n',
  paxos: 'cluster up --mode paxos -n 3\nrepeat 4 try put x {n} --timeout 1s\nwait 200ms\n',
};
const modes = Object.entries(scenarios);

const forkOf = (recording: Recording, touch: Touch): Promise<Recording> => {
  const scenario = withDecision(recording.key.scenario, lineOf(touch, recording));
  return recorded({ ...recording.key, scenario });
};

/** All that nodes do up to this event, in words. */
function doneBefore({ events, names, labelOf }: Lanes, end: number): string[] {
  const done: string[] = [];
  for (let at = 0; at < end; at++) {
    const lane = names[events.lane[at] as number];
    if (lane === 'faults') continue;
    done.push(
      `${events.atMs[at]} ${lane} ${laneEventKinds[events.kind[at] as number]} ${labelOf(at)}`,
    );
  }
  return done;
}

/** Some that can be touched, drawn. */
function someMessages(recording: Recording, count: number, seed: number): number[] {
  const random = new SeededRandom(seed);
  const all = Array.from({ length: recording.lanes.messages.count }, (_, message) => message);
  const free = all.filter((message) => problemOf({ type: 'lose', message }, recording) === null);
  return Array.from({ length: count }, () => random.pick(free));
}

function remarksOf({ remarks }: Lanes, message: number): string[] {
  return Array.from({ length: remarks.count }, (_, at) => at)
    .filter((at) => remarks.message[at] === message)
    .map((at) => laneRemarkKinds[remarks.kind[at] as number] ?? '');
}

test.each(modes)(
  '%s: up to what is decided about a message all is as before; then that is so',
  async (_, scenario) => {
    const before = await recorded({ scenario, seed: 7, bug: null });
    const { lanes } = before;
    const touches = someMessages(before, 6, 3).map((message, at): Touch => {
      const type = (['lose', 'double', 'delay'] as const)[at % 3] ?? 'lose';
      return type === 'delay' ? { type, message, byMs: 30 } : { type, message };
    });
    for (const touch of touches) {
      const { message } = touch as { message: number };
      const line = lineOf(touch, before);
      const { lanes: after } = await forkOf(before, touch);
      const sent = after.messages.sent[message] as number;
      const was = lanes.messages.sent[message] as number;
      expect(doneBefore(after, sent + 1), line).toEqual(doneBefore(lanes, was + 1));
      const remark = { lose: 'lost', double: 'doubled', delay: 'held' }[touch.type as 'lose'];
      expect(remarksOf(after, message), line).toContain(remark);
      const others = Array.from({ length: message }, (_, at) => at);
      const told = (of: Lanes) => others.map((at) => remarksOf(of, at));
      expect(told(after), line).toEqual(told(lanes));
      const fate = messageFates[after.messages.fate[message] as number];
      if (touch.type === 'lose') expect(fate, line).toBe('lost');
    }
  },
);

test.each(modes)(
  '%s: up to what is decided about a node or a link all is as before',
  async (mode, scenario) => {
    const before = await recorded({ scenario, seed: 7, bug: null });
    const after = Math.floor(before.lanes.events.count / 2);
    const others: Touch[] = [
      { type: 'cut power', node: 'n1', after },
      { type: 'pause', node: 'n3', after },
      { type: 'cut', from: 'n1', to: 'n2', after },
      { type: 'cut both ways', from: 'n1', to: 'n2', after },
      { type: 'isolate', node: 'n2', after },
      { type: 'clock', node: 'n2', aheadMs: -500, after },
      { type: 'restart', node: 'n2', after },
      { type: 'heal', after },
    ];
    const done = doneBefore(before.lanes, after + 1);
    for (const touch of [
      { type: 'kill', node: 'n2', after } as const,
      ...(mode === 'quorum' ? others : []),
    ]) {
      const { failure, lanes } = await forkOf(before, touch);
      expect(failure, touchWords(touch, before)).toBe(before.failure);
      expect(doneBefore(lanes, after + 9).slice(0, done.length)).toEqual(done);
      expect(lanes.events.count === before.lanes.events.count, touchWords(touch, before)).toBe(
        false,
      );
    }
  },
);

test('a decision upon a decision leaves the first one as it was', async () => {
  const root = await recorded({ scenario: scenarios.paxos, seed: 7, bug: null });
  const [first = 0, second = 0] = someMessages(root, 2, 5).sort((a, b) => a - b);
  const once = await forkOf(root, { type: 'lose', message: first });
  const [later = 0] = [second + 3];
  const twice = await forkOf(once, { type: 'lose', message: later });
  const fates = twice.lanes.messages.fate;
  expect([first, later].map((message) => messageFates[fates[message] as number])).toEqual([
    'lost',
    'lost',
  ]);
  expect(
    twice.key.scenario
      .split('\n')
      .slice(1, 3)
      .every((line) => /^at .* fault drop/.test(line)),
  ).toBe(true);
});

test('what happens while the cluster starts can not be decided', async () => {
  const recording = await recorded({ scenario: scenarios.paxos, seed: 7, bug: null });
  expect(problemOf({ type: 'lose', message: 0 }, recording)).toMatch(/still starting/);
  expect(problemOf({ type: 'kill', node: 'n1', after: 1e9 }, recording)).toMatch(/no such moment/);
});

test('what is lost already is not lost again', async () => {
  const root = await recorded({ scenario: scenarios.paxos, seed: 7, bug: null });
  const [message = 0] = someMessages(root, 1, 5);
  const lost = await forkOf(root, { type: 'lose', message });
  expect(problemOf({ type: 'double', message }, lost)).toMatch(/lost already/);
});

test('decisions have the names that people give them', async () => {
  const recording = await recorded({ scenario: scenarios.paxos, seed: 7, bug: null });
  const [message = 0] = someMessages(recording, 1, 5);
  expect(touchWords({ type: 'lose', message }, recording)).toMatch(
    /^n\d→n\d [a-z-]+ lost at [\d.]+ ms$/,
  );
  expect(touchWords({ type: 'delay', message, byMs: 20 }, recording)).toMatch(/ 20 ms later at /);
  const after = 40;
  expect(touchWords({ type: 'clock', node: 'n2', aheadMs: -500, after }, recording)).toMatch(
    /^clock of n2 -500ms at/,
  );
});
