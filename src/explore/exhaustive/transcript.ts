/**
 * A counterexample, done once more by the whole cluster, as a transcript: blocks of commands and, under `----`, what comes
 * of them. Whoever does these commands again sees the same.
 */
import { textOfBytes } from '../../core/bytes.js';
import type { NodeId } from '../../core/ids.js';
import { invariant, unreachable } from '../../core/invariant.js';
import { keyToText } from '../../core/key.js';
import type { DataOperation } from '../../core/operation.js';
import type { ProtocolTypes } from '../../core/replica.js';
import { type Flight, ManualCluster } from '../../sim/manual.js';
import { typedText } from '../../trace/typed-text.js';
import { textOfMessage } from './messages.js';
import type { Counterexample } from './search.js';
import type { Move, States, Successor, WorldState } from './states.js';
import { flightText, Telling } from './telling.js';

/** `cluster`: its first command. */
export function transcriptOf(
  states: States,
  { moves, before, violation }: Counterexample,
  cluster: string,
): string {
  const replay = new Replay(states);
  const starts = moves.findIndex(({ do: what }) => what !== 'start');
  const holds = moves.findIndex(({ do: what }) => what === 'hold syncs');
  const settled = holds === -1 ? before : holds;
  const blocks = [
    replay.block([cluster], moves.slice(0, starts)),
    replay.block(['deliver everything'], moves.slice(starts, settled)),
    replay.block([], moves.slice(settled, before)),
    ...moves.slice(before).map((move) => replay.block([], [move])),
  ];
  return `${[...blocks.filter((block) => block !== ''), `# ${violation}`].join('\n\n')}\n`;
}

/** What becomes of a transcript's moves. */
export interface Retraced {
  /** `null`: nothing is wrong after them. */
  readonly counterexample: Counterexample | null;
  /** How many were made, and the commands of one that can't be any more; `null`: all were made. */
  readonly made: number;
  readonly missing: string | null;
}

/** Does a transcript once more, as far as that goes: with a mistake mended, what it led to is no longer there. */
export function retraced(states: States, transcript: string): Retraced {
  const begun = states.begin().moves;
  const replay = new Replay(states);
  for (const move of begun) replay.block([], [move]);
  const moves: Move[] = [];
  for (const commands of commandsOf(transcript)) {
    const move = states
      .movesFrom(replay.state)
      .find((each) => replay.commandsFor(each)?.join('\n') === commands);
    if (move === undefined) {
      return { counterexample: null, made: moves.length, missing: commands };
    }
    const violation = states.after(replay.state, move)?.violation ?? null;
    moves.push(move);
    if (violation === null) replay.block([], [move]);
    else {
      const all = [...begun, ...moves];
      const counterexample = { violation, moves: all, before: begun.length };
      return { counterexample, made: moves.length, missing: null };
    }
  }
  return { counterexample: null, made: moves.length, missing: null };
}

/** Block by block, from where a search begins. */
function commandsOf(transcript: string): string[] {
  const blocks = transcript.replaceAll('\r', '').trim().split(/\n\n+/);
  const commands = blocks.map((block) => (block.split('\n----')[0] as string).trim());
  return commands.filter((each) => !/^(#|cluster |deliver everything|hold )/.test(each));
}

interface Doing {
  readonly commands: readonly string[];
  readonly act: () => void;
}

class Replay {
  readonly #states: States;
  readonly #telling = new Telling();
  readonly #cluster: ManualCluster<ProtocolTypes, unknown>;
  /** The same by the search's own account. */
  state: WorldState;

  constructor(states: States) {
    const { protocol, options, nodes } = states.world;
    this.#states = states;
    this.state = states.unstarted();
    this.#cluster = new ManualCluster<ProtocolTypes, unknown>({
      ...{ protocol, options, nodes, hasRoles: true },
      fate: (flight) => {
        this.#telling.say(flightText(flight));
        return 'hold';
      },
      sink: (event) => this.#telling.hear(event),
      onAnswer: (ticket) => this.#telling.answered(ticket),
    });
  }

  /** `commands`: those that stand for the moves; none: each stands for itself. */
  block(commands: readonly string[], moves: readonly Move[]): string {
    this.#telling.lines = [];
    const said = moves.flatMap((move) => this.#make(move));
    if (moves.length === 0) return '';
    const shown = commands.length === 0 ? said : commands;
    return [...shown, '----', ...this.#telling.lines].join('\n');
  }

  #make(move: Move): string[] {
    const successor = this.#states.after(this.state, move);
    const commands = this.commandsFor(move);
    invariant(
      successor !== null && commands !== null,
      'a counterexample has no move that changes nothing',
    );
    const { act } = this.#doing(move);
    this.#act(successor, () => {
      act();
      for (const node of successor.synced) this.#cluster.apply({ do: 'sync', node });
    });
    this.state = successor.state;
    return commands;
  }

  /** With the syncs that end by themselves; `null`: it changes nothing. */
  commandsFor(move: Move): string[] | null {
    const successor = this.#states.after(this.state, move);
    if (successor === null) return null;
    return [...this.#doing(move).commands, ...successor.synced.map((node) => `sync ${node}`)];
  }

  /** What is wrong with the last move the cluster may know, too. */
  #act({ violation }: Successor, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (violation === null || !(error instanceof Error)) throw error;
      this.#telling.say(`ERROR ${error.message}`);
    }
  }

  #doing(move: Move): Doing {
    const cluster = this.#cluster;
    switch (move.do) {
      case 'ask':
        return this.#ask(move.client);
      case 'deliver':
      case 'lose':
      case 'repeat':
        return this.#send(move.do, this.#flight(move.message));
      case 'fire': {
        const { node, timer } = move;
        return { commands: [`fire ${node} ${timer}`], act: () => cluster.fire(node, timer) };
      }
      case 'cut':
        return { commands: [`crash ${move.node}`], act: () => cluster.crash(move.node) };
      case 'kill':
        return {
          commands: [`crash ${move.node} kill`],
          act: () => cluster.crash(move.node, 'kept', 'kill'),
        };
      case 'start':
        return { commands: [`start ${move.node}`], act: () => cluster.start(move.node) };
      case 'hold syncs':
      case 'sync': {
        const { node, do: what } = move;
        const word = what === 'sync' ? what : 'hold';
        return { commands: [`${word} ${node}`], act: () => cluster.apply({ do: what, node }) };
      }
      default:
        return unreachable(move, 'move');
    }
  }

  #send(what: 'deliver' | 'lose' | 'repeat', flight: Flight<ProtocolTypes['message']>): Doing {
    const cluster = this.#cluster;
    const deliver = `deliver ${flight.id}`;
    switch (what) {
      case 'deliver':
        return { commands: [deliver], act: () => cluster.deliver(flight) };
      case 'lose':
        return { commands: [`drop ${flight.id}`], act: () => cluster.drop(flight) };
      case 'repeat':
        return {
          commands: [`double ${flight.id}`, deliver],
          act: () => {
            cluster.double(flight);
            cluster.deliver(flight);
          },
        };
    }
  }

  #ask(client: number): Doing {
    const at = this.state.clients[client]?.askedCount ?? 0;
    const asks = this.#states.world.clients[client]?.[at];
    invariant(asks !== undefined, 'a client asks what it has to ask');
    const { node, operation, level } = asks;
    return {
      commands: [`${wordsOf(operation, node)}${level === null ? '' : ` level=${level}`}`],
      act: () => {
        const id = this.#cluster.tickets.length + 1;
        this.#telling.say(`request ${id} to ${node}: ${typedText(operation)}`);
        this.#cluster.request(node, operation, { level });
      },
    };
  }

  #flight(message: number): Flight<ProtocolTypes['message']> {
    const { world, messages } = this.#states;
    const wanted = messages.at(message);
    const text = textOfMessage(world, wanted);
    const flight = this.#cluster.findFlight(
      (each) => each.from === wanted.from && textOfMessage(world, each) === text,
    );
    invariant(flight !== undefined, `the whole cluster has sent ${wanted.message.type}, too`);
    return flight;
  }
}

function wordsOf(operation: DataOperation, node: NodeId): string {
  switch (operation.type) {
    case 'get':
    case 'delete':
      return `${operation.type} ${node} ${keyToText(operation.key)}`;
    case 'put':
      return `put ${node} ${keyToText(operation.key)} ${textOfBytes(operation.value)}`;
    default:
      throw new Error(`no transcript has a word for ${operation.type}`);
  }
}
