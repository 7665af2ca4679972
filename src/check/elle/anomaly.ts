/** From the weakest to the strongest, as far as they are in one line: see {@link weakerModels}. */
export const transactionModels = [
  'read-uncommitted',
  'read-committed',
  'read-atomic',
  'causal',
  'snapshot-isolation',
  'serializable',
  'strict-serializable',
] as const;
export type TransactionModel = (typeof transactionModels)[number];

export const isOfTransactions = (model: string): model is TransactionModel =>
  transactionModels.includes(model as TransactionModel);

/** What holds where the model holds. Causal order knows sessions, which snapshot isolation and serializability do not. */
export const weakerModels: Readonly<Record<TransactionModel, readonly TransactionModel[]>> = {
  'read-uncommitted': [],
  'read-committed': ['read-uncommitted'],
  'read-atomic': ['read-committed', 'read-uncommitted'],
  causal: ['read-atomic', 'read-committed', 'read-uncommitted'],
  'snapshot-isolation': ['read-atomic', 'read-committed', 'read-uncommitted'],
  serializable: ['snapshot-isolation', 'read-atomic', 'read-committed', 'read-uncommitted'],
  'strict-serializable': transactionModels.slice(0, -1),
};

/** What is wrong without any cycle. */
export interface DirectAnomaly {
  readonly name: string;
  /** The weakest model that forbids it. */
  readonly forbiddenBy: TransactionModel;
  /** Indices into the live transactions; what is told names them by their places here: `{0}`, `{1}`. */
  readonly by: readonly number[];
  /** A transaction that surely did not happen, told as the one after the last of `by`: its index in the history. */
  readonly aborted?: number;
  readonly told: string;
}

/** `forbiddenBy`: the weakest model that forbids it. */
export const directAnomaly = (
  name: string,
  forbiddenBy: TransactionModel,
  by: readonly number[],
  told: string,
): DirectAnomaly => ({ name, forbiddenBy, by, told });
