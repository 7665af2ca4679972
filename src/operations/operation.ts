/**
 * What an operation is: its words as data, and one function. Commands, scripts, the shell and their help are made from
 * the table of them, so that what is learnt in one place holds in the other.
 */

import type { Agreement } from '../client/agreement.js';
import type { Found, NodeStore } from '../client/ask.js';
import type { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Version } from '../core/version.js';
import type { AnswerKind } from '../render/failure.js';
import type { Page } from '../render/page.js';
import type { Capability } from '../targets/target.js';
import { checkCapable } from '../targets/target.js';
import type { Asker, OperationContext } from './context.js';
import type { Takes } from './flags.js';
import type { Given } from './given.js';
import { checkGiven, nothingKnown } from './given.js';

/** What `expect` may say of a command, beside `ok` and `fails`. */
export type ExpectWord = '==' | '!=' | 'in' | 'absent' | 'present' | 'agree' | 'differ' | 'empty';

/** `why` is the word for it when it is not yes. */
export interface Answered {
  readonly answer: AnswerKind;
  readonly why: string | null;
}

/** What there was to see, by kind of operation: what `expect` is about. */
export type SeenResult =
  | {
      readonly type: 'value';
      readonly value: Uint8Array | null;
      readonly version: Version | null;
      readonly node: NodeId;
    }
  | { readonly type: 'values'; readonly values: readonly (Uint8Array | null)[] }
  | { readonly type: 'store'; readonly store: NodeStore }
  | { readonly type: 'copies'; readonly found: readonly Found[] }
  | { readonly type: 'agreement'; readonly agreement: Agreement }
  | { readonly type: 'error'; readonly error: KvxError }
  /** What a judge says, and what it draws. */
  | {
      readonly type: 'verdict';
      readonly sentence: string;
      readonly drawing: readonly string[];
      readonly key: string | null;
    }
  | { readonly type: 'nothing' };

export interface ShowOptions {
  readonly width: number;
  readonly given: Given;
  /** On the command line, what to do next is another command line; in a shell, silence would be no answer. */
  readonly where: 'command line' | 'script' | 'shell';
}

export interface OperationOutcome extends Answered {
  readonly seen: SeenResult;
  json(): unknown;
  page(how: ShowOptions): Page;
}

export interface OperationCall {
  readonly given: Given;
  readonly context: OperationContext;
  readonly asker: Asker;
  /** Nothing may take longer, whatever its flags say. */
  readonly timeoutMsMax: Millis;
  /** Its JSON is what is wanted. */
  readonly json: boolean;
  /** What is being waited for. */
  says(doing: string): void;
  /** What is to be shown before it is over: a line, or the same as a document. */
  tell(line: string, document: unknown): void;
}

export const timeoutOf = ({
  given,
  timeoutMsMax,
}: Pick<OperationCall, 'given' | 'timeoutMsMax'>): Millis =>
  Math.min(given.duration('timeout'), timeoutMsMax);

/** What is said of an operation, apart from what it does. */
export interface OperationWords extends Takes {
  /** One word or two. */
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  /** Without the program's name, unless they are lines of shell, in which it stands as `$kvx`. */
  readonly examples: readonly string[];
  readonly aliases?: readonly string[];
  readonly judged?: readonly ExpectWord[];
  /** In scripts, steps of a transaction follow, up to `end`; on the command line they are read from a file. */
  readonly block?: boolean;
  /** False for what only looks: its failures need not say whether they took effect. */
  readonly changes?: boolean;
  /** Absent: both. */
  readonly only?: 'command line' | 'scripts';
  /** What it works on; absent: a cluster that is up. `several by name`: up or not. */
  readonly on?: 'a cluster to be' | 'a cluster described' | 'several by name' | 'nothing';
  readonly capabilities?: readonly Capability[];
}

export interface OperationEntry extends OperationWords {
  /** Throws `KvxError`s. */
  run(call: OperationCall): Promise<OperationOutcome>;
}

/** Without arguments or flags, it takes none. */
export type Described = Omit<OperationWords, keyof Takes> & Partial<Takes>;

interface Definition<T> extends Described {
  run(call: OperationCall): Promise<T>;
  /** Absent: yes. */
  answer?(result: T): Answered;
  /** Absent: nothing. */
  seen?(result: T): SeenResult;
  /** Absent: the result as it is. */
  json?(result: T): unknown;
  page(result: T, how: ShowOptions): Page;
}

export const yes: Answered = { answer: 'yes', why: null };
export const no = (why: string): Answered => ({ answer: 'no', why });
export const notKnown = (why: string): Answered => ({ answer: 'unknown', why });

/** One whose result is a `T`. */
export interface TypedOperation<T> extends OperationEntry {
  /** What that result comes to, and how it looks. */
  outcomeOf(result: T): OperationOutcome;
}

export function operation<T>(definition: Definition<T>): TypedOperation<T> {
  const { run, answer, seen, json, page, ...words } = definition;
  const outcomeOf = (result: T): OperationOutcome => ({
    ...(answer?.(result) ?? yes),
    seen: seen?.(result) ?? { type: 'nothing' },
    json: () => (json === undefined ? result : json(result)),
    page: (how) => page(result, how),
  });
  const takes = { arguments: [], flags: [] };
  return { ...takes, ...words, outcomeOf, run: async (call) => outcomeOf(await run(call)) };
}

/** `put KEY VALUE`, `node kill NODE…`, `node add [NODE]`. */
export function usageOf(spec: Pick<OperationWords, 'name' | 'arguments'>): string {
  const words = spec.arguments.map(({ name, optional, rest }) => {
    const shown = rest ? `${name}…` : name;
    return optional ? `[${shown}]` : shown;
  });
  return [spec.name, ...words].join(' ');
}

/** For a line of help: the summary's first sentence or half. */
export function briefOf({ summary }: OperationWords): string {
  const [first = ''] = summary.split(/;|\.(?= |$)/, 1);
  return first.charAt(0).toLowerCase() + first.slice(1);
}

/** Does an operation. Throws `KvxError`s: for what can't be done to this target, and for what goes wrong with it. */
export async function perform(
  spec: OperationEntry,
  call: OperationCall,
): Promise<OperationOutcome> {
  if (spec.on !== undefined) return spec.run(call);
  // Throws while none is up.
  const { target, spec: cluster } = call.context;
  checkCapable(target, spec.name, spec.capabilities ?? []);
  checkGiven(spec, call.given, { ...nothingKnown, nodes: cluster.nodes });
  try {
    return await spec.run(call);
  } catch (error) {
    throw target.explain(error);
  }
}
