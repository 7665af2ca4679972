import type { Word } from '../../cli/script-words.js';
import { toDuration } from '../../cli/values.js';
import type { Millis } from '../../core/ids.js';
import { invariant } from '../../core/invariant.js';
import type { ScriptClient, ScriptContext } from '../context.js';
import { textOf } from '../line-error.js';
import type { Outcome } from '../outcome.js';
import type { Invocation } from '../program.js';

/** A command about to be done. */
export interface Call {
  readonly invocation: Invocation;
  readonly context: ScriptContext;
  readonly scriptClient: ScriptClient;
  /** No operation may take longer, whatever its flags say. */
  readonly timeoutMsMax: Millis;
}

/** Does one command. Throws `KvxError`s, as the command line would show them. */
export type Action = (call: Call) => Promise<Outcome>;

/** The words of an argument; none when it was left out. */
export function wordsOf({ invocation }: Call, name: string): readonly Word[] {
  return invocation.args.get(name) ?? [];
}

export function textsOf(call: Call, name: string): readonly string[] {
  return wordsOf(call, name).map(textOf);
}

/** The bytes of an argument that must be there. */
export function bytesOf(call: Call, name: string): Uint8Array {
  const [word] = wordsOf(call, name);
  invariant(word !== undefined, `the parser has seen ${name}`);
  return word.bytes;
}

export function flagOf({ invocation }: Call, name: string): string | undefined {
  return invocation.flags.get(name)?.at(-1);
}

export function timeoutOf(call: Call, otherwise: Millis): Millis {
  const said = flagOf(call, 'timeout');
  return Math.min(
    said === undefined ? otherwise : toDuration(said, '--timeout'),
    call.timeoutMsMax,
  );
}

/** Of a command whose only news is what it prints. */
export function done(print: Outcome['print']): Outcome {
  return { failure: null, exitCode: 0, seen: { type: 'nothing' }, print };
}
