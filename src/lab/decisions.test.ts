import { expect, test } from 'vitest';
import { decisionsIn, withDecision } from './decisions.js';

const scenario = '# The title\n\ncluster up --mode quorum -n 3\nput a 1\nget a\n';
const [early, late] = ['at 3.25ms node kill n2', 'at 12.345ms fault drop "n1>n2" --nth 3'];

test('decisions stand after the start of the cluster, in order of time', () => {
  const both = withDecision(withDecision(scenario, late), early);
  expect(both).toBe(scenario.replace('put a 1', `${early}\n${late}\nput a 1`));
  expect(withDecision(both, 'at 3.25ms node kill n3')).toBe(
    both.replace(late, `at 3.25ms node kill n3\n${late}`),
  );
  expect(withDecision(both, 'at 1s fault heal').split('\n')[5]).toBe('at 1s fault heal');
  expect(decisionsIn(both)).toEqual([early, late]);
});

test('twice is as once', () => {
  const once = withDecision(scenario, early);
  expect(withDecision(once, early)).toBe(once);
});

test('without a cluster of its own, a script begins with its decisions', () => {
  expect(withDecision('# The title\nput a 1\n', early)).toBe(`# The title\n${early}\nput a 1\n`);
  expect(withDecision('# nothing else', early)).toBe(`# nothing else\n${early}`);
});

test('what runs at once is no decision', () => {
  expect(decisionsIn('cluster up\nat once\n  client a\n    put a 1\nend\n')).toEqual([]);
});
