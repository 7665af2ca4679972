import type { NodeId } from './ids.js';

/** What a replica tells those who watch it, with the node or the detail that follows in a sentence. */
export type EventName =
  | 'asks for votes'
  | 'stands for election'
  | 'leads'
  | 'follows'
  | 'steps down'
  | 'suspects'
  | 'hears from'
  | 'keeps hints for'
  | 'has handed all hints to'
  | 'takes repairs from'
  | 'adds the member'
  | 'removes the member'
  | 'pool loses'
  | 'pool gains'
  | 'refuses impossible numbers of'
  | 'copies all from'
  | 'has copied all'
  | 'begins a snapshot';

/**
 * Something rare in the life of a protocol: an election, a suspicion, a repair. For people only: nothing may rest on it, and
 * it costs too much to tell of single requests.
 */
export interface ProtocolEvent {
  readonly what: EventName;
  readonly node?: NodeId;
  readonly detail?: string;
}

/** `follows n2 (ballot 3.n2)`. */
export function eventText({ what, node, detail }: ProtocolEvent): string {
  return [what, ...(node === undefined ? [] : [node]), ...(detail ? [`(${detail})`] : [])].join(
    ' ',
  );
}
