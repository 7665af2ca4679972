/** What a script's run has to tell: what was typed and printed, its history and verdict, the trace of its cluster. */
import { KvxError } from '../../core/errors.js';
import type { Millis } from '../../core/ids.js';
import type { TraceEvent } from '../../core/trace-event.js';
import type { History } from '../../history/history.js';
import { failureLines } from '../../render/failure.js';
import { type About, nothingTold, type Report } from '../../report/report.js';
import type { Program } from '../../scenario/program.js';
import type { Streams } from '../../scenario/script-output.js';
import { replayOf } from '../../shrink/shrink.js';
import type { RunPlace } from '../../targets/place.js';
import type { Target } from '../../targets/target.js';
import { checkLive } from '../load/judged.js';
import type { TypedCommand } from '../perform-typed.js';
import { aboutOf, clusterPairs } from './about.js';
import { toldTrace, tracedSince } from './told-trace.js';

export class RunTold {
  readonly place: RunPlace;
  readonly #typed: TypedCommand;
  readonly #decoder = new TextDecoder();
  #program: Program | null = null;
  #output = '';
  #history: History | null = null;
  #events: readonly TraceEvent[] = [];
  #beganAtMs: Millis = 0;
  #cluster: About['cluster'] = [];
  isOver = false;
  /** Of a simulated run, without what was read for the verdict. */
  traceHash: string | undefined;

  constructor(typed: TypedCommand, place: RunPlace) {
    this.#typed = typed;
    this.place = place;
  }

  /** Streams that are listened to. */
  listening({ out, err }: Streams): Streams {
    return {
      out: (data) => {
        this.#output += typeof data === 'string' ? data : this.#decoder.decode(data);
        out(data);
      },
      err: (line) => {
        this.#output += `${line}\n`;
        err(line);
      },
    };
  }

  /** The clock of the history begins. */
  begin(program: Program, { runtime, timing }: Target): void {
    this.#program = program;
    this.#beganAtMs = timing.now() + (runtime === 'sim' ? 0 : performance.timeOrigin);
  }

  /** While it is known what cluster it was. */
  leave({ spec, runtime, traceHash }: Target): void {
    this.traceHash ??= traceHash;
    if (spec !== null) this.#cluster = clusterPairs(spec, runtime, spec.name);
  }

  /** `events`: `null` of a cluster that was there before, which may keep its own. */
  end(history: History | null, events: readonly TraceEvent[] | null): void {
    this.isOver = true;
    this.#history = history;
    this.#events = events ?? this.#ownEvents();
  }

  failed(error: unknown): void {
    if (error instanceof KvxError) this.#output += `${failureLines(error).join('\n')}\n`;
  }

  async report(): Promise<Report> {
    const history = this.#history?.count === 0 ? null : this.#history;
    const check = history === null ? null : await checkLive(history);
    const { place } = this;
    const seed = 'seed' in place ? place.seed : null;
    const bug = 'seed' in place ? place.bug : undefined;
    const { source = '', text = '' } = this.#program ?? {};
    const told = {
      ...{ seed, replay: seed === null ? null : replayOf(source, seed, bug) },
      cluster: [
        ...this.#cluster,
        ...(bug === undefined ? [] : [['bug', bug] as const]),
        ...(this.traceHash === undefined ? [] : [['trace hash', this.traceHash] as const]),
      ],
    };
    return {
      ...nothingTold,
      about: aboutOf('run', this.#typed, told),
      ...{ check, history, historyBeginMs: this.#beganAtMs },
      ...toldTrace(this.#events, check?.evidence ?? null, this.#beganAtMs),
      script: { text, output: this.#output },
    };
  }

  #ownEvents(): readonly TraceEvent[] {
    if (!('cluster' in this.place)) return [];
    const { folder, record } = this.place.cluster;
    return record.trace === 'on' ? tracedSince(folder, this.#beganAtMs) : [];
  }
}
