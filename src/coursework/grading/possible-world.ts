/**
 * What the servers and clients of a cs380d script may hold at a line of it, as far as its output has shown that yet.
 *
 * The assignment leaves open when gossip runs and how far it gets. So a server *surely* holds something of each key, and *may*
 * have heard of newer versions besides: all that a chain of links could have brought it since they were put. An observation
 * (`get`, `printStore`) settles which it is. That forgets which servers a version passed on its way, so a few outputs
 * are let through that no gossip explains; none that some gossip explains is refused.
 */

/** A value that was put; the greater stamp wins, then the greater id of a server. */
export interface PutValue {
  readonly stamp: number;
  readonly server: number;
  readonly value: string;
  /** Of the script, from 1. */
  readonly line: number;
}

export interface ServerState {
  isUp: boolean;
  /** Its Lamport clock is not less, and not greater than `most` before it hears of more. */
  least: number;
  most: number;
  readonly sure: Map<string, PutValue>;
  /** Newer than what is sure, each. */
  readonly may: Map<string, readonly PutValue[]>;
}

export interface ClientState {
  readonly servers: Set<number>;
  readonly seen: Map<string, PutValue>;
}

/** What an implementation chooses once, and keeps to. */
export interface Freedom {
  /** A server's clock also ticks when it hears of a value, as in Lamport's paper. */
  readonly ticksOnReceive: boolean;
  /** Of which keys a client carries the stamps it has seen to the server that it writes to. */
  readonly carries: 'nothing' | 'key' | 'all';
}

export const freedoms: readonly Freedom[] = [false, true].flatMap((ticksOnReceive) =>
  (['nothing', 'key', 'all'] as const).map((carries) => ({ ticksOnReceive, carries })),
);

export const isOlder = (a: PutValue, b: PutValue): boolean =>
  a.stamp < b.stamp || (a.stamp === b.stamp && a.server < b.server);

export const isOlderThanAny = (a: PutValue | undefined, b: PutValue): boolean =>
  a === undefined || isOlder(a, b);

/** A link has one name, whichever end is named first. */
export const linkOf = (a: number, b: number): string => (a < b ? `${a}-${b}` : `${b}-${a}`);

export class PossibleWorld {
  readonly freedom: Freedom;
  readonly servers = new Map<number, ServerState>();
  readonly clients = new Map<number, ClientState>();
  readonly cut = new Set<string>();
  /** How many lines of the output have been explained. */
  at = 0;
  /** Nobody can have heard of more since gossip was thought of last. */
  isQuiet = true;

  constructor(freedom: Freedom) {
    this.freedom = freedom;
  }

  copy(): PossibleWorld {
    const copy = new PossibleWorld(this.freedom);
    for (const [id, server] of this.servers) {
      copy.servers.set(id, { ...server, sure: new Map(server.sure), may: new Map(server.may) });
    }
    for (const [id, { servers, seen }] of this.clients) {
      copy.clients.set(id, { servers: new Set(servers), seen: new Map(seen) });
    }
    for (const link of this.cut) copy.cut.add(link);
    copy.at = this.at;
    copy.isQuiet = this.isQuiet;
    return copy;
  }

  /** Two worlds of the same text have the same future. */
  text(): string {
    const of = ({ stamp, server, line }: PutValue) => `${stamp}@${server}:${line}`;
    const servers = [...this.servers].map(([id, { isUp, least, most, sure, may }]) => {
      const known = [...sure].map(([key, written]) => `${key}=${of(written)}`).sort();
      const open = [...may].flatMap(([key, all]) => all.map((each) => `${key}?${of(each)}`)).sort();
      return `${id} ${isUp} ${least} ${most} ${known.join()} ${open.join()}`;
    });
    const clients = [...this.clients].map(([id, { servers: asked, seen }]) => {
      const known = [...seen].map(([key, written]) => `${key}=${of(written)}`).sort();
      return `${id} ${[...asked].sort().join()} ${known.join()}`;
    });
    const { ticksOnReceive, carries } = this.freedom;
    return [this.at, ticksOnReceive, carries, ...servers, ...clients, ...this.cut].join('\n');
  }

  /** Those that a client may ask now: none, if it is no client. */
  liveServersOf(client: number): readonly number[] {
    const asked = this.clients.get(client)?.servers ?? [];
    return [...asked].filter((id) => this.servers.get(id)?.isUp);
  }

  /** The servers that can hear of one another now, over any chain. */
  parts(): ServerState[][] {
    const left = new Map([...this.servers].filter(([, { isUp }]) => isUp));
    const parts: ServerState[][] = [];
    for (const first of left.keys()) {
      const found = [first];
      const part: ServerState[] = [];
      for (let id = found.pop(); id !== undefined; id = found.pop()) {
        const server = left.get(id);
        if (server === undefined) continue;
        left.delete(id);
        part.push(server);
        for (const other of left.keys()) if (!this.cut.has(linkOf(id, other))) found.push(other);
      }
      if (part.length > 0) parts.push(part);
    }
    return parts;
  }

  /** Whatever a server holds, or may hold, the others of its part may have heard by now. */
  gossip(): void {
    if (this.isQuiet) return;
    this.isQuiet = true;
    for (const part of this.parts()) {
      if (part.length === 1) continue;
      const all = new Map<string, PutValue[]>();
      for (const { sure, may } of part) {
        for (const [key, written] of sure) addTo(all, key, [written]);
        for (const [key, open] of may) addTo(all, key, open);
      }
      for (const server of part) {
        for (const [key, known] of all) setMay(server, key, known);
      }
    }
  }

  /** Afterwards each part has the same, of what is sure; what one of them may have had all may have. */
  stabilize(): void {
    this.gossip();
    for (const part of this.parts()) {
      const newest = new Map<string, PutValue>();
      for (const { sure } of part) {
        for (const [key, written] of sure) {
          if (isOlderThanAny(newest.get(key), written)) newest.set(key, written);
        }
      }
      for (const server of part) {
        for (const [key, written] of newest) this.hears(server, key, written);
      }
    }
  }

  /** This server surely has this version now, if it had none that is newer. */
  hears(server: ServerState, key: string, written: PutValue): void {
    const known = server.sure.get(key);
    if (known !== undefined && !isOlder(known, written)) return;
    const { ticksOnReceive } = this.freedom;
    const tick = ticksOnReceive ? 1 : 0;
    // On the way it may have heard of older ones, too.
    const heard = server.may.get(key)?.filter((each) => !isOlder(written, each)).length ?? 0;
    server.sure.set(key, written);
    server.least = Math.max(server.least, written.stamp) + tick;
    server.most = Math.max(server.most, written.stamp) + tick * Math.max(1, heard);
    setMay(server, key, server.may.get(key) ?? []);
  }
}

function addTo(all: Map<string, PutValue[]>, key: string, more: readonly PutValue[]): void {
  const known = all.get(key);
  if (known === undefined) all.set(key, [...more]);
  else for (const each of more) if (!known.includes(each)) known.push(each);
}

function setMay(server: ServerState, key: string, all: readonly PutValue[]): void {
  const sure = server.sure.get(key);
  const open = all.filter((each) => isOlderThanAny(sure, each));
  if (open.length === 0) server.may.delete(key);
  else server.may.set(key, open);
}
