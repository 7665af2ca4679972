import { entryOf } from '../../core/lookup.js';
import { absent } from '../../history/history.js';
import { atFirst } from './access.js';
import { type Seen, SeenKeys } from './seen.js';
import { type Sources, undecided } from './sources.js';

interface Written {
  readonly key: number;
  /** The last of the transaction. */
  readonly value: number;
}

interface Version {
  readonly by: number;
  readonly value: number;
}

/** The key held this value, whoever had written it; or another one. */
interface Demand extends Written {
  readonly isThere: boolean;
}

/** Of a key that somebody makes a demand of, by value: how many are still to find it there, and still to write it. */
interface Demanded {
  open: number;
  readonly there: Map<number, number>;
  readonly writers: Map<number, number>;
}

const first: Version = { by: atFirst, value: absent };

/** Whose version each key holds, who is still to read it, and who is about to write it. */
export class VersionStore {
  readonly #halves: boolean;
  readonly #happened: Uint8Array;
  readonly #reads: (transaction: number) => readonly Seen[];
  readonly #demands: readonly (readonly Demand[])[];
  readonly #written: readonly (readonly Written[])[];
  readonly #held = new Map<number, Version>();
  /** By key, by version: how many read it that have not come yet. */
  readonly #toRead = new Map<number, Map<number, number>>();
  readonly #demanded = new Map<number, Demanded>();
  readonly #locked = new Set<number>();
  /** Of the events that were run: what was held before where they wrote. */
  readonly #ran: { readonly event: number; readonly replaced: readonly Version[] }[] = [];

  constructor(sources: Sources, halves: boolean) {
    this.#halves = halves;
    const { live, access } = sources;
    this.#happened = sources.happened;
    const keys = new SeenKeys(sources);
    this.#reads = (transaction) => keys.of(transaction);
    this.#demands = demandsOf(sources);
    this.#written = access.map(({ writes }) => [
      ...new Map(writes.map(({ key, value }) => [key, { key, value }])).values(),
    ]);
    this.#demands.forEach((demands, at) => {
      if (this.#happened[at] === 0) return;
      for (const { key } of demands) {
        this.#demanded.set(key, { open: 0, there: new Map(), writers: new Map() });
      }
    });
    live.forEach((_, at) => {
      this.#expect(at, 1);
      if (this.#happened[at] === 1 || this.mayHelp(halves ? 2 * at : at)) this.#expectWrites(at, 1);
    });
  }

  /** Whether it writes where somebody makes a demand: of use even where nobody is known to have read it. */
  mayHelp(event: number): boolean {
    const { at } = this.#parts(event);
    return this.#written[at]?.some(({ key }) => this.#demanded.has(key)) ?? false;
  }

  /** Whether everybody finds what they read if this comes next, as far as that can be told. */
  fits(event: number): boolean {
    const { at, begins, ends } = this.#parts(event);
    const written = this.#written[at] ?? [];
    if (begins && !this.#finds(at)) return false;
    if (!ends) return written.every(({ key }) => !this.#locked.has(key));
    return written.every((write) => this.#mayReplace(write, begins ? at : -1));
  }

  #finds(at: number): boolean {
    return (
      this.#reads(at).every(({ key, source }) => this.#version(key).by === source) &&
      (this.#demands[at] ?? []).every(
        ({ key, value, isThere }) => (this.#version(key).value === value) === isThere,
      )
    );
  }

  /** Nobody but `reader` is still to read what would be replaced, or it will be there once more. */
  #mayReplace({ key, value }: Written, reader: number): boolean {
    const { by, value: held } = this.#version(key);
    const own = this.#reads(reader).some((read) => read.key === key) ? 1 : 0;
    if ((this.#toRead.get(key)?.get(by) ?? 0) > own) return false;
    const demanded = this.#demanded.get(key);
    if (demanded === undefined || held === value) return true;
    const isOwn = (demand: Demand) => demand.key === key && demand.value === held && demand.isThere;
    const ownDemands = this.#demands[reader]?.filter(isOwn).length ?? 0;
    return (demanded.there.get(held) ?? 0) <= ownDemands || (demanded.writers.get(held) ?? 0) > 0;
  }

  /** Nobody is still to read what it would write. */
  isHarmless(event: number): boolean {
    const { at, ends } = this.#parts(event);
    if (!ends) return true;
    return (this.#written[at] ?? []).every(({ key }) => !this.#toRead.get(key)?.get(at));
  }

  /** It fits, and if any order of what is left will do, then one in which this comes next. */
  isFree(event: number): boolean {
    if (!this.fits(event)) return false;
    const { at, begins, ends } = this.#parts(event);
    const written = this.#written[at] ?? [];
    if (written.length === 0) return true;
    const own = begins ? (this.#demands[at] ?? []) : [];
    const isDemanded = ({ key }: Written) =>
      (this.#demanded.get(key)?.open ?? 0) > own.filter((one) => one.key === key).length;
    return ends && this.isHarmless(event) && !written.some(isDemanded);
  }

  run(event: number): void {
    const { at, begins, ends } = this.#parts(event);
    const written = this.#written[at] ?? [];
    this.#ran.push({ event, replaced: written.map(({ key }) => this.#version(key)) });
    if (begins) this.#expect(at, -1);
    if (ends) this.#expectWrites(at, -1);
    for (const { key, value } of written) {
      if (!ends) this.#locked.add(key);
      else {
        this.#locked.delete(key);
        this.#held.set(key, { by: at, value });
      }
    }
  }

  /** The last that was run. */
  undo(): void {
    const { event, replaced } = this.#ran.pop() as { event: number; replaced: Version[] };
    const { at, begins, ends } = this.#parts(event);
    if (begins) this.#expect(at, 1);
    if (ends) this.#expectWrites(at, 1);
    this.#written[at]?.forEach(({ key }, nth) => {
      if (!ends) this.#locked.delete(key);
      else {
        if (!begins) this.#locked.add(key);
        this.#held.set(key, replaced[nth] as Version);
      }
    });
  }

  /** What is held where somebody still makes a demand: what was done does not tell it. */
  demandedState(): string {
    const held: string[] = [];
    for (const [key, { open }] of this.#demanded) {
      if (open > 0) held.push(`${key}:${this.#version(key).value}`);
    }
    return held.join();
  }

  #parts(event: number) {
    if (!this.#halves) return { at: event, begins: true, ends: true };
    return { at: event >> 1, begins: event % 2 === 0, ends: event % 2 === 1 };
  }

  #version(key: number): Version {
    return this.#held.get(key) ?? first;
  }

  /** Counts what the transaction is still to find; of one that need not have happened, nothing need be found. */
  #expect(at: number, change: number): void {
    if (this.#happened[at] === 0) return;
    for (const { key, source } of this.#reads(at)) {
      const counts = entryOf(this.#toRead, key, () => new Map());
      count(counts, source, change);
    }
    for (const { key, value, isThere } of this.#demands[at] ?? []) {
      const demanded = this.#demanded.get(key) as Demanded;
      demanded.open += change;
      if (isThere) count(demanded.there, value, change);
    }
  }

  #expectWrites(at: number, change: number): void {
    for (const { key, value } of this.#written[at] ?? []) {
      const demanded = this.#demanded.get(key);
      if (demanded !== undefined) count(demanded.writers, value, change);
    }
  }
}

function count(counts: Map<number, number>, of: number, change: number): void {
  counts.set(of, (counts.get(of) ?? 0) + change);
}

/** By transaction. */
function demandsOf({ live, happened, access, reads }: Sources): Demand[][] {
  const demands = live.map(({ unlike }) =>
    unlike.map((found): Demand => ({ ...found, isThere: false })),
  );
  access.forEach((own, at) => {
    if (happened[at] === 1) return;
    // Of one that need not have happened nobody asked whose values these were.
    for (const { key, value } of own.reads) {
      if (typeof value === 'number') demands[at]?.push({ key, value, isThere: true });
    }
  });
  for (const { by, key, value, source } of reads) {
    if (source === undecided) demands[by]?.push({ key, value, isThere: true });
  }
  return demands;
}
