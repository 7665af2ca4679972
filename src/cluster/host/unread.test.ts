import { expect, it } from 'vitest';
import { connectionLimits } from '../../core/limits.js';
import { type AnswerReader, UnreadAnswers } from './unread.js';

it('past what all may leave unread, who has read nothing for longest goes', () => {
  const { bytesUnreadMax } = connectionLimits;
  const gone: string[] = [];
  const reader = (name: string, bytesUnread: number, progressAt: number): AnswerReader => ({
    ...{ bytesUnread, progressAt, dismiss: () => gone.push(name) },
  });
  const unread = new UnreadAnswers([
    reader('has nothing to read', 0, 1),
    reader('has just read', 10, 3),
    reader('has read long ago', 10, 2),
  ]);
  unread.note(bytesUnreadMax);
  expect(gone).toEqual([]);
  unread.note(1);
  expect(gone).toEqual(['has read long ago']);
  unread.note(-2);
  unread.note(1);
  expect(gone.length).toBe(1);
});
