import { expect, test } from 'vitest';
import {
  back,
  changed,
  currentOf,
  forked,
  forth,
  pathTo,
  remembered,
  rootOf,
  went,
} from './forks.js';

const key = { scenario: 'cluster up -n 3\nput a 1\n', seed: 1, bug: null };
const lose = 'at 3ms fault drop "n1>n2" --nth 1';
const kill = 'at 5ms node kill n2';

test('a decision is a run of its own, made of the current one', () => {
  const tree = forked(forked(rootOf(key), lose, 'lost', 7), kill, 'killed');
  expect(currentOf(tree)).toMatchObject({ id: 2, parent: 1, name: 'killed', line: kill });
  expect(currentOf(tree).key.scenario).toBe(`cluster up -n 3\n${lose}\n${kill}\nput a 1\n`);
  expect(pathTo(tree, 2).map(({ name }) => name)).toEqual(['as it was', 'lost', 'killed']);
});

test('what was decided before is gone to, not made again', () => {
  const once = forked(rootOf(key), lose, 'lost');
  const twice = forked(back(once), lose, 'lost again');
  expect(twice.forks).toHaveLength(2);
  expect(twice.current).toBe(1);
  expect(changed(twice, currentOf(twice).key, 'nothing new')).toBe(twice);
});

test('back and forth is where somebody was; another decision ends that', () => {
  const deep = forked(forked(rootOf(key), lose, 'lost'), kill, 'killed');
  const root = back(back(deep));
  expect(root.current).toBe(0);
  expect(back(root)).toBe(root);
  expect(forth(forth(root)).current).toBe(2);
  expect(forth(deep)).toBe(deep);
  const other = forked(back(deep), 'at 9ms fault heal', 'healed');
  expect(forth(other)).toBe(other);
  expect(other.forks.map(({ children }) => children)).toEqual([[1], [2, 3], [], []]);
});

test('one of many is gone to, and where somebody was in it is kept', () => {
  const tree = remembered(forked(rootOf(key), lose, 'lost'), 42);
  expect(currentOf(went(went(tree, 0), 1)).event).toBe(42);
  expect(went(tree, 17)).toBe(tree);
});
