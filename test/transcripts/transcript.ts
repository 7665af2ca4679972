/**
 * Transcripts: what a few nodes do, message by message, for a person to read. A file is blocks of commands and, under
 * `----`, what comes of them; blocks are parted by empty lines, as in etcd-io/raft's `testdata`.
 *
 *   cluster MODE NODES [option=value…]   nodes n1, n2, … start; `bug=NAME` plants one
 *   quiet TYPE…                          such messages arrive at once and are not shown
 *   put|get|delete|add|remove NODE …     a request; its number is in its answer
 *   txn NODE STEP, STEP…                 get KEY, put KEY VALUE, check KEY VALUE
 *   stabilize NODE
 *   deliver|drop|double WHICH…           numbers, n1>n2, a type of message, or `all` that is under way
 *   deliver everything                   and what follows from it
 *   fire NODE TIMER                      it becomes so late for this node that the timer fires
 *   wait MS                              time passes, messages stay
 *   flow MS                              time passes, every message takes a millisecond; only what is rare is shown
 *   hold|sync|release NODE               its syncs wait, end, end at once again
 *   crash NODE [kill|lost|kept]          unsynced bytes are lost unless said
 *   start NODE, pause NODE, resume NODE
 *   cut n1>n2…, heal                     links that carry nothing
 *   status [NODE…], messages
 */

import type { Operation } from '../../src/core/operation.js';
import type { TypedData } from '../../src/core/trace-event.js';
import { flightText, Telling } from '../../src/explore/exhaustive/telling.js';
import { noRules } from '../../src/faults/link-rules.js';
import { parseModeOptions } from '../../src/protocols/options.js';
import { modeNamed } from '../../src/protocols/registry.js';
import {
  check,
  contentsOf,
  get,
  put,
  remove,
  txn,
} from '../../src/protocols/testing/operations.js';
import { type Fate, type Flight, ManualCluster } from '../../src/sim/manual.js';
import { typedText } from '../../src/trace/typed-text.js';
import { modeWithBug } from '../../src/zoo/bugs.js';

// biome-ignore lint/suspicious/noExplicitAny: which mode it is, the file says.
type Cluster = ManualCluster<any, any>;

/** The file with what came of its commands in the place of what it says came of them. */
export function rewritten(text: string): string {
  const transcript = new Transcript();
  const blocks = text.trimEnd().split(/\n\n+/);
  return `${blocks.map((block) => transcript.play(block)).join('\n\n')}\n`;
}

class Transcript {
  #cluster: Cluster | null = null;
  readonly #telling = new Telling();

  play(block: string): string {
    const commands = block.split('\n----')[0] as string;
    this.#telling.lines = [];
    for (const line of commands.split('\n')) {
      if (line.startsWith('#')) continue;
      try {
        this.#perform(line.trim());
      } catch (error) {
        this.#telling.lines.push(`ERROR ${error instanceof Error ? error.message : error}`);
      }
    }
    if (!/^[^#]/m.test(commands)) return commands;
    return [`${commands}`, '----', ...this.#telling.lines].join('\n');
  }

  get cluster(): Cluster {
    if (this.#cluster === null) throw new Error('there is no cluster yet');
    return this.#cluster;
  }

  #perform(line: string): void {
    const [command = '', ...words] = line.split(/\s+/);
    const [node = '', ...rest] = words;
    switch (command) {
      case 'cluster':
        return this.#begin(node, rest);
      case 'quiet':
        for (const type of words) this.#telling.quiet.add(type);
        return;
      case 'put':
      case 'get':
      case 'delete':
      case 'add':
      case 'remove':
      case 'txn':
      case 'stabilize': {
        const [operation, level] = parseOperation(command, rest);
        const id = this.cluster.tickets.length + 1;
        this.#telling.say(`request ${id} to ${node}: ${typedText(operation)}`);
        this.cluster.request(node, operation, { level });
        return;
      }
      case 'deliver':
        if (node === 'everything') return this.#deliverEverything();
        return this.cluster.deliver(...this.#flights(words));
      case 'drop':
      case 'double':
        return this.cluster[command](...this.#flights(words));
      case 'fire':
        return this.cluster.fire(node, rest[0]);
      case 'wait':
        return this.cluster.wait(Number(node));
      case 'flow':
        return this.#flow(Number(node));
      case 'cut': {
        const cuts = words.map((word) => {
          const [from = '', to = ''] = word.split('>');
          return { from, to };
        });
        return this.cluster.setRules({ ...noRules, cuts });
      }
      case 'heal':
        return this.cluster.setRules(noRules);
      case 'status':
        return this.#status(words.length > 0 ? words : this.cluster.nodes);
      case 'messages':
        for (const flight of this.cluster.flights) this.#telling.lines.push(flightText(flight));
        return;
      default:
        return this.#disturb(command, node, rest);
    }
  }

  #disturb(command: string, node: string, [how = 'lost']: string[]): void {
    const { cluster } = this;
    switch (command) {
      case 'start':
        return cluster.start(node);
      case 'pause':
      case 'resume':
        return cluster.apply({ do: command, node });
      case 'hold':
        return cluster.apply({ do: 'hold syncs', node });
      case 'release':
        return cluster.apply({ do: 'release syncs', node });
      case 'sync':
        return cluster.apply({ do: 'sync', node });
      case 'crash':
        if (how === 'kill') return cluster.crash(node, 'kept', 'kill');
        if (how === 'lost' || how === 'kept') return cluster.crash(node, how);
        throw new Error(`a crash is by kill, or leaves what is unsynced lost or kept, not ${how}`);
      default:
        throw new Error(`there is no command ${command}`);
    }
  }

  #begin(name: string, [count = '', ...given]: string[]): void {
    const bug = given.find((word) => word.startsWith('bug='))?.slice(4);
    const mode = modeWithBug(modeNamed(name), bug);
    const nodes = Array.from({ length: Number(count) }, (_, at) => `n${at + 1}`);
    const options = Object.fromEntries(
      given.flatMap((word) => {
        if (word.startsWith('bug=')) return [];
        const [option, value] = word.split('=');
        return [[option, Number(value)]];
      }),
    );
    this.#cluster = new ManualCluster({
      protocol: mode.protocol,
      options: parseModeOptions(name, options, nodes.length),
      nodes,
      fate: (flight) => this.#fateOf(flight),
      sink: (event) => this.#telling.hear(event),
      hasRoles: true,
      onAnswer: (ticket) => this.#telling.answered(ticket),
    });
    this.#cluster.startAll();
  }

  #fateOf(flight: Flight<TypedData>): Fate {
    if (this.#telling.isBrief) return [1];
    if (!this.#telling.tells(flight.message)) return [0];
    this.#telling.say(flightText(flight));
    return 'hold';
  }

  #deliverEverything(): void {
    for (let left = 1000; left > 0 && this.cluster.flights.length > 0; left--) {
      this.cluster.deliver(...this.cluster.flights.slice(0, 1));
    }
  }

  #flow(ms: number): void {
    this.#telling.isBrief = true;
    this.cluster.deliver(...this.cluster.flights);
    this.cluster.wait(ms);
    this.#telling.isBrief = false;
  }

  #flights(words: readonly string[]): Flight<{ readonly type: string }>[] {
    const { flights } = this.cluster;
    return words.flatMap((word) => {
      const found = flights.filter(
        ({ id, from, to, message }) =>
          word === 'all' || [`${id}`, `${from}>${to}`, message.type].includes(word),
      );
      if (found.length === 0) throw new Error(`${word} is not under way`);
      return found;
    });
  }

  #status(nodes: readonly string[]): void {
    for (const node of nodes) {
      if (!this.cluster.isUp(node)) this.#telling.lines.push(`${node} is down`);
      else {
        const view = this.cluster.view(node);
        const facts = view.facts.map(([name, value]) => `${name} ${value}`);
        const contents = contentsOf(view) || 'nothing';
        this.#telling.lines.push(
          `${node} ${view.role}, holds ${contents}`,
          `   ${facts.join(', ')}`,
        );
        for (const sentence of view.unsettled()) this.#telling.lines.push(`   waits: ${sentence}`);
      }
    }
  }
}

function parseOperation(command: string, words: readonly string[]): [Operation, never | null] {
  const plain = words.filter((word) => !word.startsWith('level='));
  const level = words.find((word) => word.startsWith('level='))?.slice(6) ?? null;
  return [operationOf(command, plain), level as never];
}

function operationOf(command: string, words: readonly string[]): Operation {
  const [name = '', value = ''] = words;
  switch (command) {
    case 'get':
      return get(name);
    case 'put':
      return put(name, value);
    case 'delete':
      return remove(name);
    case 'add':
    case 'remove':
      return { type: 'reconfigure', change: command, node: name };
    case 'stabilize':
      return { type: 'stabilize' };
    default: {
      const steps = words.join(' ').split(/,\s*/);
      return txn(
        ...steps.map((step) => {
          const [kind = '', key = '', wanted = ''] = step.split(' ');
          return kind === 'check' ? check(key, wanted) : operationOf(kind, [key, wanted]);
        }),
      );
    }
  }
}
