/** Accounts of a bank: money moves between them, and none is made or lost. */

import { type Narrator, shownText } from '../evidence/narrator.js';
import { type Finding, holds, type ModelVerdict, unknownBecause, violated } from '../finding.js';
import { pushTo } from '../lookup.js';
import type { Budget } from '../register/operations.js';
import { hashNumber, hashString } from '../search/hash.js';
import type { Model } from '../search/model.js';
import { isRead, type ObjectCall } from './calls.js';
import { balancesOf } from './objects.js';
import { searched } from './searched.js';
import { type Transfer, transferOf } from './transfer.js';

type Balances = ReadonlyMap<string, number | null>;

interface Read {
  readonly call: ObjectCall;
  readonly balances: Balances;
}

function readsOf(calls: readonly ObjectCall[]): Read[] | ModelVerdict {
  const reads: Read[] = [];
  for (const call of calls) {
    if (!isRead(call) || call.seen === null) continue;
    const balances = balancesOf(call.seen);
    if (balances === null)
      return unknownBecause('what is read of a bank is the balance of each account');
    reads.push({ call, balances });
  }
  return reads;
}

const totalOf = ({ balances }: Read): number =>
  [...balances.values()].reduce<number>((total, balance) => total + (balance ?? 0), 0);

/**
 * Jepsen's `bank`: every read shows the same total, and no balance that is missing or below zero. A history does not say
 * what the total is; where reads differ, it is what most of them show.
 */
export function judgeBank(narrator: Narrator, calls: readonly ObjectCall[]): ModelVerdict {
  const reads = readsOf(calls);
  if ('type' in reads) return reads;
  for (const read of reads) {
    const bad = badBalanceIn(narrator, read);
    if (bad !== null) return violated(bad);
  }
  const byTotal = new Map<number, Read[]>();
  for (const read of reads) {
    const total = totalOf(read);
    pushTo(byTotal, total, read);
  }
  if (byTotal.size < 2) return holds;
  const [most, ...others] = [...byTotal.values()].sort((a, b) => b.length - a.length);
  return violated(wrongTotal(narrator, most?.[0] as Read, others[0]?.[0] as Read));
}

function badBalanceIn(narrator: Narrator, { call, balances }: Read): Finding | null {
  for (const [account, balance] of balances) {
    if (balance !== null && balance >= 0) continue;
    const name = shownText(account);
    const what =
      balance === null ? `no balance in account ${name}` : `${balance} in account ${name}`;
    return {
      anomaly: balance === null ? 'missing balance' : 'negative balance',
      sentence: `${narrator.who(call.at)} read ${what}`,
      operations: [call.at],
      culprit: call.at,
    };
  }
  return null;
}

function wrongTotal(narrator: Narrator, usual: Read, odd: Read): Finding {
  const saw = (read: Read) => `${narrator.who(read.call.at)} read a total of ${totalOf(read)}`;
  return {
    anomaly: 'wrong total',
    sentence: `${saw(odd)}, and ${saw(usual)}`,
    because: ['transfers change no total'],
    operations: [usual.call.at, odd.call.at],
    culprit: odd.call.at,
  };
}

type BankOperation = Transfer | { readonly balances: Balances };

/** What the transfers so far come to by account; and the balances before all of them, once they were read. */
interface BankState {
  readonly first: Balances | null;
  readonly moved: ReadonlyMap<string, number>;
}

/** The first read fixes how the accounts began; every other must agree with it. */
const bankModel: Model<BankState, BankOperation> = {
  initial: { first: null, moved: new Map() },
  step({ first, moved }, operation) {
    if ('balances' in operation) {
      const before = new Map(
        [...operation.balances].map(([account, balance]) => [
          account,
          (balance ?? 0) - (moved.get(account) ?? 0),
        ]),
      );
      if (first === null) return [true, { first: before, moved }];
      return [isSame(first, before), { first, moved }];
    }
    const after = new Map(moved);
    after.set(operation.from, (after.get(operation.from) ?? 0) - operation.amount);
    after.set(operation.to, (after.get(operation.to) ?? 0) + operation.amount);
    return [true, { first, moved: after }];
  },
  equal: (a, b) =>
    isSame(a.moved, b.moved) &&
    (a.first === null ? b.first === null : b.first !== null && isSame(a.first, b.first)),
  hash({ first, moved }) {
    let hash = first === null ? 0 : hashOf(first);
    hash = hashNumber(hashOf(moved), hash);
    return hash;
  },
  bytes: ({ first, moved }) => 64 * ((first?.size ?? 0) + moved.size),
};

/** An account that is in one only holds nothing. */
function isSame(a: Balances, b: Balances): boolean {
  for (const account of new Set([...a.keys(), ...b.keys()])) {
    if ((a.get(account) ?? 0) !== (b.get(account) ?? 0)) return false;
  }
  return true;
}

function hashOf(balances: Balances): number {
  let hash = 0;
  for (const [account, balance] of balances) {
    if (balance !== null && balance !== 0) hash ^= hashNumber(balance, hashString(account));
  }
  return hash;
}

export function linearizableBank(
  narrator: Narrator,
  calls: readonly ObjectCall[],
  budget: Budget,
): ModelVerdict {
  const total = judgeBank(narrator, calls);
  if (total.type === 'violated' && total.finding.anomaly === 'wrong total') return total;
  const reads = readsOf(calls);
  if ('type' in reads) return reads;
  const asked: { call: ObjectCall; operation: BankOperation }[] = reads.map(
    ({ call, balances }) => ({ call, operation: { balances } }),
  );
  for (const call of calls) {
    if (call.kind !== 'transfer' || call.isFailed) continue;
    const transfer = transferOf(call.written);
    if (transfer === null) return unknownBecause('a transfer is {:from, :to, :amount}');
    asked.push({ call, operation: transfer });
  }
  return searched(bankModel, asked, budget, (core) => {
    const last = core.at(-1) as ObjectCall;
    return `${narrator.who(last.at)} ${narrator.did(last.at)}, which no order of the transfers and reads before it explains`;
  });
}
