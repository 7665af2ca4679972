/** All that the laboratory's page knows: one state, and what changes it. */
import { useEffect, useReducer } from 'preact/hooks';
import type { ModelName } from '../../check/models.js';
import { lineOf, problemOf, type Touch, touchWords } from '../../lab/decisions.js';
import {
  back,
  changed,
  currentOf,
  type ForkTree,
  forked,
  forth,
  remembered,
  rootOf,
  went,
} from '../../lab/forks.js';
import { StatePlayer } from '../../lab/player.js';
import type { ModelFall, Recording, RunKey, ScenarioProblem } from '../../lab/recording.js';
import { ScenarioError } from '../../lab/scenario-error.js';
import { problemsOf } from '../../scenario/assist.js';
import { eventOf } from '../diagram/picking.js';
import type { DiagramPick } from '../diagram/scene.js';
import { runNamedIn } from './opening.js';
import { type StopKind, Stops } from './stepping.js';

/** Who runs scenarios: a worker. Rejects when it can't, or was told to stop. */
export interface RunEngine {
  record(
    key: RunKey,
    options: { readonly onTold: (events: number) => void; readonly signal: AbortSignal },
  ): Promise<Recording>;
  /** What led to an event. */
  slice(recording: Recording, event: number): Promise<Uint32Array>;
}

export interface LabState {
  /** What is open is called so. */
  readonly name: string;
  /** What the editor and the form say; it becomes the current run when it is run. */
  readonly draft: RunKey;
  readonly problems: readonly ScenarioProblem[];
  readonly tree: ForkTree;
  /** By fork: what was wrong with its run. */
  readonly signs: ReadonlyMap<number, string>;
  /** Events so far, while it runs. */
  readonly running: number | null;
  /** Why there is no run. */
  readonly broken: string | null;
  readonly recording: Recording | null;
  /** The last event that has happened; -1: before all. */
  readonly cursor: number;
  readonly isPlaying: boolean;
  /** Events a second. */
  readonly speed: number;
  readonly picked: DiagramPick | null;
  /** What led to what is picked. */
  readonly pickedSlice: Uint32Array | null;
  /** Whose fall is shown; `null`: the first one's. */
  readonly model: ModelName | null;
  /** Said for a moment. */
  readonly notice: string | null;
}

export const speeds = [2, 10, 50, 250, 1000] as const;

/** Where a run that has just been made is looked at. */
type Landing = { readonly at: 'verdict' } | { readonly at: 'event'; readonly event: number };

const empty: RunKey = { scenario: '', seed: 1, bug: null };

export class LabStore {
  #state: LabState;
  #player: StatePlayer | null = null;
  #stops: Stops | null = null;
  #running: AbortController | null = null;
  readonly #engine: RunEngine;
  readonly #listeners = new Set<() => void>();

  constructor(engine: RunEngine) {
    this.#engine = engine;
    this.#state = {
      ...{ name: '', draft: empty, problems: [], tree: rootOf(empty), running: null },
      signs: new Map(),
      ...{ broken: null, recording: null, cursor: -1, isPlaying: false, speed: 10 },
      ...{ picked: null, pickedSlice: null, model: null, notice: null },
    };
  }

  get state(): LabState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(change: Partial<LabState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  /** Something else, with a tree of its own. */
  open(name: string, key: RunKey): Promise<void> {
    const problems = problemsOf(key.scenario);
    this.#set({ name, tree: rootOf(key, name), draft: key, problems, signs: new Map() });
    return this.#run({ at: 'verdict' });
  }

  openScenario(name: string, scenario: string): Promise<void> {
    return this.open(name, { scenario, ...runNamedIn(scenario) });
  }

  edit(change: Partial<RunKey>): void {
    const draft = { ...this.#state.draft, ...change };
    const { scenario } = change;
    this.#set({
      draft,
      ...(scenario === undefined ? {} : { problems: problemsOf(scenario) }),
    });
  }

  get isDraftNew(): boolean {
    return !isSameRun(this.#state.draft, currentOf(this.#state.tree).key);
  }

  /** What the editor says. Nothing when that is what is shown already. */
  runDraft(): Promise<void> {
    const { draft, tree, problems, cursor, recording } = this.#state;
    if (problems.length > 0 || !this.isDraftNew) return Promise.resolve();
    const count = recording?.lanes.events.count ?? 0;
    const landing: Landing =
      cursor >= count - 1 ? { at: 'verdict' } : { at: 'event', event: cursor };
    this.#set({ tree: edited(tree, draft) });
    return this.#run(landing);
  }

  /** A decision about the run that is shown: a line more, and the run anew up to the same moment. */
  decide(decision: Touch): Promise<void> {
    const { recording, tree, cursor } = this.#state;
    if (recording === null) return Promise.resolve();
    const problem = problemOf(decision, recording);
    if (problem !== null) {
      this.say(problem);
      return Promise.resolve();
    }
    const event =
      'message' in decision
        ? (recording.lanes.messages.sent[decision.message] as number)
        : decision.after;
    const line = lineOf(decision, recording);
    const left = remembered(tree, cursor);
    this.#set({ tree: forked(left, line, touchWords(decision, recording), event) });
    this.pick(null);
    return this.#follow();
  }

  goTo(id: number): Promise<void> {
    this.#set({ tree: went(this.#left(), id) });
    return this.#follow();
  }

  undo(): Promise<void> {
    this.#set({ tree: back(this.#left()) });
    return this.#follow();
  }

  redo(): Promise<void> {
    this.#set({ tree: forth(this.#left()) });
    return this.#follow();
  }

  #left(): ForkTree {
    return remembered(this.#state.tree, this.#state.cursor);
  }

  /** The tree has gone to another run. */
  #follow(): Promise<void> {
    const { key, event } = currentOf(this.#state.tree);
    this.#set({ draft: key, problems: problemsOf(key.scenario) });
    return this.#run({ at: 'event', event });
  }

  async #run(landing: Landing): Promise<void> {
    this.#running?.abort();
    const controller = new AbortController();
    this.#running = controller;
    const { signal } = controller;
    const { key } = currentOf(this.#state.tree);
    this.#set({ running: 0, broken: null, isPlaying: false });
    try {
      const onTold = (running: number): void => {
        if (!signal.aborted) this.#set({ running });
      };
      const recording = await this.#engine.record(key, { onTold, signal });
      if (!signal.aborted) this.#show(recording, landing);
    } catch (error) {
      if (signal.aborted) return;
      const broken = brokenWords(error);
      this.#player = null;
      this.#stops = null;
      this.#set({ running: null, broken, recording: null, cursor: -1 });
    }
  }

  #show(recording: Recording, landing: Landing): void {
    const last = recording.lanes.events.count - 1;
    const wanted = landing.at === 'verdict' ? verdictEvent(recording) : landing.event;
    const cursor = Math.min(Math.max(wanted, -1), last);
    this.#player = new StatePlayer(recording);
    this.#player.seek(cursor);
    this.#stops = new Stops(recording);
    const signs = new Map(this.#state.signs);
    const sign = signOf(recording);
    if (sign !== null) signs.set(this.#state.tree.current, sign);
    this.#set({ running: null, recording, cursor, model: null, signs });
    this.pick(null);
  }

  /** What nodes hold at the cursor. */
  get player(): StatePlayer | null {
    return this.#player;
  }

  seek(event: number): void {
    const { recording } = this.#state;
    if (recording === null) return;
    const cursor = Math.min(Math.max(event, -1), recording.lanes.events.count - 1);
    this.#player?.seek(cursor);
    this.#set({ cursor });
  }

  /** `false`: there is nothing more to stop at. */
  step(kind: StopKind, direction: 1 | -1): boolean {
    const next = this.nextStop(kind, direction);
    if (next === null) return false;
    this.#set({ isPlaying: false });
    this.seek(next);
    return true;
  }

  nextStop(kind: StopKind, direction: 1 | -1): number | null {
    return this.#stops?.next(kind, this.#state.cursor, direction) ?? null;
  }

  /** From the beginning, when it is at its end. */
  play(isPlaying: boolean): void {
    const { recording, cursor } = this.#state;
    if (recording === null) return;
    if (isPlaying && cursor >= recording.lanes.events.count - 1) this.seek(-1);
    this.#set({ isPlaying });
  }

  /** So many events later; at the end it stops. */
  playOn(events: number): void {
    const { recording, cursor } = this.#state;
    const last = (recording?.lanes.events.count ?? 0) - 1;
    this.seek(cursor + events);
    if (cursor + events >= last) this.#set({ isPlaying: false });
  }

  setSpeed(speed: number): void {
    this.#set({ speed });
  }

  pick(picked: DiagramPick | null): void {
    this.#set({ picked, pickedSlice: null });
    const { recording } = this.#state;
    if (picked === null || recording === null) return;
    const event = eventOf(recording, picked);
    if (event === null) return;
    void this.#engine.slice(recording, event).then(
      (pickedSlice) => {
        if (this.#state.picked === picked) this.#set({ pickedSlice });
      },
      () => {},
    );
  }

  chooseModel(model: ModelName | null): void {
    this.#set({ model });
  }

  say(notice: string | null): void {
    this.#set({ notice });
  }
}

/** Of several at once the weakest model's: it says most. */
export const firstFall = (falls: readonly ModelFall[]): ModelFall | null =>
  falls.filter(({ event }) => event === falls[0]?.event).at(-1) ?? null;

/** `null`: nothing was wrong. */
function signOf({ falls, failure }: Recording): string | null {
  const first = firstFall(falls);
  if (first !== null) return `not ${first.model}`;
  return failure === null ? null : 'script failed';
}

/** Where the first model falls, or the end. */
const verdictEvent = ({ falls, lanes }: Recording): number =>
  falls[0]?.event ?? lanes.events.count - 1;

function brokenWords(error: unknown): string {
  if (error instanceof ScenarioError) {
    return error.problems.map(({ line, message }) => `Line ${line}: ${message}`).join('\n');
  }
  return error instanceof Error ? error.message : String(error);
}

const isSameRun = (a: RunKey, b: RunKey): boolean =>
  a.scenario === b.scenario && a.seed === b.seed && a.bug === b.bug;

/** What is typed on at a run that came of typing stays one run; elsewhere it becomes another one. */
function edited(tree: ForkTree, key: RunKey): ForkTree {
  const current = currentOf(tree);
  if (current.children.length > 0 || current.line !== null) return changed(tree, key, 'edited');
  return { ...tree, forks: tree.forks.with(tree.current, { ...current, key }), left: [] };
}

/** Draws its caller anew when what is chosen changes; that is compared by identity. */
export function useLab<T>(store: LabStore, choose: (state: LabState) => T): T {
  const [, redraw] = useReducer<number, void>((count) => count + 1, 0);
  const chosen = choose(store.state);
  useEffect(() => {
    let last = choose(store.state);
    if (last !== chosen) redraw();
    return store.subscribe(() => {
      const next = choose(store.state);
      if (next === last) return;
      last = next;
      redraw();
    });
    // What it chooses stays the same function in meaning.
  }, [store]);
  return chosen;
}
