import { expect, test } from 'vitest';
import { modes } from './registry.js';
import { relayingModes } from './relaying.js';
import { sessionSupportOf } from './session-support.js';

test('the modes that relay exist', () => {
  expect(modes.map(({ name }) => name)).toEqual(expect.arrayContaining([...relayingModes]));
});

test('every mode says what its sessions get, and confirms at a level that it has', () => {
  for (const { name, levels } of modes) {
    const { confirmAt } = sessionSupportOf(name);
    if (confirmAt !== null) expect([name, ...levels.read]).toContain(confirmAt);
  }
});
