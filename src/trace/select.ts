/** Which events of a trace somebody wants to see. */
import { usageError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { show } from '../core/show.js';
import { didYouMean } from '../core/suggest.js';
import type { TraceEvent } from '../core/trace-event.js';
import { isAbout } from './keys.js';
import type { KnownEvent } from './recall.js';

/** Of each kind, one that is named is enough; of the kinds, each that names any must agree. */
export interface Criteria {
  readonly node: readonly string[];
  /** `n1>n2`, or `n1-n2` for both ways. */
  readonly link: readonly string[];
  readonly key: string | null;
  /** Of an event, a message, a record or an operation. */
  readonly type: readonly string[];
  readonly client: readonly string[];
  /** After the first event of the trace. */
  readonly sinceMs: Millis;
  readonly untilMs: Millis;
}

type Kind = 'node' | 'link' | 'client';

/** Takes all events of a trace in their order. */
export class Selection {
  readonly #criteria: Criteria;
  /** Names of the trace, for who has named what is not in it. */
  readonly #met: Readonly<Record<Kind, Set<string>>> = {
    ...{ node: new Set(), link: new Set(), client: new Set() },
  };

  constructor(criteria: Criteria) {
    this.#criteria = criteria;
  }

  takes(known: KnownEvent, sinceMs: Millis): boolean {
    const { event, typed, call } = known;
    const { node, link, key, type, client } = this.#criteria;
    const types = [event.data.type, typed?.type, call?.data.operation.type];
    const links = linksOf(event);
    this.#meet('node', [event.node]);
    this.#meet('link', links);
    this.#meet('client', [call?.data.client]);
    return (
      (node.length === 0 || node.includes(event.node)) &&
      (link.length === 0 || links.some((each) => link.includes(each))) &&
      (type.length === 0 || types.some((each) => each !== undefined && type.includes(each))) &&
      (client.length === 0 || client.includes(call?.data.client ?? '')) &&
      (key === null || isAbout(known, key)) &&
      sinceMs >= this.#criteria.sinceMs &&
      sinceMs <= this.#criteria.untilMs
    );
  }

  /** Throws a definite `bad-request` for the first name that nothing in the trace has. To be called at its end. */
  checkNames(): void {
    for (const kind of ['node', 'link', 'client'] as const) {
      const met = this.#met[kind];
      const missing = this.#criteria[kind].find((name) => !met.has(name));
      if (missing !== undefined) throw notThere(kind, missing, met);
    }
  }

  #meet(kind: Kind, names: readonly (string | null | undefined)[]): void {
    const met = this.#met[kind];
    for (const name of names) {
      if (name === null || name === undefined) continue;
      if (met.size < namesMax || this.#criteria[kind].includes(name)) met.add(name);
    }
  }
}

/** The ways to name the link that it is about. */
function linksOf({ node, data }: TraceEvent): readonly string[] {
  if ('to' in data) return [`${node}>${data.to}`, `${node}-${data.to}`, `${data.to}-${node}`];
  if (!('from' in data)) return [];
  return [`${data.from}>${node}`, `${data.from}-${node}`, `${node}-${data.from}`];
}

/** Of those that are kept, and of those that are shown: a trace of any length may have any number of clients. */
const namesMax = 1000;
const shownMax = 12;

function notThere(kind: Kind, name: string, met: ReadonlySet<string>) {
  const names = [...met].sort();
  const more = names.length > shownMax ? ', …' : '';
  const hint = `There are ${names.slice(0, shownMax).join(', ')}${more}.`;
  return usageError(
    `nothing in the trace has the ${kind} ${show(name)}${didYouMean(name, met)}`,
    met.size === 0 ? undefined : hint,
  );
}
