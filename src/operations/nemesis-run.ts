/** A nemesis at work: faults come and go by operations, as if somebody typed them; in the end all of its own are undone. */

import { KvxError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { invariant } from '../core/invariant.js';
import { nextName } from '../core/node-order.js';
import { SeededRandom } from '../core/random.js';
import { encodeUtf8 } from '../core/utf8.js';
import type { ActiveFault } from '../faults/active.js';
import {
  drawStep,
  type NemesisName,
  type NemesisStep,
  type NemesisView,
} from '../faults/nemeses.js';
import type { Target } from '../targets/target.js';
import { anyAsker, OperationContext } from './context.js';
import { assign, Given } from './given.js';
import { leaderOf } from './leader.js';
import { type OperationEntry, perform } from './operation.js';
import { undoFaults } from './undo-faults.js';

export interface NemesisSetup {
  readonly target: Target;
  /** What it may do, by their words. */
  readonly operations: readonly OperationEntry[];
  readonly names: readonly NemesisName[];
  readonly seed: number;
  /** A fault begins so often. */
  readonly everyMs: Millis;
  /** `Infinity`: until the signal is aborted. */
  readonly forMs: Millis;
  readonly signal: AbortSignal;
  tell(event: NemesisEvent): void;
}

export interface NemesisEvent {
  /** When it was done or had failed, since the nemesis began. */
  readonly atMs: Millis;
  readonly tookMs: Millis;
  readonly change: 'begin' | 'end' | 'failed';
  /** The author of the faults: `nemesis halves`. */
  readonly by: string;
  /** What was done, or, when it ends or failed, what is over. */
  readonly words: readonly string[];
  /** The same in a script. */
  readonly script: readonly string[];
  /** Of what failed. */
  readonly why: string | null;
}

export interface NemesisReport {
  readonly seed: number;
  readonly faultCount: number;
  readonly failedCount: number;
  readonly elapsedMs: Millis;
}

const authorOf = (name: string): string => `nemesis ${name}`;
export const isOfNemesis = ({ by }: Pick<ActiveFault, 'by'>): boolean =>
  by.startsWith(authorOf(''));

const clockStepMs: Millis = 1e-6;
const healAgainMs: Millis = 500;
/** For how long a nemesis that is to end tries to undo what it did. */
const healMsMax: Millis = 12_000;

/**
 * Ends when its time is over or its signal aborted. Throws a definite `cluster` while another nemesis is at work on the same
 * cluster, and what is wrong with a cluster that is no longer up, or in which a fault could not be undone.
 */
export const runNemesis = (setup: NemesisSetup): Promise<NemesisReport> =>
  setup.target.asOnlyNemesis(() => new NemesisRun(setup).run());

class NemesisRun {
  readonly #setup: NemesisSetup;
  readonly #random: SeededRandom;
  readonly #beganAt: Millis;
  readonly #stop = new AbortController();
  readonly #on = new Map<NemesisStep, Promise<void>>();
  #faultCount = 0;
  #failedCount = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor(setup: NemesisSetup) {
    this.#setup = setup;
    this.#random = new SeededRandom(setup.seed);
    this.#beganAt = setup.target.timing.now();
  }

  async run(): Promise<NemesisReport> {
    const { target, forMs, signal, seed } = this.#setup;
    const { timing } = target;
    await this.#undoLeft();
    const stop = (): void => this.#stop.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const cancel = Number.isFinite(forMs) ? timing.after(forMs, stop) : () => {};
    try {
      while (!this.#stop.signal.aborted) {
        await this.#next();
        await timing.sleep(this.#untilNextMs(), this.#stop.signal);
      }
    } finally {
      cancel();
      stop();
      signal.removeEventListener('abort', stop);
      await Promise.all(this.#on.values());
    }
    const failure = this.#failure as { readonly error: unknown } | null;
    if (failure !== null) throw failure.error;
    const elapsedMs = Math.round(timing.now() - this.#beganAt);
    return { seed, faultCount: this.#faultCount, failedCount: this.#failedCount, elapsedMs };
  }

  /** Faults begin at multiples of `everyMs`. One that is nearer than clocks can tell has come: time would stand still. */
  #untilNextMs(): Millis {
    const { target, everyMs } = this.#setup;
    const sinceMs = target.timing.now() - this.#beganAt;
    const leftMs = everyMs - (sinceMs % everyMs);
    return leftMs < clockStepMs ? leftMs + everyMs : leftMs;
  }

  /** What one left that was killed. */
  async #undoLeft(): Promise<void> {
    const left = this.#setup.target.faults().filter(isOfNemesis);
    if (left.length === 0) return;
    await undoFaults(this.#setup.target, isOfNemesis, new AbortController().signal);
    for (const { by, words } of left) this.#tell('end', { by, words: [words] });
  }

  async #next(): Promise<void> {
    const { names, everyMs, target } = this.#setup;
    const on = [...this.#on.keys()].map(({ nemesis }) => nemesis);
    const from = target.timing.now();
    let view: NemesisView;
    try {
      view = await this.#view();
    } catch (error) {
      // Nodes that do not answer now may do so in a while; a cluster that is not up does not come back.
      if (!(error instanceof KvxError) || ['bug', 'cluster'].includes(error.code)) throw error;
      this.#tell('failed', { by: 'nemesis', words: [], from, why: error.message });
      return;
    }
    const step = drawStep(this.#random, names, view, { on, everyMs });
    if (step === null || this.#stop.signal.aborted) return;
    const task = this.#fault(step)
      .catch((error: unknown) => {
        this.#failure ??= { error };
        this.#stop.abort();
      })
      .finally(() => this.#on.delete(step));
    this.#on.set(step, task);
  }

  async #view(): Promise<NemesisView> {
    const { target, names } = this.#setup;
    // Throws when the cluster is no longer up.
    await target.changeFaults((faults) => faults);
    const { spec } = target;
    invariant(spec !== null, 'the cluster is up');
    const states = await target.control.states();
    const running = states.filter(({ state }) => state === 'running').map(({ node }) => node);
    const endpoints = target.endpoints().filter(({ node }) => running.includes(node));
    const leader = names.includes('leader') ? await leaderOf(endpoints) : null;
    return { nodes: spec.nodes, running, leader: leader?.node ?? null, newNode: nextName(spec) };
  }

  async #fault(step: NemesisStep): Promise<void> {
    const { timing } = this.#setup.target;
    const { signal } = this.#stop;
    const { nemesis, begin, end, forMs, pulses } = step;
    const by = authorOf(nemesis);
    const pulseMs = forMs / (2 * pulses - 1);
    this.#faultCount++;
    for (let pulse = 1; pulse <= pulses && !signal.aborted; pulse++) {
      const fault = { by, words: begin, from: timing.now() };
      let script: readonly string[] = [];
      try {
        await this.#begin(step, by);
        this.#tell('begin', { ...fault, script: begin });
        script = end;
        await timing.sleep(pulseMs, signal);
      } catch (error) {
        if (!(error instanceof KvxError) || error.code === 'bug') throw error;
        this.#failedCount++;
        this.#tell('failed', { ...fault, why: error.message });
      }
      const from = timing.now();
      const isOwn = await this.#end(step, by);
      this.#tell('end', { ...fault, from, script: isOwn ? script : [] });
      // What failed would fail again: its node may be gone.
      if (script.length === 0) return;
      if (pulse < pulses) await timing.sleep(pulseMs, signal);
    }
  }

  /** What stops a node or adds one is written down first; what breaks links, disks and clocks does that by itself. */
  async #begin({ begin, effect }: NemesisStep, by: string): Promise<void> {
    const { target } = this.#setup;
    if (effect !== null) {
      const words = begin.join('; ');
      await target.changeFaults((faults, next) => [...faults, next({ words, by, effect })]);
    }
    const { operations } = this.#setup;
    for (const words of begin) await doWords(words, { target, operations, by });
  }

  /** All of this author's: no two of its faults are on at once. False: somebody else has undone it, or its node is gone. */
  async #end({ begin }: NemesisStep, by: string): Promise<boolean> {
    const { target } = this.#setup;
    const { timing } = target;
    const isOwn = (fault: ActiveFault): boolean => fault.by === by;
    const wasOn = target.faults().some(isOwn);
    let stoppedAt: Millis | null = null;
    for (;;) {
      try {
        await undoFaults(target, isOwn, new AbortController().signal);
        return wasOn;
      } catch (error) {
        if (!(error instanceof KvxError) || error.code === 'bug') throw error;
        if (this.#stop.signal.aborted) stoppedAt ??= timing.now();
        if (stoppedAt !== null && timing.now() - stoppedAt > healMsMax)
          throw notUndone(begin, error);
        await timing.sleep(healAgainMs);
      }
    }
  }

  #tell(
    change: NemesisEvent['change'],
    {
      from,
      ...event
    }: Pick<NemesisEvent, 'by' | 'words'> & Partial<NemesisEvent> & { readonly from?: Millis },
  ): void {
    const now = this.#setup.target.timing.now();
    const times = {
      atMs: Math.round(now - this.#beganAt),
      tookMs: Math.round(now - (from ?? now)),
    };
    this.#setup.tell({ script: [], why: null, ...event, ...times, change });
  }
}

/** Does what the words of an operation say, in the name of `by`. What has begun comes to its end. */
export async function doWords(
  words: string,
  { target, operations, by }: Pick<NemesisSetup, 'target' | 'operations'> & { readonly by: string },
): Promise<void> {
  const { signal } = new AbortController();
  const context = new OperationContext({ targets: [target], signal });
  context.faultAuthor = by;
  const { operation, given } = understood(operations, words);
  const call = { given, context, asker: anyAsker, json: false, says: () => {}, tell: () => {} };
  try {
    await perform(operation, { ...call, timeoutMsMax: Number.POSITIVE_INFINITY });
  } finally {
    context.close();
  }
}

/** An operation and what is said to it. Flags as `--name=value`. */
function understood(operations: readonly OperationEntry[], words: string) {
  const operation = operations.find(({ name }) => words === name || words.startsWith(`${name} `));
  invariant(operation !== undefined, `${words}: there is such an operation`);
  const said = words
    .slice(operation.name.length)
    .split(' ')
    .filter((word) => word !== '');
  const flags = new Map(
    said.flatMap((word) => {
      const [, name, value] = /^--([\w-]+)=(.*)$/.exec(word) ?? [];
      return name === undefined || value === undefined ? [] : [[name, [value]] as const];
    }),
  );
  const { assigned } = assign(
    operation.arguments,
    said.filter((word) => !word.startsWith('--')),
  );
  const args = new Map([...assigned].map(([{ name }, all]) => [name, all.map(encodeUtf8)]));
  return { operation, given: new Given(operation, { args, flags }) };
}

function notUndone(begin: readonly string[], { message, code }: KvxError): KvxError {
  return new KvxError(`\`${begin.join('; ')}\` could not be undone: ${message}`, {
    code,
    definite: false,
    hint: '`kvx fault list` shows what is broken, `kvx fault heal` tries again.',
  });
}
