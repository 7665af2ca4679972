/**
 * Phases of a protocol as data: a node is in one from a message or record on until another one follows. Which phases met which
 * faults is what coverage counts.
 */
import type { ProtocolTypes } from '../../core/replica.js';

/** What happens at a node: it says something, it hears something, it persists something. */
export type PhaseStep = 'sent' | 'received' | 'persisted';

/** What tells one run of a phase from another: a transaction, a ballot, a round. */
export type PhaseId = number | string;

export interface PhaseMark {
  readonly step: PhaseStep;
  readonly type: string;
  /** Of which runs of the phase it is; absent: it begins the only one there is, or ends all. */
  readonly ids?: ((data: never) => readonly PhaseId[]) | undefined;
  /** It ends all runs up to this number. */
  readonly upTo?: ((data: never) => number) | undefined;
}

export interface Phase {
  /** Whose it is, and what has happened but not what follows. */
  readonly name: string;
  readonly after: PhaseMark;
  /** `durable`: until what is persisted is durable. */
  readonly before: readonly PhaseMark[] | 'durable';
  /** What has ended may begin again under the same id. */
  readonly again?: boolean;
}

export const phase = (
  name: string,
  after: PhaseMark,
  before: readonly PhaseMark[],
  more: Pick<Phase, 'again'> = {},
): Phase => ({ name, after, before, ...more });

/** What loses a power cut. */
export const undurable = (name: string, record: string): Phase => ({
  name,
  after: { step: 'persisted', type: record },
  before: 'durable',
});

type Ids<D, T> = (data: Extract<D, { readonly type: T }>) => readonly PhaseId[];
type UpTo<D, T> = (data: Extract<D, { readonly type: T }>) => number;

/** Marks in the words of one protocol. */
export function marksOf<P extends ProtocolTypes>() {
  type Message = P['message'];
  type Rec = P['record'];
  const mark = (step: PhaseStep, type: string, ids?: unknown, upTo?: unknown) =>
    ({ step, type, ids, upTo }) as PhaseMark;
  return {
    sent: <T extends Message['type']>(type: T, ids?: Ids<Message, T>) => mark('sent', type, ids),
    received: <T extends Message['type']>(type: T, ids?: Ids<Message, T>) =>
      mark('received', type, ids),
    persisted: <T extends Rec['type']>(type: T, ids?: Ids<Rec, T>) => mark('persisted', type, ids),
    /** All runs up to a number. */
    sentUpTo: <T extends Message['type']>(type: T, upTo: UpTo<Message, T>) =>
      mark('sent', type, undefined, upTo),
    receivedUpTo: <T extends Message['type']>(type: T, upTo: UpTo<Message, T>) =>
      mark('received', type, undefined, upTo),
  };
}
