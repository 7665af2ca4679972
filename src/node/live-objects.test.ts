import { setFlagsFromString } from 'node:v8';
import { expect, it } from 'vitest';
import { LiveObjects } from './live-objects.js';

class Base {
  readonly #own = 'own';
  read = () => this.#own;
}

class Counter extends Base {
  #count: number;
  readonly #list = [1, 2];

  constructor(count: number) {
    super();
    this.#count = count;
  }

  count(): number {
    return this.#count + this.#list.length;
  }
}

it('private fields are read again and again, whatever is collected meanwhile, and with no pause', () => {
  setFlagsFromString('--gc-interval=200');
  const live = new LiveObjects();
  for (let nth = 0; nth < 1200; nth++) {
    const counter = new Counter(nth);
    const found = live.hidden([counter]).get(counter);
    expect(new Map(found)).toEqual(
      new Map<string, unknown>([
        ['#own', 'own'],
        ['#count', nth],
        ['#list', [1, 2]],
      ]),
    );
  }
  live.close();
  setFlagsFromString('--gc-interval=-1');
});
