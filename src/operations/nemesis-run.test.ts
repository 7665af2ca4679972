import { describe, expect, it } from 'vitest';
import { flagSetting } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import { modeNames } from '../protocols/catalog.js';
import { SimTarget } from '../targets/sim.js';
import { planNemesis } from './nemesis.js';
import { type NemesisEvent, type NemesisSetup, runNemesis } from './nemesis-run.js';
import { disturbances } from './table.js';

async function started(mode: string, seed = 1): Promise<SimTarget> {
  const target = new SimTarget({ afterPromises: setImmediate, seed });
  await target.up(resolveSpec([flagSetting('mode', mode, '--mode')]));
  return target;
}

interface Run {
  readonly events: NemesisEvent[];
  readonly run: Promise<unknown>;
}

function nemesis(
  target: SimTarget,
  names: readonly string[],
  { signal = new AbortController().signal, tell = () => {}, ...more }: Partial<NemesisSetup> = {},
): Run {
  const events: NemesisEvent[] = [];
  const plan = planNemesis(target, disturbances, { names, every: '1s', for: '20s', seed: 7 });
  const told = (event: NemesisEvent): void => {
    events.push(event);
    tell(event);
  };
  return { events, run: runNemesis({ ...plan, ...more, signal, tell: told }) };
}

async function stateOf(target: SimTarget) {
  const states = await target.control.states();
  return {
    faults: target.faults(),
    cuts: target.rules().cuts,
    nodes: states.map(({ node, state }) => `${node} ${state}`),
  };
}

const whole = {
  faults: [],
  cuts: [],
  nodes: ['n1 running', 'n2 running', 'n3 running', 'n4 running'],
};

describe('a nemesis', () => {
  it.each(modeNames)(
    'does the same under one seed in mode %s, and undoes all of it',
    async (mode) => {
      const once = async () => {
        const target = await started(mode);
        const { events, run } = nemesis(target, ['everything']);
        await run;
        expect(await stateOf(target)).toEqual(whole);
        return { events, hash: target.traceHash };
      };
      const first = await once();
      expect(first.events.length).toBeGreaterThan(25);
      expect(first.events.filter(({ change }) => change === 'begin').length).toBeGreaterThan(10);
      expect(await once()).toEqual(first);
    },
  );

  it.each([325.33, 326.81, 328.29])(
    'goes on where the time to its next fault is shorter than a clock can tell: begun at %s ms',
    async (at) => {
      const target = await started('quorum');
      await target.timing.sleep(at + 2.8e-12 - target.timing.now());
      const { events, run } = nemesis(target, ['halves'], { everyMs: 700, forMs: 3_000 });
      await run;
      expect(events.filter(({ change }) => change === 'begin').length).toBeLessThan(6);
    },
  );

  it('says of everything that is broken who broke it, as long as it is', async () => {
    const target = await started('paxos');
    const on = new Set<string>();
    const tell = ({ change, words, by }: NemesisEvent): void => {
      const said = words.map((each) => `${by}: ${each}`).join('; ');
      if (change === 'begin') on.add(said);
      if (change === 'end') on.delete(said);
      const listed = target.faults().map((fault) => `${fault.by}: ${fault.words}`);
      expect(listed).toEqual(expect.arrayContaining([...on].filter((each) => !/; /.test(each))));
    };
    await nemesis(target, ['halves', 'kills', 'pauses', 'membership'], { tell }).run;
  });

  it('breaks something at once, and then every so often', async () => {
    const target = await started('quorum');
    const { events, run } = nemesis(target, ['halves']);
    await run;
    const begins = events.filter(({ change }) => change === 'begin');
    expect(begins.map(({ atMs }) => Math.round(atMs / 1000))).toEqual(
      Array.from({ length: 20 }, (_, second) => second),
    );
  });

  it('undoes what is its own when it is interrupted, and leaves what others broke', async () => {
    const target = await started('paxos');
    await target.changeFaults((faults, next) => [
      ...faults,
      next({
        words: 'fault break n1 n2',
        by: 'user',
        effect: { type: 'links', rules: { cuts: [{ from: 'n1', to: 'n2' }] } },
      }),
    ]);
    const stop = new AbortController();
    const { events, run } = nemesis(target, ['kills', 'pauses', 'membership'], {
      forMs: Number.POSITIVE_INFINITY,
      signal: stop.signal,
    });
    await target.timing.sleep(10_300);
    const before = await stateOf(target);
    stop.abort();
    await run;
    expect(before.faults.length).toBeGreaterThan(1);
    expect(events.at(-1)).toMatchObject({ change: 'end' });
    const { faults, nodes } = await stateOf(target);
    expect(faults.map(({ by }) => by)).toEqual(['user']);
    expect(nodes).toEqual(whole.nodes);
  });

  it('first undoes what one left that was killed', async () => {
    const target = await started('2pc');
    await target.changeFaults((faults, next) => [
      ...faults,
      ...[
        next({
          ...{ words: 'node kill n3', by: 'nemesis kills' },
          effect: { type: 'stopped', node: 'n3', how: 'killed' },
        }),
        next({
          ...{ words: 'node pause n2', by: 'nemesis pauses' },
          effect: { type: 'stopped', node: 'n2', how: 'paused' },
        }),
        // Planned, and never done.
        next({
          ...{ words: 'node add n5', by: 'nemesis membership' },
          effect: { type: 'added', node: 'n5' },
        }),
      ],
    ]);
    await target.control.kill('n3');
    await target.control.pause('n2');
    const { events, run } = nemesis(target, ['halves'], { forMs: 1 });
    await run;
    expect(events.slice(0, 3).map(({ change, words }) => [change, ...words])).toEqual([
      ['end', 'node kill n3'],
      ['end', 'node pause n2'],
      ['end', 'node add n5'],
    ]);
    expect(await stateOf(target)).toEqual(whole);
  });

  it('is alone on its cluster', async () => {
    const target = await started('quorum');
    const { run } = nemesis(target, ['halves'], { forMs: 5_000 });
    const second = nemesis(target, ['kills'], { forMs: 5_000 });
    await expect(second.run).rejects.toMatchObject({ code: 'cluster', definite: true });
    expect(second.events).toEqual([]);
    await run;
    await nemesis(target, ['kills'], { forMs: 1 }).run;
  });

  it('is refused what the mode has not', async () => {
    const target = await started('quorum');
    expect(() => nemesis(target, ['membership'])).toThrow(
      'mode quorum has no changes of membership',
    );
    expect(() => nemesis(target, ['leader'])).toThrow('mode quorum has no leader or coordinator');
    expect(() => nemesis(target, ['kill'])).toThrow('did you mean kills?');
  });
});
