/** Accounts of a bank: money moves between them, and none is made or lost. */

import { pushTo } from '../../core/lookup.js';
import { Undecided } from '../budget.js';
import { type Narrator, shownText } from '../evidence/narrator.js';
import { type Finding, holds, violated } from '../finding.js';
import { hashNumber, hashString, type Model } from '../search/model.js';
import { type Asked, searched, unexplained } from '../search/searched.js';
import { isRead, type JudgeCalls, type ObjectCall } from './calls.js';
import { type Balances, balancesOf, type Transfer, transferOf } from './values.js';

interface Read {
  readonly call: ObjectCall;
  readonly balances: Balances;
}

const readsOf = (calls: readonly ObjectCall[]): Read[] =>
  calls.filter((call) => isRead(call) && call.seen !== null).map(readOf);

function readOf(call: ObjectCall): Read {
  const balances = balancesOf(call.seen);
  if (balances !== null) return { call, balances };
  throw new Undecided('what is read of a bank is the balance of each account');
}

const totalOf = ({ balances }: Read): number =>
  [...balances.values()].reduce<number>((total, balance) => total + (balance ?? 0), 0);

/**
 * Jepsen's `bank`: every read shows the same total, and no balance that is missing or below zero. A history does not say
 * what the total is; where reads differ, it is what most of them show.
 */
export const judgeBank: JudgeCalls = (narrator, calls) => {
  const reads = readsOf(calls);
  const byTotal = new Map<number, Read[]>();
  for (const read of reads) {
    const bad = badBalanceIn(narrator, read);
    if (bad !== null) return violated(bad);
    pushTo(byTotal, totalOf(read), read);
  }
  if (byTotal.size < 2) return holds;
  const [most, ...others] = [...byTotal.values()].sort((a, b) => b.length - a.length);
  return violated(wrongTotal(narrator, most?.[0] as Read, others[0]?.[0] as Read));
};

function badBalanceIn(narrator: Narrator, { call, balances }: Read): Finding | null {
  for (const [account, balance] of balances) {
    if (balance !== null && balance >= 0) continue;
    const what = `${balance ?? 'no balance'} in account ${shownText(account)}`;
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
  readonly moved: Balances;
}

/** An account that is not there holds nothing. */
const heldIn = (balances: Balances | null, account: string): number => balances?.get(account) ?? 0;

/** The first read fixes how the accounts began; every other must agree with it. */
const bankModel: Model<BankState, BankOperation> = {
  initial: { first: null, moved: new Map() },
  step({ first, moved }, operation) {
    if ('balances' in operation) {
      const { balances } = operation;
      const began = (account: string) => heldIn(balances, account) - heldIn(moved, account);
      const before = new Map([...balances.keys()].map((account) => [account, began(account)]));
      return [first === null || isSame(first, before), { first: first ?? before, moved }];
    }
    const { from, to, amount } = operation;
    const after = new Map(moved).set(from, heldIn(moved, from) - amount);
    return [true, { first, moved: after.set(to, heldIn(after, to) + amount) }];
  },
  equal: (a, b) =>
    isSame(a.moved, b.moved) &&
    (a.first === null) === (b.first === null) &&
    isSame(a.first, b.first),
  hash: ({ first, moved }) => hashNumber(hashOf(moved), hashOf(first ?? new Map())),
  bytes: ({ first, moved }) => 64 * ((first?.size ?? 0) + moved.size),
};

function isSame(a: Balances | null, b: Balances | null): boolean {
  const accounts = new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])]);
  return [...accounts].every((account) => heldIn(a, account) === heldIn(b, account));
}

function hashOf(balances: Balances): number {
  let hash = 0;
  for (const [account, balance] of balances) {
    if (balance !== null && balance !== 0) hash ^= hashNumber(balance, hashString(account));
  }
  return hash;
}

export const linearizableBank: JudgeCalls = (narrator, calls, budget) => {
  const total = judgeBank(narrator, calls, budget);
  if (total.type === 'violated' && total.finding.anomaly === 'wrong total') return total;
  const asked: Asked<BankOperation>[] = readsOf(calls).map(({ call, balances }) => ({
    call,
    operation: { balances },
  }));
  for (const call of calls) {
    if (call.kind !== 'transfer' || call.isFailed) continue;
    const transfer = transferOf(call.written);
    if (transfer === null) throw new Undecided('a transfer is {:from, :to, :amount}');
    asked.push({ call, operation: transfer });
  }
  return searched(bankModel, asked, budget, unexplained(narrator, 'the transfers and reads'));
};
