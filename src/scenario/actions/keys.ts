/** Commands about keys, through the client library. */
import { printRead, printWrite } from '../../cli/outcomes.js';
import { printCommitted, printConflict, printRefused } from '../../cli/transaction-report.js';
import type { RefusedOutcome, WriteOutcome } from '../../client/client.js';
import { KvxError } from '../../core/errors.js';
import { type Key, keyFromBytes } from '../../core/key.js';
import { exitCodes } from '../../render/failure.js';
import { optionsOf } from '../context.js';
import type { Outcome } from '../outcome.js';
import { type Action, bytesOf, type Call } from './action.js';

const keyOf = (call: Call): Key => keyFromBytes(bytesOf(call, 'KEY'));

function connect(call: Call) {
  const { client, asking } = call.context.clientFor(call.scriptClient, call.invocation.flags);
  return { client, options: optionsOf(asking, call.timeoutMsMax) };
}

const get: Action = async (call) => {
  const key = keyOf(call);
  const { client, options } = connect(call);
  const outcome = await client.get(key, options);
  const isThere = outcome.value !== null;
  return {
    failure: isThere ? null : 'absent',
    exitCode: isThere ? exitCodes.yes : exitCodes.no,
    seen: outcome,
    print: ({ json }) => printRead(key, outcome, { json, raw: false }),
  };
};

type Write = (call: Call, key: Key) => Promise<WriteOutcome | RefusedOutcome>;

const writing =
  (write: Write): Action =>
  async (call) => {
    const key = keyOf(call);
    return writeOutcome(key, await write(call, key));
  };

function writeOutcome(key: Key, outcome: WriteOutcome | RefusedOutcome): Outcome {
  const print: Outcome['print'] = (how) => {
    printWrite(key, outcome, how);
  };
  if (outcome.type === 'done') {
    return { failure: null, exitCode: exitCodes.yes, seen: { type: 'nothing' }, print };
  }
  const { actual: value, version, node } = outcome;
  const seen = { type: 'value', value, version, node } as const;
  return { failure: 'refused', exitCode: exitCodes.no, seen, print };
}

const put = writing((call, key) => {
  const { client, options } = connect(call);
  return client.put(key, bytesOf(call, 'VALUE'), options);
});

const remove = writing((call, key) => {
  const { client, options } = connect(call);
  return client.delete(key, options);
});

const insert = writing((call, key) => {
  const { client, options } = connect(call);
  return client.insert(key, bytesOf(call, 'VALUE'), options);
});

const update = writing((call, key) => {
  const { client, options } = connect(call);
  return client.update(key, bytesOf(call, 'VALUE'), options);
});

const cas = writing((call, key) => {
  const { client, options } = connect(call);
  return client.cas(key, bytesOf(call, 'OLD'), bytesOf(call, 'NEW'), options);
});

const txn: Action = async (call) => {
  const { steps } = call.invocation;
  const { client, options } = connect(call);
  try {
    const outcome = await client.transact(steps, options);
    if (outcome.type === 'committed') {
      return {
        ...{ failure: null, exitCode: exitCodes.yes },
        seen: { type: 'values', values: outcome.values },
        print: (how) => printCommitted(steps, outcome, how),
      };
    }
    const { actual: value, version, node } = outcome;
    return {
      ...{ failure: 'refused', exitCode: exitCodes.no },
      seen: { type: 'value', value, version, node },
      print: (how) => printRefused(steps, outcome, how),
    };
  } catch (error) {
    // One that surely wrote nothing is an answer; all else that goes wrong is not.
    const isConflict = error instanceof KvxError && error.code === 'conflict' && error.definite;
    if (!isConflict) throw error;
    return {
      ...{ failure: 'conflict', exitCode: exitCodes.no },
      seen: { type: 'error', error },
      print: (how) => printConflict(error, how),
    };
  }
};

export const keyActions: ReadonlyMap<string, Action> = new Map([
  ['get', get],
  ['put', put],
  ['delete', remove],
  ['insert', insert],
  ['update', update],
  ['cas', cas],
  ['txn', txn],
]);
