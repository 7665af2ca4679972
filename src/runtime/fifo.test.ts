import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fifo } from './fifo.js';

it('a queue hands out what came first, however it fills and empties', () => {
  const steps = fc.array(fc.integer({ min: -40, max: 60 }), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (counts) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      let next = 0;
      for (const count of counts) {
        for (let at = 0; at < count; at++) {
          fifo.push(next);
          model.push(next++);
        }
        for (let at = 0; at > count; at--) expect(fifo.shift()).toBe(model.shift());
        expect([fifo.length, fifo.peek()]).toEqual([model.length, model[0]]);
      }
      fifo.clear();
      expect([fifo.length, fifo.peek(), fifo.shift()]).toEqual([0, undefined, undefined]);
    }),
  );
});
