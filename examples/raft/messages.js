// @ts-check
/** What servers tell each other and what they keep, in the words of Figures 2 and 13 of the paper. */

/** @import { Kit, Shaped } from 'kvx/protocol' */

/** @param {Kit} kit */
export function shapesOf({ wire }) {
  const { boolean, count, key, list, name, nullable, operation, struct, union, value } = wire;

  /**
   * What a client wants, numbered by the server that it asked: `number` of the server's start `life`. Its client waits for no
   * number below `floor` any more.
   */
  const command = struct({ origin: name, life: count, number: count, floor: count, operation });
  /** `null`: the no-op with which a leader begins its term (section 8). */
  const entry = struct({ term: count, command: nullable(command) });

  /** The state machine in pieces: keys, and which commands it has executed. */
  const stored = struct({ key, value, version: wire.version });
  const session = struct({ origin: name, life: count, floor: count, executed: list(count) });

  return {
    command,
    entry,
    stored,
    session,
    message: union({
      'request-vote': { term: count, lastLogIndex: count, lastLogTerm: count },
      vote: { term: count, voteGranted: boolean },

      /** `round` numbers what a leader sends; an answer names the round that it answers. */
      'append-entries': {
        term: count,
        round: count,
        prevLogIndex: count,
        prevLogTerm: count,
        entries: list(entry),
        leaderCommit: count,
      },
      /** `index`: up to where the logs agree; without success, up to where they may. */
      appended: { term: count, round: count, success: boolean, index: count },

      'install-snapshot': {
        term: count,
        round: count,
        lastIncludedIndex: count,
        lastIncludedTerm: count,
        offset: count,
        data: list(stored),
        /** With the last piece only: `done`. */
        sessions: nullable(list(session)),
      },
      /** All pieces before `offset` are there. */
      installed: { term: count, round: count, lastIncludedIndex: count, offset: count },

      forward: { life: count, floor: count, commands: list(struct({ number: count, operation })) },
      'read-index': { life: count, number: count },
      'read-at': { life: count, number: count, index: count },
    }),
    record: union({
      /** What a server has voted, and how often it was started. */
      vote: { life: count, term: count, votedFor: nullable(name) },
      /** These follow entry `index` - 1, whatever had followed it. */
      entries: { index: count, entries: list(entry) },
      /** A snapshot: the state after entry `index` in pieces, and then that these are all. */
      piece: { index: count, data: list(stored) },
      snapshot: { index: count, term: count, sessions: list(session) },
    }),
  };
}

/** @typedef {ReturnType<typeof shapesOf>} Shapes */
/** @typedef {Shaped<Shapes['command']>} Command */
/** @typedef {Shaped<Shapes['entry']>} Entry */
/** @typedef {Shaped<Shapes['stored']>} Stored */
/** @typedef {Shaped<Shapes['session']>} Session */
/** @typedef {Shaped<Shapes['message']>} Message */
/** @typedef {Shaped<Shapes['record']>} DurableRecord */
/** @typedef {Extract<DurableRecord, { type: 'vote' }>} Vote */
/** @typedef {{ message: Message, record: DurableRecord, timer: 'election' | 'heartbeat' }} Raft */
/** @typedef {import('kvx/protocol').Context<Raft>} Ctx */
/**
 * @template {Message['type']} T
 * @typedef {Extract<Message, { type: T }>} Of
 */
/** @typedef {{ electionMs: number, heartbeatMs: number, entriesKept: number }} RaftOptions */
