import { afterAll, expect, test } from 'vitest';
import { Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

test('a counterexample is printed, and is a no', () => {
  const { status, stdout } = sandbox.run(['explore', '--bug', '2pc-vote-before-sync']);
  expect(stdout).toMatch(/^2pc-1: mode 2pc, 2 nodes\. c1: put at n1; c2: get at n2\.\n/);
  expect(stdout).toMatch(/Wrong after \d+ moves, the fewest there are\.\nlost write: /);
  expect(stdout).toMatch(/\ncluster 2pc 2 bug=2pc-vote-before-sync\n----\nn1 starts\n/);
  expect(status).toBe(1);
});

test('a bound that was reached leaves it open', () => {
  const { status, stdout } = sandbox.run(['explore', 'register', '--states', '50', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ world: 'register', mode: 'quorum', nodes: 3, end: 'states', distinct: 50 },
    counterexample: null,
  });
  expect(status).toBe(2);
});

test('what is no small world is a mistake of whoever typed it', () => {
  const { status, stderr } = sandbox.run(['explore', '2pc-1', '--mode', 'paxos']);
  expect(stderr).toMatch(/small world 2pc-1 is of mode 2pc, not "paxos"/);
  expect(status).toBe(64);
});
