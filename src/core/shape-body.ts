/**
 * The fields of a struct or of a variant of a union, in declared order.
 *
 * Where the host lets code be made, a body's first use makes straight code of it: properties by their names, and an object
 * literal with room for all of them. The engine knows neither in a loop over names: reading a message that way takes half as
 * long again, and what has more than four fields is kept in two pieces. In a browser, whose pages may forbid it, loops do.
 */
import { type Shape, ShapeError, type Sink, type Source } from './shape.js';

interface Ways {
  write(value: object, sink: Sink): void;
  /** `length`: of the fields that come. */
  read(source: Source, length: number): object;
  greatest(value: object): number;
}

/** Makes a function of its parameters and its code. */
type MakeFunction = (parameters: string[], code: string) => (...values: unknown[]) => unknown;

let makeFunction: MakeFunction | null = null;

/** From now on straight code is made of what is first used. */
export function makeStraightShapes(make: MakeFunction | null): void {
  makeFunction = make;
}

type CountedField = readonly [name: string, greatest: (value: unknown) => number];

const refuse = (expected: number, found: number): never => {
  throw new ShapeError(`expected ${expected} fields, got ${found}`);
};

export class Body {
  readonly #type: string | null;
  readonly #names: readonly string[];
  readonly #shapes: readonly Shape<unknown>[];
  readonly #counted: readonly CountedField[];

  constructor(fields: Readonly<Record<string, Shape<unknown>>>, type: string | null) {
    this.#type = type;
    this.#names = Object.keys(fields);
    this.#shapes = Object.values(fields);
    this.#counted = this.#shapes.flatMap(({ greatest }, at) =>
      greatest === undefined ? [] : [[this.#names[at] as string, greatest] as const],
    );
  }

  // Until one is first used; then they are the body's own.

  write(value: object, sink: Sink): void {
    this.#settle().write(value, sink);
  }

  read(source: Source, length: number): object {
    return this.#settle().read(source, length);
  }

  greatest(value: object): number {
    return this.#settle().greatest(value);
  }

  get isCounted(): boolean {
    return this.#counted.length > 0;
  }

  #settle(): Ways {
    const ways = makeFunction === null ? this.#loops() : this.#straight(makeFunction);
    this.write = ways.write;
    this.read = ways.read;
    this.greatest = ways.greatest;
    return ways;
  }

  #straight(make: MakeFunction): Ways {
    const shapes = this.#names.map((_, at) => `s${at}`);
    const names = this.#names.map((name) => JSON.stringify(name));
    const counted = this.#counted.map(([name]) => JSON.stringify(name));
    const type = this.#type === null ? null : JSON.stringify(this.#type);
    const { length } = names;
    const code = `return {
      write(value, sink) {
        ${type === null ? `sink.list(${length})` : `sink.list(${length + 1}); sink.item(${type})`};
        ${names.map((name, at) => `s${at}.write(value[${name}], sink);`).join('\n')}
      },
      read(source, length) {
        if (length !== ${length}) refuse(${length}, length);
        return {
          ${type === null ? '' : `type: ${type},`}
          ${names.map((name, at) => `${name}: s${at}.read(source),`).join('\n')}
        };
      },
      greatest(value) {
        let most = 0;
        let number;
        ${counted.map((name, at) => `number = g${at}(value[${name}]); if (number > most) most = number;`).join('\n')}
        return most;
      },
    };`;
    const greatest = this.#counted.map(([, greatest]) => greatest);
    const parameters = [...shapes, 'refuse', ...greatest.map((_, at) => `g${at}`)];
    return make(parameters, code)(...this.#shapes, refuse, ...greatest) as Ways;
  }

  #loops(): Ways {
    const type = this.#type;
    const names = this.#names;
    const shapes = this.#shapes;
    const { length } = names;
    return {
      write(value, sink) {
        const source = value as Record<string, unknown>;
        sink.list(type === null ? length : length + 1);
        if (type !== null) sink.item(type);
        for (let at = 0; at < length; at++) {
          (shapes[at] as Shape<unknown>).write(source[names[at] as string], sink);
        }
      },
      read: (source, found) => {
        if (found !== length) refuse(length, found);
        // Empty at first: V8 gives that room for four fields, and an object with fields none for more.
        const target: Record<string, unknown> = {};
        if (type !== null) target['type'] = type;
        for (let at = 0; at < length; at++) {
          target[names[at] as string] = (shapes[at] as Shape<unknown>).read(source);
        }
        return target;
      },
      greatest: (value) => {
        const source = value as Record<string, unknown>;
        let most = 0;
        for (const [name, greatest] of this.#counted) {
          const number = greatest(source[name]);
          if (number > most) most = number;
        }
        return most;
      },
    };
  }
}
