/**
 * What the page of the laboratory and its worker say to each other. Each task has what is asked, what is answered, and what is
 * told meanwhile; whoever needs another adds it to {@link LabTasks} and to `tasks.ts`.
 */
import type { LanesData } from '../trace/lanes.js';
import type { FindProgress, FindRequest, FindResult } from './find.js';
import type { ModeRun } from './modes.js';
import type { Recording, RunKey, ScenarioProblem } from './recording.js';

/** A recording as it travels: `lanesOf` revives its lanes. */
export interface PlainRecording extends Omit<Recording, 'lanes'> {
  readonly lanes: LanesData;
  /** What further questions about it name it by. */
  readonly id: number;
}

/** By name: all that is asked and answered must survive `structuredClone`. */
export interface LabTasks {
  readonly record: {
    readonly asked: { readonly key: RunKey; readonly eventsMax?: number | undefined };
    readonly answered: PlainRecording;
    /** Events so far. */
    readonly told: number;
  };
  /** What led to an event of a recording, in the order of events; of one that is forgotten, the event alone. */
  readonly slice: {
    readonly asked: { readonly recording: number; readonly event: number };
    readonly answered: Uint32Array;
    readonly told: never;
  };
  readonly modes: {
    readonly asked: { readonly key: RunKey; readonly eventsMax?: number | undefined };
    readonly answered: readonly ModeRun<PlainRecording>[];
    /** Modes that are through. */
    readonly told: number;
  };
  readonly find: {
    readonly asked: FindRequest;
    readonly answered: FindResult;
    readonly told: FindProgress;
  };
  /** A log for ShiViz; `null`: there is no such scenario. */
  readonly shiviz: {
    readonly asked: RunKey;
    readonly answered: string | null;
    readonly told: never;
  };
}

export type LabTask = keyof LabTasks;

/** `cancel` is not answered; what it cancels is, as failed. */
export type LabRequest =
  | { readonly [T in LabTask]: { readonly id: number; readonly task: T } & LabTasks[T] }[LabTask]
  | { readonly id: number; readonly task: 'cancel' };

export type LabReply = { readonly id: number } & (
  | { readonly type: 'answered'; readonly answer: unknown }
  | { readonly type: 'told'; readonly told: unknown }
  /** The scenario can't be read. */
  | { readonly type: 'problems'; readonly problems: readonly ScenarioProblem[] }
  /** `isCancelled`: because that was asked. */
  | { readonly type: 'failed'; readonly message: string; readonly isCancelled: boolean }
);
