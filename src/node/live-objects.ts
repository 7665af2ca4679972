/**
 * What objects keep to themselves, private fields and what closures hold, as V8's inspector shows it. Not shown is what `this`
 * is to an arrow function.
 */
import { Session } from 'node:inspector';
import { invariant } from '../core/invariant.js';

interface Remote {
  readonly value?: unknown;
  readonly unserializableValue?: string;
  readonly description?: string;
  readonly objectId?: string;
}

interface RemoteProperty {
  readonly name: string;
  readonly value?: Remote;
}

interface RemoteProperties {
  readonly result: readonly RemoteProperty[];
  readonly privateProperties?: readonly RemoteProperty[];
  readonly internalProperties?: readonly RemoteProperty[];
}

type Members = readonly (readonly [name: string, value: unknown])[];

/** Where objects pass from here to the inspector and back. `never` is a promise that stays open. */
const crossing: { there: readonly unknown[]; back: readonly unknown[]; never: unknown } = {
  ...{ there: [], back: [], never: null },
};
const crossingName = '__kvxCrossing';

const objectGroup = 'kvx';

/** Of one session: each leaves a promise behind. */
const readsMax = 500;

export class LiveObjects {
  #session = new Session();
  #readsLeft = 0;
  #never: unknown;
  /** By class: the names of private fields, those of what it extends, too. */
  readonly #fields = new Map<unknown, readonly string[]>();
  /** Functions that hold nothing. */
  readonly #bare = new WeakSet<object>();
  /** How many scopes a function of a module has that is within no other: what stands in those is no state. */
  readonly #moduleScopes: number;
  /** The inspector keeps alive what was shown of late. */
  #hasHandles = false;

  constructor() {
    Object.defineProperty(globalThis, crossingName, { value: crossing, configurable: true });
    this.#connect();
    const { internalProperties = [] } = this.#propertiesOf(this.#idOf(primitiveOf));
    this.#moduleScopes = this.#scopesAmong(internalProperties).length;
  }

  #connect(): void {
    this.#session = new Session();
    this.#session.connect();
    this.#readsLeft = readsMax;
    this.#never = new Promise(() => {});
  }

  close(): void {
    this.#session.disconnect();
  }

  /** Of those that hide anything: what that is. */
  hidden(objects: readonly object[]): ReadonlyMap<object, Members> {
    const found = new Map<object, Members>();
    const asked: [object, readonly string[]][] = [];
    for (const each of objects) {
      if (typeof each !== 'function') {
        const fields = this.#fieldsOf(each);
        if (fields.length > 0) asked.push([each, fields]);
      } else if (!this.#bare.has(each)) {
        const held = this.#heldBy(each);
        if (held.length === 0) this.#bare.add(each);
        else found.set(each, held);
      }
    }
    const values = this.#read(asked);
    if (this.#hasHandles) this.#session.post('Runtime.releaseObjectGroup', { objectGroup });
    this.#hasHandles = false;
    let next = 0;
    for (const [each, fields] of asked) {
      found.set(
        each,
        fields.map((name) => [name, values[next++]]),
      );
    }
    return found;
  }

  /**
   * Private names may be used in the console, though not within a function or block: so this is one flat expression. What
   * is evaluated as in the console is a promise. The V8 of Node 22 dies when it collects that one before the inspector has
   * answered, which it does in a microtask, and none runs in the midst of a search. So the promise waits for another that
   * keeps it alive, until a session that has ended waits for no answer.
   */
  #read(asked: readonly (readonly [object, readonly string[]])[]): readonly unknown[] {
    if (asked.length === 0) return [];
    const reads = asked.flatMap(([, fields], at) =>
      fields.map((field) => `${crossingName}.there[${at}].${field}`),
    );
    crossing.back = [];
    const expression = `${crossingName}.back = [${reads.join()}]; await ${crossingName}.never`;
    if (this.#readsLeft === 0) {
      this.close();
      this.#connect();
    }
    this.#readsLeft--;
    crossing.there = asked.map(([each]) => each);
    crossing.never = this.#never;
    this.#session.post('Runtime.evaluate', { expression, replMode: true });
    const { back } = crossing;
    [crossing.there, crossing.back] = [[], []];
    invariant(back.length === reads.length, 'the inspector reads private fields');
    return back;
  }

  #fieldsOf(object: object): readonly string[] {
    const { constructor: made } = object;
    const known = this.#fields.get(made);
    if (known !== undefined) return known;
    const { privateProperties = [] } = this.#propertiesOf(this.#idOf(object));
    const fields = privateProperties.filter(({ name, value }) => {
      const text = value?.description ?? '';
      return value !== undefined && !text.startsWith(`${name}(`) && !text.startsWith(`*${name}(`);
    });
    const names = fields.map(({ name }) => name);
    invariant(new Set(names).size === names.length, `${made.name} has no field twice`);
    this.#fields.set(made, names);
    return names;
  }

  #heldBy(held: object): Members {
    const { internalProperties = [] } = this.#propertiesOf(this.#idOf(held));
    const variables = internalProperties.filter(({ name }) => /Bound|Target/.test(name));
    const scopes = this.#scopesAmong(internalProperties);
    for (const [at, scope] of scopes.slice(0, scopes.length - this.#moduleScopes).entries()) {
      const all = this.#propertiesOf(scope).result;
      variables.push(...all.map((each) => ({ ...each, name: `${at} ${each.name}` })));
    }
    const local = this.#fetch(variables.flatMap(({ value }) => value?.objectId ?? []));
    let next = 0;
    return variables.map(({ name, value }) => [
      name,
      value?.objectId === undefined ? primitiveOf(value) : local[next++],
    ]);
  }

  /** From within to without. */
  #scopesAmong(internal: readonly RemoteProperty[]): string[] {
    const list = internal.find(({ name }) => name === '[[Scopes]]')?.value?.objectId;
    if (list === undefined) return [];
    return this.#propertiesOf(list).result.flatMap(({ value }) =>
      /^(?:Closure|Block|Catch|Module)/.test(value?.description ?? '')
        ? (value?.objectId ?? [])
        : [],
    );
  }

  #idOf(object: object): string {
    crossing.there = [object];
    const { result } = this.#post('Runtime.evaluate', {
      expression: `${crossingName}.there[0]`,
    }) as {
      readonly result: Remote;
    };
    return result.objectId as string;
  }

  #fetch(ids: readonly string[]): readonly unknown[] {
    if (ids.length === 0) return [];
    this.#post('Runtime.callFunctionOn', {
      objectId: ids[0],
      functionDeclaration: `function (...all) { ${crossingName}.back = all; }`,
      arguments: ids.map((objectId) => ({ objectId })),
    });
    return crossing.back;
  }

  #propertiesOf(objectId: string): RemoteProperties {
    return this.#post('Runtime.getProperties', {
      ...{ objectId, ownProperties: true },
    }) as RemoteProperties;
  }

  /** The session is this thread's own, and answers at once. */
  #post(method: string, parameters: object): unknown {
    let answer: unknown;
    this.#hasHandles = true;
    this.#session.post(method, { objectGroup, ...parameters }, (error, result) => {
      if (error === null) answer = result;
    });
    invariant(answer !== undefined, `the inspector answers ${method}`);
    return answer;
  }
}

function primitiveOf(remote: Remote | undefined): unknown {
  const text = remote?.unserializableValue;
  if (text === undefined) return remote?.value;
  return text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text);
}
