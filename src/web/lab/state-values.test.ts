import { expect, it } from 'vitest';
import { StatePlayer } from '../../lab/player.js';
import type { StateChange } from '../../lab/recording.js';
import { valuesOf } from './state-values.js';

const change = (event: number, before: string | null, after: string | null, name = 'x') =>
  ({ event, node: 'n1', part: 'keys', name, before, after }) satisfies StateChange;

it('says what the last event has changed, and what that was before it', () => {
  const changes = [
    change(0, null, '1'),
    change(2, '1', '2'),
    change(2, '2', '3'),
    change(4, null, 'a', 'y'),
    change(5, '3', null),
  ];
  const player = new StatePlayer({ changes, nodes: ['n1'] });
  const valuesAt = (event: number) => {
    player.seek(event);
    return valuesOf(player, 'n1', 'keys');
  };
  expect(valuesAt(-1)).toEqual([]);
  expect(valuesAt(2)).toEqual([{ name: 'x', value: '3', before: '1' }]);
  expect(valuesAt(3)).toEqual([{ name: 'x', value: '3' }]);
  expect(valuesAt(5)).toEqual([
    { name: 'x', value: null, before: '3' },
    { name: 'y', value: 'a' },
  ]);
  expect(valuesAt(6)).toEqual([{ name: 'y', value: 'a' }]);
  expect(valuesOf(player, 'n2', 'keys')).toEqual([]);
});
