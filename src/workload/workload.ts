import type { KeyOperation } from '../core/operation.js';
import type { Random } from '../core/random.js';

/**
 * A load, operation by operation: the one with this number (0, 1, 2, …). Pure but for what it draws from `random`, so
 * that a seed and an order of numbers give the same operations on every machine. Values differ from number to number.
 */
export type OperationSource = (number: number, random: Random) => KeyOperation;
