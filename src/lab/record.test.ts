import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyToBytes } from '../core/key.js';
import { runScript } from '../scenario/testing/run-script.js';
import type { SimTarget } from '../targets/sim.js';
import { laneEventKinds, noEvent } from '../trace/lanes.js';
import { type Recorded, type RecordOptions, record } from './record.js';
import type { RunKey } from './recording.js';
import { ScenarioError } from './scenario-error.js';

const root = join(import.meta.dirname, '../..');
const options: RecordOptions = { afterPromises: setImmediate, now: () => performance.now() };
const files = ['scenarios', 'scenarios/zoo'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.kvx'))
    .map((name) => `${folder}/${name}`),
);

/** As the last line of a scenario of the zoo says it. */
function keyOf(file: string): RunKey {
  const scenario = readFileSync(join(root, file), 'utf8');
  const again = /--seed (\d+) --bug ([\w-]+)\s*$/.exec(scenario);
  return { scenario, seed: Number(again?.[1] ?? 1), bug: again?.[2] ?? null };
}

const recordedOf = (scenario: string, more: Partial<RecordOptions & RunKey> = {}) => {
  const { seed = 1, bug = null, ...rest } = more;
  return record({ scenario, seed, bug }, { ...options, ...rest });
};

/** What the changes add up to: `n1 keys x`, and its value. */
function endOf({ recording }: Recorded): Map<string, string> {
  const state = new Map<string, string>();
  for (const { node, part, name, before, after } of recording.changes) {
    const place = `${node} ${part} ${name}`;
    expect([place, state.get(place) ?? null]).toEqual([place, before]);
    if (after === null) state.delete(place);
    else state.set(place, after);
  }
  return state;
}

/** The same of the nodes themselves. */
function viewsOf(target: SimTarget): Map<string, string> {
  const state = new Map<string, string>();
  for (const host of target.cluster?.hosts ?? []) {
    const [id, view] = [host.id, host.view()];
    if (view === null) continue;
    state.set(`${id} node role`, view.role);
    for (const [name, value] of view.facts) state.set(`${id} facts ${name}`, String(value));
    for (const { key, value, version } of view.entries()) {
      const shown = value === null ? 'deleted' : Buffer.from(value).toString();
      const place = `${id} keys ${Buffer.from(keyToBytes(key))}`;
      state.set(place, `${shown} (${version.stamp}@${version.node})`);
    }
    for (const [name, leftMs] of host.timers) {
      const due = (target.timing.now() + leftMs).toFixed(3);
      state.set(`${id} timers ${name}`, `due at ${due} ms`);
    }
  }
  return state;
}

it.each(files)('%s is recorded as kvx run runs it', async (file) => {
  const { scenario, seed, bug } = keyOf(file);
  const recorded = await record({ scenario, seed, bug }, options);
  const { traceHash, failure, failureLine, falls, lanes, isCut } = recorded.recording;
  let views = new Map<string, string>();
  const said = await runScript(scenario, {
    ...{ seed, bug: bug ?? undefined, source: 'scenario' },
    onTarget: (target) => {
      const close = target.close.bind(target);
      target.close = () => {
        views = viewsOf(target as SimTarget);
        return close();
      };
    },
  });
  expect({ traceHash, isCut }).toEqual({ traceHash: said.traceHash, isCut: false });

  const [first = ''] = scenario.split('\n');
  expect(failure).toBe(bug === null ? null : first.slice(2));
  if (failure !== null) expect(said.err.join('\n')).toContain(`failed: scenario:${failureLine}:`);
  const [, model, sentence] = /^violated: ([\w -]+): (.*)/.exec(failure ?? '') ?? [];
  if (model !== undefined && model !== 'as promised') {
    const fall = falls.find((each) => each.model === model.replace(' ', '-'));
    expect(fall?.sentence).toBe(sentence);
    const kind = laneEventKinds[lanes.events.kind[fall?.event ?? 0] as number];
    expect([kind, fall?.slice.at(-1)]).toEqual(['return', fall?.event]);
  }

  for (const [at, sent] of lanes.messages.sent.entries()) {
    const delivered = lanes.messages.delivered[at] as number;
    if (delivered !== noEvent) expect(sent).toBeLessThan(delivered);
  }
  const end = endOf(recorded);
  for (const [place, text] of views) expect([place, end.get(place)]).toEqual([place, text]);
  const shown = [...end.keys()].filter((place) => / (keys|timers|facts) (?!waits)/.test(place));
  expect(shown.filter((place) => !views.has(place))).toEqual([]);
});

describe('a run that would not end', () => {
  it.each([
    ['many events', 'repeat 1000000 put x 1'],
    ['no events', 'cluster down\nrepeat 1000000 wait 1ms'],
    ['no time', 'repeat 1000000 fault list'],
    ['several clients', 'at once\nclient a\nrepeat 1000000 get x\nclient b\nwait 10h\nend'],
  ])('of %s is cut off', async (_, rest) => {
    const { recording } = await recordedOf(`cluster up -n 2\n${rest}`, {
      ...{ eventsMax: 2_000, tookMsMax: 500 },
    });
    expect(recording).toMatchObject({ isCut: true, failure: null });
    expect(recording.lanes.events.count).toBeLessThan(3_000);
  });

  it('ends when it is told to', async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const recorded = recordedOf('cluster up\nrepeat 1000000 put x 1', {
      ...{ signal: controller.signal, onProgress },
    });
    await expect(recorded).rejects.toMatchObject({ code: 'interrupted' });
  });
});

it('says what is wrong with a scenario, and where', async () => {
  const recorded = recordedOf('cluster up\n  putt x 1\nget');
  await expect(recorded).rejects.toThrow(ScenarioError);
  await expect(recorded).rejects.toMatchObject({ problems: [{ line: 2, column: 3 }, { line: 3 }] });
});

it('knows what was printed when, and by which line', async () => {
  const { recording } = await recordedOf('cluster up -n 2\nput x one\n\nget x\nget nothing');
  const { output, lanes } = recording;
  const line = output.find(({ text }) => text === 'one');
  expect(line).toMatchObject({ line: 4, isError: false });
  const before = lanes.events.label[(line?.event ?? 0) - 1] as number;
  expect(lanes.labels[before]).toBe('one');
});

it('shows nodes that are stopped, and what their disks have not made durable', async () => {
  const { recording } = await recordedOf(
    ['cluster up -n 3', 'put x 1', 'node pause n2', 'node kill n3', 'wait 1s'].join('\n'),
  );
  const of = (node: string, part: string, name: string) =>
    recording.changes.filter(
      (each) => each.node === node && each.part === part && each.name === name,
    );
  expect(of('n2', 'node', 'state').map(({ after }) => after)).toEqual(['up', 'paused']);
  expect(of('n3', 'node', 'state').map(({ after }) => after)).toEqual(['up', 'dead']);
  expect(of('n3', 'keys', 'x').map(({ after }) => after)).toEqual([
    expect.stringMatching(/^1 \(\d+@n\d\)$/),
    null,
  ]);
  const [first] = of('n1', 'disk', 'not yet durable');
  expect(first?.after).toContain('value "1"');
});
