import { existsSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { written } from './written.js';

const failureOf = (path: string): unknown => {
  try {
    return written(path, () => writeFileSync(path, 'x'));
  } catch (error) {
    return error;
  }
};

it('where there can be no such file, the usage is wrong', () => {
  expect(failureOf('/no/such/folder')).toMatchObject({
    code: 'bad-request',
    message: "/no/such/folder can't be written: there is no such folder",
  });
});

it.skipIf(!existsSync('/dev/full'))('a full disk is nobody’s wrong usage', () => {
  expect(failureOf('/dev/full')).toMatchObject({
    code: 'cluster',
    message: "/dev/full can't be written: the disk is full",
  });
});
