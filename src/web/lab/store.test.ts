import { describe, expect, it } from 'vitest';
import type { Recording, RunKey } from '../../lab/recording.js';
import { type Lanes, laneEventKinds } from '../../trace/lanes.js';
import { LabStore, type RunEngine } from './store.js';

const kinds = ['start', 'sent', 'timer', 'delivered', 'return'] as const;

/** A run of five events, whose first model falls at the fourth. */
function recordingOf(key: RunKey): Recording {
  const events = {
    count: kinds.length,
    atMs: Float64Array.from(kinds, (_, at) => at),
    kind: Uint8Array.from(kinds, (kind) => laneEventKinds.indexOf(kind)),
  };
  const fall = { model: 'linearizable', event: 3, operation: 0, sentence: 'stale', slice: [1, 3] };
  return {
    ...{ key, traceHash: key.scenario, nodes: ['n1'], changes: [], output: [], history: null },
    ...{ check: null, falls: [fall], failure: null, isCut: false, durationMs: 5 },
    lanes: { events } as unknown as Lanes,
  } as unknown as Recording;
}

class FakeEngine implements RunEngine {
  readonly asked: {
    readonly key: RunKey;
    readonly signal: AbortSignal;
    readonly answer: () => void;
  }[] = [];

  record(key: RunKey, { signal }: { readonly signal: AbortSignal }): Promise<Recording> {
    return new Promise((resolve) => {
      this.asked.push({ key, signal, answer: () => resolve(recordingOf(key)) });
    });
  }

  slice(): Promise<Uint32Array> {
    return Promise.resolve(new Uint32Array([0]));
  }
}

const scenario = 'cluster up --mode quorum -n 3\nput x 1\n';
const key = { scenario, seed: 1, bug: null };

async function opened() {
  const engine = new FakeEngine();
  const store = new LabStore(engine);
  const opening = store.open('mine', key);
  engine.asked[0]?.answer();
  await opening;
  return { engine, store };
}

describe('the state of the page', () => {
  it('stands where the first model falls, once a run is there', async () => {
    const { store } = await opened();
    expect(store.state).toMatchObject({ cursor: 3, running: null, name: 'mine' });
  });

  it('steps by event, message and verdict, both ways, and stops at the ends', async () => {
    const { store } = await opened();
    store.seek(-1);
    expect(store.step('event', -1)).toBe(false);
    expect(store.step('message', 1)).toBe(true);
    expect(store.state.cursor).toBe(1);
    store.step('message', 1);
    expect(store.state.cursor).toBe(3);
    expect(store.step('message', 1)).toBe(false);
    store.step('message', -1);
    expect(store.state.cursor).toBe(1);
    store.step('verdict', 1);
    expect(store.state.cursor).toBe(3);
    store.seek(1e9);
    expect(store.state.cursor).toBe(4);
    expect(store.step('event', 1)).toBe(false);
    store.step('verdict', -1);
    expect(store.state.cursor).toBe(3);
  });

  it('plays on to the end, and from there from the beginning', async () => {
    const { store } = await opened();
    store.play(true);
    store.playOn(1);
    expect(store.state).toMatchObject({ cursor: 4, isPlaying: false });
    store.play(true);
    expect(store.state).toMatchObject({ cursor: -1, isPlaying: true });
  });

  it('ends a run that is not wanted any more, and shows the last one that was asked for', async () => {
    const { engine, store } = await opened();
    store.edit({ seed: 2 });
    void store.runDraft();
    store.edit({ seed: 3 });
    const last = store.runDraft();
    expect(engine.asked[1]?.signal.aborted).toBe(true);
    engine.asked[2]?.answer();
    await last;
    engine.asked[1]?.answer();
    await Promise.resolve();
    expect(store.state.recording?.key.seed).toBe(3);
    // What is typed on is one run, not a fork a key.
    expect(store.state.tree.forks).toHaveLength(1);
  });

  it('does not run what has problems, nor what is shown already', async () => {
    const { engine, store } = await opened();
    await store.runDraft();
    store.edit({ scenario: `${scenario}nonsense\n` });
    expect(store.state.problems).toHaveLength(1);
    await store.runDraft();
    expect(engine.asked).toHaveLength(1);
  });

  it('shows nothing old when there is no run', async () => {
    const { engine, store } = await opened();
    engine.record = () => Promise.reject(new Error('it has failed'));
    await store.open('other', { ...key, seed: 9 });
    expect(store.state).toMatchObject({ broken: 'it has failed', recording: null, cursor: -1 });
    expect(store.step('event', 1)).toBe(false);
  });

  it('keeps its place when what was edited is run', async () => {
    const { engine, store } = await opened();
    store.seek(2);
    store.edit({ scenario: `${scenario}put x 2\n` });
    const changed = store.runDraft();
    engine.asked[1]?.answer();
    await changed;
    expect(store.state.cursor).toBe(2);
    expect(store.isDraftNew).toBe(false);
  });
});
