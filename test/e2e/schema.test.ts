/** `kvx schema`: what a validator that knows nothing else takes as it is. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, expect, it } from 'vitest';
import { operations } from '../../src/operations/table.js';
import { Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

it('has all that a validator needs, of each command that it lists', () => {
  const { commands } = sandbox.json(['schema']).document;
  expect(commands.toSorted()).toEqual(['error', ...operations.map(({ name }) => name)].toSorted());
  expect(sandbox.run(['schema']).stdout).toBe(`${commands.join('\n')}\n`);
  const clusters = sandbox.json(['cluster', 'list']).document;
  const failure = sandbox.json(['schema', 'cluster', 'lst']);
  expect(failure).toMatchObject({ status: 64 });
  expect(failure.document.error.message).toContain('did you mean cluster list?');
  const schema = sandbox.json(['schema', 'cluster', 'list']).document;
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
  expect(validate(clusters)).toBe(true);
  expect(validate(failure.document)).toBe(true);
  expect(validate({ ...clusters, clusters: 7 })).toBe(false);
});
