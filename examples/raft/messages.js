// @ts-check
/** What servers tell each other and what they keep, in the words of Figures 2 and 13 of the paper. */

/** @import { Kit, Shaped } from 'kvx/protocol' */

/** @param {Kit} kit */
export function shapesOf({ wire }) {
  const { boolean, count, key, list, name, nullable, operation, pair, struct, union } = wire;

  /** What a client wants. The server that it asked, `origin`, numbers it: each has a greater number than all before it. */
  const command = struct({ origin: name, number: count, operation });
  /** `null`: the no-op with which a leader begins its term (section 8). */
  const entry = struct({ term: count, command: nullable(command) });
  /** Of a snapshot. `offset` counts pieces; with the last comes what makes it whole: by origin, the last number executed. */
  const piece = struct({
    lastIncludedIndex: count,
    lastIncludedTerm: count,
    offset: count,
    data: list(struct({ key, value: nullable(wire.value), version: wire.version })),
    sessions: nullable(list(pair(name, count))),
  });
  /** `round` numbers what a leader sends; an answer names the round that it answers. */
  const sent = { term: count, round: count };

  return {
    message: union({
      'request-vote': { term: count, lastLogIndex: count, lastLogTerm: count },
      vote: { term: count, voteGranted: boolean },
      'append-entries': {
        ...sent,
        ...{ prevLogIndex: count, prevLogTerm: count, entries: list(entry), leaderCommit: count },
      },
      'install-snapshot': { ...sent, piece },
      /** To both. `index`: up to where the logs agree; without success, up to where they may. `offset`: the piece that is next. */
      appended: { ...sent, success: boolean, index: count, offset: count },
      /** Not to be taken before all up to `after` are, unless they are wanted no more. */
      request: { after: count, number: count, operation },
      'read-at': { number: count, index: count },
    }),
    record: union({
      /** What a server has voted, and how often it was started. */
      vote: { life: count, term: count, votedFor: nullable(name) },
      /** Whatever had been in its place, and followed it, is gone. */
      entry: { index: count, entry },
      piece: { piece },
    }),
  };
}

/** @typedef {ReturnType<typeof shapesOf>} Shapes */
/** @typedef {Shaped<Shapes['message']>} Message */
/** @typedef {Shaped<Shapes['record']>} DurableRecord */
/** @typedef {Extract<DurableRecord, { type: 'vote' }>} Vote */
/** @typedef {Extract<DurableRecord, { type: 'entry' }>['entry']} Entry */
/** @typedef {Extract<DurableRecord, { type: 'piece' }>['piece']} Piece */
/** @typedef {{ message: Message, record: DurableRecord, timer: 'election' | 'heartbeat' }} Raft */
/** @typedef {import('kvx/protocol').Context<Raft>} Ctx */
/**
 * @template {Message['type']} T
 * @typedef {Extract<Message, { type: T }>} Of
 */
/** @typedef {{ electionMs: number, heartbeatMs: number, entriesKept: number }} RaftOptions */
