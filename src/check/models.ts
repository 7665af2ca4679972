/** The consistency models that a history is judged by, as data: what each is called, and what follows from it. */

/** Of objects that are no registers: see objects/. */
export const objectModelNames = [
  'set',
  'list',
  'counter',
  'bank',
  'owned-mutex',
  'reentrant-mutex',
  'mutex',
  'queue',
  'total-queue',
  'unique-ids',
] as const;

export type ObjectModelName = (typeof objectModelNames)[number];

/** Strongest first, as far as there is one line: causal and sequential order are each stronger in a way of its own. */
export const modelNames = [
  'strict-serializable',
  'serializable',
  'snapshot-isolation',
  'linearizable',
  'sequential',
  'causal',
  'read-atomic',
  'read-committed',
  'read-uncommitted',
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
  'regular',
  'eventual',
  ...objectModelNames,
] as const;

export type ModelName = (typeof modelNames)[number];

interface ConsistencyModel {
  readonly title: string;
  /** What it promises, in one line. */
  readonly promise: string;
  /** Only histories of transactions are judged by it. */
  readonly ofTransactions: boolean;
}

const titled = (title: string, promise: string, ofTransactions = false): ConsistencyModel => ({
  ...{ title, promise, ofTransactions },
});

export const models: Readonly<Record<ModelName, ConsistencyModel>> = {
  'strict-serializable': titled(
    'strict serializable',
    'all operations as if one after another, each between its beginning and its end',
  ),
  serializable: titled('serializable', 'all operations as if one after another, whenever that was'),
  'snapshot-isolation': titled(
    'snapshot isolation',
    'each transaction reads from one moment, and no two that overlap write the same',
    true,
  ),
  'read-atomic': titled(
    'read atomic',
    'a transaction sees all of what another one wrote, or nothing of it',
    true,
  ),
  'read-committed': titled(
    'read committed',
    'transactions read what was committed, and nothing from halfway',
    true,
  ),
  'read-uncommitted': titled('read uncommitted', 'writes of transactions are in one order', true),
  linearizable: titled(
    'linearizable',
    'each key as if its operations came one after another, each between its beginning and its end',
  ),
  sequential: titled(
    'sequential, per key',
    'each key as if its operations came one after another, those of a session in its order',
  ),
  causal: titled(
    'causal, convergent',
    'causes are seen before effects, and concurrent writes in one order by all',
  ),
  'read-your-writes': titled(
    'read your writes',
    'what a session reads is not older than what it wrote',
  ),
  'monotonic-reads': titled(
    'monotonic reads',
    'what a session reads is not older than what it read before',
  ),
  'monotonic-writes': titled('monotonic writes', 'all see the writes of a session in its order'),
  'writes-follow-reads': titled(
    'writes follow reads',
    'what a session writes is newer than what it read before',
  ),
  regular: titled('regular', 'a read returns the last write that had ended, or one under way'),
  eventual: titled('eventually convergent', 'once writing has stopped, all read the same'),
  set: titled('set', 'what was added is read in the end, once, and nothing else is'),
  list: titled('list', 'all read beginnings of one list, and nothing appended is lost'),
  counter: titled('counter', 'a read is between what was surely added and what may have been'),
  bank: titled('bank', 'all reads show the same total, and no balance below zero'),
  'owned-mutex': titled(
    'lock with owners',
    'one holds it at a time, and only the holder releases it',
  ),
  'reentrant-mutex': titled(
    'reentrant lock',
    'one holds it at a time, who may acquire it again and releases it as often',
  ),
  mutex: titled('lock', 'it is acquired only while it is free, and released only while it is held'),
  queue: titled('queue', 'what is dequeued was enqueued, and comes out once'),
  'total-queue': titled('total queue', 'what was enqueued comes out in the end, and nothing else'),
  'unique-ids': titled('unique ids', 'no id is given twice'),
};

const guarantees: readonly ModelName[] = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
];

export interface Traits {
  /** What is judged as a whole is not judged key by key. */
  readonly hasTransactions: boolean;
  /** Operations that find something and put something else in its place. */
  readonly hasReplacements: boolean;
}

/** What follows at once when `model` holds of a history with these traits. */
export function impliedBy(model: ModelName, traits: Traits): readonly ModelName[] {
  switch (model) {
    case 'strict-serializable':
      return ['serializable', 'linearizable', 'causal'];
    case 'serializable':
      return traits.hasTransactions ? ['snapshot-isolation'] : [];
    case 'snapshot-isolation':
      return ['read-atomic'];
    case 'read-atomic':
      return ['read-committed'];
    case 'read-committed':
      return ['read-uncommitted'];
    case 'linearizable':
      // Of operations on one key each, an order of every key's operations is as good as one of all.
      return traits.hasTransactions
        ? ['sequential', 'regular', 'eventual']
        : ['strict-serializable', 'serializable', 'sequential', 'causal', 'regular', 'eventual'];
    case 'sequential':
      return traits.hasTransactions ? guarantees : ['serializable', ...guarantees];
    case 'causal':
      if (traits.hasTransactions) return ['read-atomic'];
      // Without replacements all that sessions demand of a key's writes is part of what causality demands.
      return traits.hasReplacements ? guarantees : ['sequential', ...guarantees];
    default:
      return [];
  }
}

/** All that follows from `model`, step by step; itself not among them. */
export function consequencesOf(model: ModelName, traits: Traits): ReadonlySet<ModelName> {
  const found = new Set<ModelName>();
  const waiting: ModelName[] = [model];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const weaker of impliedBy(next, traits)) {
      if (weaker === model || found.has(weaker)) continue;
      found.add(weaker);
      waiting.push(weaker);
    }
  }
  return found;
}
