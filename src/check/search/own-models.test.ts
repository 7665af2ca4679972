import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkModel } from '../check.js';

/** The example of docs/checking.md, as it stands there. */
function example(): string {
  const docs = readFileSync(join(import.meta.dirname, '../../../docs/checking.md'), 'utf8');
  const [, section = ''] = docs.split('### A data type of your own');
  return /```js\n([\s\S]*?)```/.exec(section)?.[1] ?? '';
}

test('a queue and a counter of a user are judged as the docs say', () => {
  const code = example();
  const [first, ...lines] = code.split('\n');
  expect(first).toBe("import { checkModel } from 'kvx/check';");
  const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, said]) => said);
  const said: string[] = [];
  const log = (...shown: unknown[]) =>
    said.push(shown.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(' '));
  const run = new Function('checkModel', 'console', lines.join('\n'));
  run(checkModel, { log });
  expect(said).toEqual(promised);
  expect(said).toEqual(['holds', 'violated [2,3]', 'violated']);
});
