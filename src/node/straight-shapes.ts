import { makeStraightShapes } from '../core/shape-body.js';

/** For threads and processes that write and read for long. The code has nothing in it but names from our own sources. */
export function useStraightShapes(): void {
  makeStraightShapes((parameters, code) => {
    const make = new Function(...parameters, code);
    return (...values) => make(...values);
  });
}
