/** What moves between accounts, as the value of an operation says it. */
export interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

/** `null`: it is none. The names of its fields may be keywords of Clojure. */
export function transferOf(text: string | null): Transfer | null {
  if (text === null || !text.startsWith('{')) return null;
  const fields = parsedObject(text);
  const field = (name: string): unknown => fields?.[`:${name}`] ?? fields?.[name];
  const [from, to, amount] = [field('from'), field('to'), field('amount')];
  if (from === undefined || to === undefined || !Number.isSafeInteger(amount)) return null;
  return { from: nameOf(from), to: nameOf(to), amount: amount as number };
}

const nameOf = (account: unknown): string =>
  typeof account === 'string' ? account : JSON.stringify(account);

function parsedObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return null;
  }
}
