import { describe, expect, test } from 'vitest';
import { KvxError } from '../../core/errors.js';
import { type ModeOption, readOptions } from './mode-options.js';

const options: readonly ModeOption[] = [
  { name: 'copies', summary: '', kind: 'count', default: 3, min: 1, max: 9 },
  { name: 'waitMs', summary: '', kind: 'millis', default: 50, min: 10 },
  { name: 'read', summary: '', kind: 'level', default: 'all' },
  { name: 'loss', summary: '', kind: 'rate', default: 0 },
  { name: 'order', summary: '', kind: 'nodes', default: [] },
];

const read = (given: Readonly<Record<string, unknown>>) => readOptions('toy', options, given);

function complaint(given: Readonly<Record<string, unknown>>): string {
  try {
    read(given);
  } catch (error) {
    if (!(error instanceof KvxError)) throw error;
    expect(error).toMatchObject({ code: 'bad-request', definite: true });
    return error.message;
  }
  return 'no complaint';
}

describe('the options of a mode', () => {
  test('are as given, or their defaults', () => {
    expect(read({})).toEqual({
      copies: 3,
      waitMs: 50,
      read: 'all',
      loss: 0,
      order: [],
    });
    const given = { loss: 0.5, order: ['n2', 'n1'] };
    expect(read(given)).toMatchObject(given);
  });

  test.each([
    [{ copies: 0 }, 'option copies must be a whole number from 1 to 9, not 0'],
    [{ waitMs: 1 }, 'option waitMs must be a whole number at least 10 milliseconds, not 1'],
    [{ read: null }, 'option read must be a level, not null'],
    [{ loss: 1 }, 'option loss must be a number from 0 to below 1, not 1'],
    [{ loss: '0.5' }, 'option loss must be a number from 0 to below 1, not "0.5"'],
    [{ order: null }, 'option order must be a list of nodes, such as n3,n1,n2, not null'],
    [
      { order: ['n1', 2] },
      'option order must be a list of nodes, such as n3,n1,n2, not a list of 2',
    ],
    [{ order: ['n1', 'n2', 'n1'] }, 'option order names n1 twice'],
    [{ nothing: 1 }, 'mode toy has no option "nothing"; it has copies, waitMs, read, loss, order'],
  ])('%j is refused', (given, message) => {
    expect(complaint(given)).toBe(message);
  });
});
