/** From the weakest to the strongest; each forbids what those before it forbid. */
export const transactionModels = [
  'read-uncommitted',
  'read-committed',
  'snapshot-isolation',
  'serializable',
  'strict-serializable',
] as const;
export type TransactionModel = (typeof transactionModels)[number];

/** What is wrong without any cycle. */
export interface DirectAnomaly {
  readonly name: string;
  /** The weakest model that forbids it. */
  readonly forbiddenBy: TransactionModel;
  /** Indices into the history; what is told names them by their places here: `{0}`, `{1}`. */
  readonly operations: readonly number[];
  readonly told: string;
}
