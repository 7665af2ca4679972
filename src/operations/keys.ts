/** Operations on one key, and on several at once. */
import type { Performed } from '../client/client.js';
import { KvxError } from '../core/errors.js';
import { type Key, keyFromBytes } from '../core/key.js';
import type { DataOperation, KeyOperation, TransactionStep } from '../core/operation.js';
import { sameBytes } from '../core/results.js';
import { bytesToLine, keyToJson, keyToLine, valueToJson } from '../render/bytes.js';
import { line, type Page, remark } from '../render/page.js';
import type { ArgumentSpec } from './flags.js';
import { argument, keyArgument, keyFlags, switchFlag, valueArgument } from './flags.js';
import type { Given } from './given.js';
import {
  type Answered,
  no,
  type OperationCall,
  type OperationEntry,
  type OperationWords,
  operation,
  type SeenResult,
  yes,
} from './operation.js';

const shownCharactersMax = 60;

const keyOf = ({ given }: OperationCall): Key => keyFromBytes(given.bytes('KEY'));

/** Asks through the asker's client; what its session has seen is kept. */
export async function asking<O extends DataOperation>(
  {
    context,
    asker,
    given,
    timeoutMsMax,
  }: Pick<OperationCall, 'context' | 'asker' | 'timeoutMsMax'> & {
    readonly given: Pick<Given, 'flags'>;
  },
  operation: O,
): Promise<Performed<O['type']>> {
  const { client, options, keep } = context.clientFor(asker, given.flags, timeoutMsMax);
  const outcome = await client.perform(operation, options);
  await keep();
  return outcome;
}

export const get = operation({
  name: 'get',
  summary:
    'Print the value of a key; nothing on standard output, and exit code 1, when it is absent.',
  description:
    'The value comes as it is, followed by a newline; with --raw by nothing. A node that is behind what the --session has seen is passed over; when all are: ERR_DEP, and exit code 1. With --json, status is OK, ERR_KEY (absent) or ERR_DEP.',
  examples: [
    'get greeting --level one --node n2',
    'get greeting --session me',
    'get greeting --raw | wc -c',
  ],
  arguments: [keyArgument],
  flags: [...keyFlags, switchFlag('raw', 'add no newline')],
  judged: ['==', '!=', 'in', 'absent', 'present'],
  changes: false,
  run: async (call) => {
    const key = keyOf(call);
    return { key, outcome: await asking(call, { type: 'get', key }) };
  },
  answer: ({ outcome }) => (outcome.value === null ? no('absent') : yes),
  seen: ({ outcome }) => outcome,
  json: ({ key, outcome: { value, version, node } }) => {
    const found = value !== null;
    const status = found ? 'OK' : 'ERR_KEY';
    return { key: keyToJson(key), status, found, value: valueToJson(value), version, node };
  },
  page: ({ key, outcome: { value } }, { given, where }) => {
    if (value === null) {
      if (where === 'script') return [];
      const said = `There is no key ${keyToLine(key, shownCharactersMax)}.`;
      return [remark(where === 'shell' ? '(absent)' : said)];
    }
    const bytes = { type: 'bytes', bytes: value } as const;
    return given.has('raw') ? [bytes] : [bytes, { type: 'bytes', bytes: '\n' }];
  },
});

interface Written {
  readonly key: Key;
  readonly outcome: Performed<'cas'>;
}

type Write = Exclude<KeyOperation, { readonly type: 'get' }>;

const fieldOf: Readonly<Record<string, string>> = { VALUE: 'value', OLD: 'expected', NEW: 'value' };

/** `args`: what it takes beside the key. */
function writing(
  words: Pick<OperationWords, 'summary' | 'examples'> & { readonly name: Write['type'] },
  args: readonly ArgumentSpec[] = [valueArgument],
): OperationEntry {
  return operation<Written>({
    ...words,
    arguments: [keyArgument, ...args],
    flags: keyFlags,
    run: async (call) => {
      const key = keyOf(call);
      const fields = args.map(({ name }) => [fieldOf[name], call.given.bytes(name)]);
      const write = { type: words.name, key, ...Object.fromEntries(fields) } as Write;
      return { key, outcome: await asking(call, write) };
    },
    answer: ({ outcome }) => (outcome.type === 'done' ? yes : no('refused')),
    seen: ({ outcome }) => seenIn(outcome),
    json: writeDocument,
    page: ({ key, outcome }) => [line(outcome.type === 'done' ? 'OK' : refusal(key, outcome))],
  });
}

function seenIn(outcome: Performed<'cas'>): SeenResult {
  if (outcome.type === 'done') return { type: 'nothing' };
  const { actual: value, version, node } = outcome;
  return { type: 'value', value, version, node };
}

function writeDocument({ key, outcome }: Written): unknown {
  const { version, node } = outcome;
  if (outcome.type === 'done') {
    return { ok: true, key: keyToJson(key), existed: outcome.existed, version, node };
  }
  const actual = valueToJson(outcome.actual);
  return { ok: false, key: keyToJson(key), reason: outcome.reason, actual, version, node };
}

function refusal(
  key: Key,
  { reason, actual }: Extract<Performed<'cas'>, { readonly type: 'refused' }>,
): string {
  const name = keyToLine(key, shownCharactersMax);
  const held = actual === null ? 'nothing' : bytesToLine(actual, shownCharactersMax);
  switch (reason) {
    case 'exists':
      return `refused: ${name} already holds ${held}`;
    case 'absent':
      return `refused: ${name} is absent`;
    case 'different':
      return `refused: ${name} holds ${held}`;
  }
}

export const put = writing({
  name: 'put',
  summary: 'Give a key a value.',
  examples: [
    'put greeting hello',
    'put greeting "hello again" --level all',
    'date | $kvx put now -',
  ],
});

export const remove = writing(
  {
    name: 'delete',
    summary: 'Delete a key; deleting nothing is fine.',
    examples: ['delete greeting', 'delete greeting --json'],
  },
  [],
);

export const insert = writing({
  name: 'insert',
  summary: 'Put only if the key is absent; else say so, with exit code 1.',
  examples: ['insert greeting hello', 'date | $kvx insert now -'],
});

export const update = writing({
  name: 'update',
  summary: 'Put only if the key is present; else say so, with exit code 1.',
  examples: ['update greeting hi', 'date | $kvx update now -'],
});

export const cas = writing(
  {
    name: 'cas',
    summary:
      'Compare and set: put NEW only if the key holds OLD; else say what it holds, with exit code 1.',
    examples: ['cas greeting hello goodbye', 'cas greeting hello goodbye --json'],
  },
  [
    argument('OLD', 'value', 'the value that must be there; or --old-hex', { flag: 'old' }),
    { ...valueArgument, name: 'NEW' },
  ],
);

type Steps = readonly TransactionStep[];

interface Transaction {
  readonly steps: Steps;
  readonly outcome:
    | Performed<'txn'>
    /** Another transaction stood in the way until the time was up, and surely nothing was written. */
    | { readonly type: 'conflict'; readonly error: KvxError };
}

export const txn = operation<Transaction>({
  name: 'txn',
  summary: 'Do several things at once, all of them or none (modes 2pc and paxos).',
  description: [
    'One step a line, in order: put KEY VALUE, get KEY, delete KEY, check KEY VALUE, check KEY absent.',
    'A word that holds blanks, or is empty, stands in double quotes; \\n, \\t, \\\\, \\", \\x00 and \\u0000 are as in C, and what follows # is a comment.',
    'Prints what each get saw, a line each, (absent) for nothing; OK when there is no get. When a check does not hold, or another transaction is in the way until the time is up, nothing is written: it prints `aborted:` and why, with exit code 1.',
  ].join('\n'),
  examples: [
    `printf 'check from 100\\nput from 70\\nput to 30\\n' | $kvx txn`,
    `printf 'check lock absent\\nput lock "held by me"\\nget total\\n' | $kvx txn --json`,
    'txn transfer.txt --timeout 10s',
  ],
  flags: keyFlags,
  judged: ['=='],
  block: true,
  run: async (call) => {
    const { steps } = call.given;
    const asked = asking(call, { type: 'txn', steps });
    return { steps, outcome: await asked.catch(asConflict) };
  },
  answer: ({ outcome: { type } }): Answered =>
    type === 'committed' ? yes : no(type === 'refused' ? 'refused' : 'conflict'),
  seen: ({ outcome }) => {
    if (outcome.type === 'conflict') return { type: 'error', error: outcome.error };
    if (outcome.type === 'committed') return { type: 'values', values: outcome.values };
    return seenIn(outcome);
  },
  json: transactionDocument,
  page: transactionPage,
});

/** One that surely wrote nothing is an answer; all else that goes wrong is not. */
export function asConflict(error: unknown) {
  const isConflict = error instanceof KvxError && error.code === 'conflict' && error.definite;
  if (!isConflict) throw error;
  return { type: 'conflict' as const, error };
}

function transactionDocument({ steps, outcome }: Transaction): unknown {
  switch (outcome.type) {
    case 'committed': {
      const { values, version, node } = outcome;
      const keys = steps.filter(({ type }) => type === 'get').map(({ key }) => key);
      const gets = keys.map((key, at) => {
        const value = valueToJson(values[at] ?? null);
        return { key: keyToJson(key), found: value !== null, value };
      });
      return { ok: true, gets, version, node };
    }
    case 'refused': {
      const { actual, version, node } = outcome;
      const keys = suspectsOf(steps, actual);
      const key = keys.length === 1 ? keyToJson(keys[0] as Key) : null;
      return { ok: false, reason: 'check', key, actual: valueToJson(actual), version, node };
    }
    case 'conflict':
      return { ok: false, reason: 'conflict', message: outcome.error.message };
  }
}

/** Each get's result on a line of its own, escaped like all values that share a page; `OK` when there is none. */
function transactionPage({ steps, outcome }: Transaction): Page {
  switch (outcome.type) {
    case 'committed': {
      const { values } = outcome;
      if (values.length === 0) return [line('OK')];
      return values.map((value) => line(value === null ? '(absent)' : bytesToLine(value)));
    }
    case 'refused': {
      const { actual } = outcome;
      const held =
        actual === null ? 'is absent' : `holds ${bytesToLine(actual, shownCharactersMax)}`;
      const names = suspectsOf(steps, actual).map((key) => keyToLine(key, shownCharactersMax));
      return [line(`aborted: ${names.length <= 1 ? '' : 'one of '}${names.join(', ')} ${held}`)];
    }
    case 'conflict':
      return [line(`aborted: ${outcome.error.message}`)];
  }
}

/** The keys of the checks that fail on what was found; the answer does not say which it was. */
function suspectsOf(steps: Steps, actual: Uint8Array | null): readonly Key[] {
  const failing = steps.flatMap((step) =>
    step.type === 'check' && !sameBytes(step.expected, actual) ? [step.key] : [],
  );
  return [...new Set(failing)];
}
