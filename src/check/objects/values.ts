/** What operations on objects say, from the text of a value. */

/** `undefined`: it is no JSON. */
export function parsedOf(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A string is its own text, anything else is its JSON. */
export const textOfItem = (item: unknown): string =>
  typeof item === 'string' ? item : JSON.stringify(item);

/** The items of a list, as texts, as values are; `null`: it is none. */
export function itemsOf(text: string | null): string[] | null {
  const parsed = parsedOf(text);
  return Array.isArray(parsed) ? parsed.map(textOfItem) : null;
}

export type Balances = ReadonlyMap<string, number | null>;

/** The balances of a bank by account; `null`: it is none. A list has its accounts numbered. */
export function balancesOf(text: string | null): Balances | null {
  const parsed = parsedOf(text);
  if (typeof parsed !== 'object' || parsed === null) return null;
  const balances = Object.entries(parsed).map(([account, balance]) => [account, balance] as const);
  const isBalance = (balance: unknown) => balance === null || Number.isSafeInteger(balance);
  return balances.every(([, balance]) => isBalance(balance)) ? new Map(balances) : null;
}

/** What moves between accounts. */
export interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

/** `null`: it is none. The names of its fields may be keywords of Clojure. */
export function transferOf(text: string | null): Transfer | null {
  if (text === null || !text.startsWith('{')) return null;
  const fields = parsedOf(text) as Readonly<Record<string, unknown>> | undefined;
  const field = (name: string): unknown => fields?.[`:${name}`] ?? fields?.[name];
  const [from, to, amount] = [field('from'), field('to'), field('amount')];
  if (from === undefined || to === undefined || !Number.isSafeInteger(amount)) return null;
  return { from: textOfItem(from), to: textOfItem(to), amount: amount as number };
}
