import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { modeIds, profileOf } from '../protocols/catalog.js';
import { usual } from '../protocols/own/own-mode.js';
import { useOwnModes } from './own-modes.js';

const folder = mkdtempSync(join(tmpdir(), 'kvx-own-'));
afterAll(() => rmSync(folder, { recursive: true }));
useOwnModes();
let files = 0;

const sole = join(import.meta.dirname, '../../test/own-mode/sole.js');

test.each([
  ['a path', sole],
  ['a path from the working folder', './test/own-mode/sole.js'],
  ['the same without a dot', 'test/own-mode/sole.js'],
  ['an address', pathToFileURL(sole).href],
])('%s names a module, which is loaded once; what it does not say is as usual', (_, named) => {
  const mode = profileOf(named);
  expect(mode).toBe(profileOf(sole));
  expect(mode).toMatchObject({ id: sole, name: 'sole', levels: usual.levels, membership: null });
  expect(modeIds()).not.toContain(sole);
});

test.each([
  ['export default 7', 'its default export must be a function'],
  ['export default () => 7', 'must return an object, not 7'],
  ['export default () => ({ name: "a b" })', 'name must be letters, digits and hyphens'],
  ['export default () => ({ protocol: {} })', 'protocol.message must be a shape'],
  ['export default () => ({ level: 1 })', 'it says "level", which no mode has'],
  ['export default (', "can't be loaded: SyntaxError"],
  ['\n\nnope()', /ReferenceError: nope is not defined \(.*:3:1\)$/],
  ['await 1; export default 1', 'it awaits something at its top level'],
])('%j is refused', (text, why) => {
  const file = join(folder, `${++files}.mjs`);
  writeFileSync(file, text);
  expect(() => profileOf(file)).toThrow(why);
});

test('a path that leads nowhere is no misspelt mode', () => {
  expect(() => profileOf('./quorun.js')).toThrow('mode ./quorun.js: there is no such module');
  expect(() => profileOf('quorun')).toThrow(
    'there is no mode "quorun"; the modes are quorum, 2pc, gossip, paxos; did you mean "quorum"?',
  );
  expect(() => profileOf('fs')).toThrow('there is no mode "fs"');
});
