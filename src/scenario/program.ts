/** A script as the parser hands it to whoever runs it: checked as far as can be before anything happens. */
import type { ClusterSpec } from '../config/spec.js';
import type { Millis } from '../core/ids.js';
import type { Asker } from '../operations/context.js';
import type { Given } from '../operations/given.js';
import type { ScriptCommand } from './command-table.js';
import type { Expectation } from './outcome.js';

export interface Invocation {
  readonly command: ScriptCommand;
  readonly given: Given;
}

interface Placed {
  /** From 1. */
  readonly line: number;
  /** As it was typed, for messages. */
  readonly text: string;
  /** Of a command with steps: their lines, and the end's. */
  readonly steps?: readonly string[];
}

export type CommandStatement = Placed & {
  readonly type: 'command';
  readonly invocation: Invocation;
  /** The script goes on even if it ends in an error. */
  readonly isTry: boolean;
};

export type Statement =
  | CommandStatement
  | (Placed &
      (
        | {
            readonly type: 'expect';
            readonly invocation: Invocation;
            readonly expectation: Expectation;
            /** `null`: it must hold at once. */
            readonly withinMs: Millis | null;
          }
        /** So long after the script began, aside of the rest; where it stands says nothing. */
        | { readonly type: 'at'; readonly atMs: Millis; readonly does: CommandStatement }
        | { readonly type: 'repeat'; readonly count: number; readonly body: readonly Statement[] }
        | { readonly type: 'client'; readonly client: Asker }
        | { readonly type: 'at once'; readonly parts: readonly ClientPart[] }
        /** Says something else in each round of the `repeat` around it. */
        | { readonly type: 'template'; inRound(round: number): Statement }
      ));

export interface ClientPart {
  readonly client: Asker;
  readonly body: readonly Statement[];
}

/** The source of what is typed into a shell. */
export const shellSource = 'shell';

/** Whom the list of faults names. */
export const authorOf = (source: string): string =>
  source === shellSource ? 'user' : `script ${source}`;

export interface Program {
  /** A file's path, or `standard input`. */
  readonly source: string;
  readonly text: string;
  readonly statements: readonly Statement[];
  /** The cluster to start before the first statement; `null`: the script does that itself, or there is one. */
  readonly spec: ClusterSpec | null;
  /** It asks what its history was: that is kept. */
  readonly judgesHistory: boolean;
}
