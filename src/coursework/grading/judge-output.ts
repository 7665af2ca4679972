/**
 * Whether what a program printed for a cs380d script can be right: whether some course of gossip, some choice of servers and some
 * way to count stamps that the rules allow explains every line (docs/coursework.md has the rules, docs/teachers.md the reasons).
 */
import { quantity, show } from '../../core/show.js';
import { arityOf, verbNamed, wordsIn } from '../words.js';
import { observationsOf, storesOf } from './observations.js';
import {
  type Freedom,
  freedoms,
  linkOf,
  PossibleWorld,
  type PutValue,
  type ServerState,
} from './possible-world.js';

export type OutputVerdict =
  | { readonly verdict: 'right' }
  | {
      /** `undecided`: too much was open to try all of it. */
      readonly verdict: 'wrong' | 'undecided';
      /** Of the script, from 1; `null` when the script was over. */
      readonly line: number | null;
      readonly command: string | null;
      /** What was printed there; `null` when there was nothing more. */
      readonly printed: string | null;
      /** What could have been printed, a few of it. */
      readonly legal: readonly string[];
      readonly why: string;
    };

/** So many worlds are kept, and more of them thinned out: few explain most of what is right. */
const fewWorlds = 4;
const manyWorlds = 100;

export function judgeOutput(script: string, output: string): OutputVerdict {
  const printed = output.split('\n').map((line) => line.trimEnd());
  const lines = printed.filter((line) => line !== '');
  const quick = judgeWithin(fewWorlds, script, lines);
  return quick.verdict === 'undecided' ? judgeWithin(manyWorlds, script, lines) : quick;
}

function judgeWithin(worldsMax: number, script: string, printed: readonly string[]): OutputVerdict {
  const verdicts: Exclude<OutputVerdict, { verdict: 'right' }>[] = [];
  for (const freedom of freedoms) {
    const verdict = new Judge(printed, freedom, worldsMax).judge(script);
    if (verdict.verdict === 'right') return verdict;
    verdicts.push(verdict);
  }
  // What came farthest is nearest to what was meant.
  const best = verdicts.reduce((far, each) => (lineOf(each) > lineOf(far) ? each : far));
  const isOpen = verdicts.some(({ verdict }) => verdict === 'undecided');
  return isOpen ? { ...best, verdict: 'undecided' } : best;
}

const lineOf = ({ line }: { readonly line: number | null }): number =>
  line ?? Number.POSITIVE_INFINITY;

/** What a line leads to in one world: `says` is what it would print. */
interface Branch {
  readonly world: PossibleWorld;
  readonly says: readonly string[];
}

class Judge {
  readonly #printed: readonly string[];
  readonly #worldsMax: number;
  #worlds: PossibleWorld[];
  #isThinned = false;

  constructor(printed: readonly string[], freedom: Freedom, worldsMax: number) {
    this.#worldsMax = worldsMax;
    this.#printed = printed;
    this.#worlds = [new PossibleWorld(freedom)];
  }

  judge(script: string): OutputVerdict {
    for (const [index, text] of script.split('\n').entries()) {
      const [word, ...args] = wordsIn(text);
      const verb = word === undefined ? undefined : verbNamed('cs380d', word);
      if (word === undefined || verb === undefined || args.length !== arityOf(verb.usage).least) {
        continue;
      }
      const line = index + 1;
      const before = this.#worlds;
      const branches = before.flatMap((world) =>
        branchesOf(world, { line, word, args, next: this.#printed.slice(world.at) }),
      );
      const right = branches.filter(({ world, says }) => this.#isPrinted(says, world.at));
      if (right.length === 0) {
        const legal = [...new Set(branches.map(({ says }) => says.join(' ') || 'nothing'))];
        const command = [word, ...args].join(' ');
        return this.#wrong({ line, command }, legal, whyOf(before, word, args));
      }
      this.#keep(right);
    }
    const over = this.#worlds.filter(({ at }) => at === this.#printed.length);
    if (over.length > 0) return { verdict: 'right' };
    const left = this.#printed.length - Math.max(...this.#worlds.map(({ at }) => at));
    return this.#wrong(
      { line: null, command: null },
      ['nothing'],
      `${quantity(left, 'line')} more than the script asks for`,
    );
  }

  #isPrinted(says: readonly string[], at: number): boolean {
    return says.every((line, nth) => this.#printed[at + nth] === line);
  }

  #keep(branches: readonly Branch[]): void {
    const kept = new Map<string, PossibleWorld>();
    for (const { world, says } of branches) {
      world.at += says.length;
      kept.set(world.text(), world);
    }
    const all = [...kept.values()];
    const step = Math.ceil(all.length / this.#worldsMax);
    if (step > 1) this.#isThinned = true;
    this.#worlds = all.filter((_, nth) => nth % step === 0);
  }

  #wrong(
    place: { readonly line: number | null; readonly command: string | null },
    legal: readonly string[],
    why: string,
  ): OutputVerdict {
    const at = Math.max(...this.#worlds.map((world) => world.at));
    return {
      verdict: this.#isThinned ? 'undecided' : 'wrong',
      ...place,
      printed: this.#printed[at] ?? null,
      legal: legal.slice(0, 5),
      why,
    };
  }
}

interface Line {
  readonly line: number;
  readonly word: string;
  readonly args: readonly string[];
  /** What was printed from here on. */
  readonly next: readonly string[];
}

/** A command that is refused prints nothing and changes nothing. */
function branchesOf(before: PossibleWorld, { line, word, args, next }: Line): readonly Branch[] {
  const world = before.copy();
  world.gossip();
  const ids = args.map((arg) => (/^\d+$/.test(arg) ? Number(arg) : Number.NaN));
  const [a = Number.NaN, b = Number.NaN] = ids;
  const [, key = '', value = ''] = args;
  switch (word) {
    case 'put':
      return putsOf(world, a, { key, value, line });
    case 'get':
      return getsOf(world, a, key);
    case 'printStore':
      return storesOf(world, a, next);
    default:
      change(world, word, a, b);
      return [{ world, says: [] }];
  }
}

function getsOf(world: PossibleWorld, client: number, key: string): readonly Branch[] {
  const readings = observationsOf(world, client, key);
  if (readings.length === 0) return [{ world, says: [] }];
  return readings.map(({ world: after, says }) => ({ world: after, says: [`${key}:${says}`] }));
}

function change(world: PossibleWorld, word: string, a: number, b: number): void {
  const { servers, clients, cut } = world;
  const server = servers.get(a);
  world.isQuiet = false;
  switch (word) {
    case 'joinServer':
      if (Number.isNaN(a) || clients.has(a) || server?.isUp) return;
      if (server !== undefined) server.isUp = true;
      else {
        servers.set(a, { isUp: true, least: 0, most: 0, sure: new Map(), may: new Map() });
      }
      for (const other of servers.keys()) cut.delete(linkOf(a, other));
      return;
    case 'killServer':
      if (server !== undefined) server.isUp = false;
      return;
    case 'joinClient':
      if (Number.isNaN(a) || clients.has(a) || servers.has(a) || !servers.get(b)?.isUp) return;
      clients.set(a, { servers: new Set([b]), seen: new Map() });
      return;
    case 'stabilize':
      return world.stabilize();
    default:
      connect(world, a, b, word === 'createConnection');
  }
}

function connect(
  { servers, clients, cut }: PossibleWorld,
  a: number,
  b: number,
  on: boolean,
): void {
  const [one, server] = clients.has(a) ? [a, b] : [b, a];
  if (a === b || !servers.has(server)) return;
  const asked = clients.get(one)?.servers;
  if (asked !== undefined) {
    if (on) asked.add(server);
    else asked.delete(server);
  } else if (servers.has(one)) {
    if (on) cut.delete(linkOf(a, b));
    else cut.add(linkOf(a, b));
  }
}

function putsOf(
  world: PossibleWorld,
  client: number,
  put: { readonly key: string; readonly value: string; readonly line: number },
): readonly Branch[] {
  const asked = world.liveServersOf(client);
  if (asked.length === 0) return [{ world, says: [] }];
  return asked.flatMap((id) =>
    stampsOf(world, client, id, put.key).map((stamp) => {
      const after = world.copy();
      const server = after.servers.get(id) as ServerState;
      const written: PutValue = { stamp, server: id, value: put.value, line: put.line };
      server.least = stamp;
      server.most = stamp;
      server.sure.set(put.key, written);
      after.isQuiet = false;
      const newer = (server.may.get(put.key) ?? []).filter((each) => each.stamp > stamp);
      if (newer.length === 0) server.may.delete(put.key);
      else server.may.set(put.key, newer);
      after.clients.get(client)?.seen.set(put.key, written);
      return { world: after, says: [] };
    }),
  );
}

/** The stamps that a put at this server may get: of those between the least and the greatest, the ones that could matter. */
function stampsOf(
  world: PossibleWorld,
  client: number,
  id: number,
  key: string,
): readonly number[] {
  const { ticksOnReceive, carries } = world.freedom;
  const server = world.servers.get(id) as ServerState;
  const seen = [...(world.clients.get(client)?.seen ?? [])]
    .filter(([each]) => carries === 'all' || (carries === 'key' && each === key))
    .map(([, { stamp }]) => stamp);
  const carried = Math.max(0, ...seen);
  const open = [...server.may.values()].flat();
  const least = Math.max(server.least, carried) + 1;
  const heard =
    Math.max(server.most, ...open.map(({ stamp }) => stamp)) + (ticksOnReceive ? open.length : 0);
  const most = Math.max(heard, carried) + 1;
  const rivals = [...world.servers.values()].flatMap(({ sure, may }) =>
    [sure.get(key), ...(may.get(key) ?? [])].flatMap((each) =>
      each === undefined ? [] : [each.stamp, each.stamp + 1],
    ),
  );
  const between = rivals.filter((stamp) => stamp > least && stamp < most);
  return [...new Set([least, most, ...between])];
}

/** What is known of those who were asked, in one of the worlds that explain all before. */
function whyOf(worlds: readonly PossibleWorld[], word: string, args: readonly string[]): string {
  const world = worlds[0]?.copy();
  if (world === undefined) return '';
  world.gossip();
  const [id, key] = [Number(args[0]), args[1] ?? ''];
  if (word !== 'get') return `server ${id} ${held(world.servers.get(id))}`;
  const seen = world.clients.get(id)?.seen.get(key);
  const has = seen === undefined ? 'has seen nothing' : `has seen ${putOf(seen)}`;
  const servers = world.liveServersOf(id).map((each) => {
    const server = world.servers.get(each);
    const sure = server?.sure.get(key);
    const open = (server?.may.get(key) ?? []).map(putOf);
    const may = open.length === 0 ? '' : ` and may have heard of ${open.join(', ')}`;
    return `server ${each} holds ${sure === undefined ? 'nothing' : putOf(sure)}${may}`;
  });
  return `of ${show(key)} client ${id} ${has}; ${servers.join('; ')}`;
}

const putOf = ({ value, line }: PutValue): string => `${value} (put in line ${line})`;

function held(server: ServerState | undefined): string {
  const all = [...(server?.sure ?? [])].map(([key, written]) => `${key}:${putOf(written)}`);
  return `surely holds ${all.join(', ') || 'nothing'}`;
}
