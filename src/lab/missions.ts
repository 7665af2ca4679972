/** Small tasks that teach: break this on purpose, and see what comes of it. What a run has shown says whether one is done. */
import type { Recording, RunKey } from './recording.js';

export interface Mission {
  readonly id: string;
  readonly title: string;
  /** What to achieve, in a sentence. */
  readonly task: string;
  readonly start: RunKey;
  /** Opened one by one. */
  readonly hints: readonly [string, string];
  /** What it shows, for who has done it. */
  readonly lesson: string;
  /** `why`: what is missing yet, or what was seen. */
  isDone(recording: Recording): MissionVerdict;
}

export interface MissionVerdict {
  readonly done: boolean;
  readonly why: string;
}

export const missions: readonly Mission[] = [];
