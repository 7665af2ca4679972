import { describe, expect, it } from 'vitest';
import { parseLink } from './link-words.js';

const nodes = ['n1', 'n2', 'a-b'];
const isClient = (name: string): boolean => ['ann', 'bob'].includes(name);
const linkOf = (text: string): string[] =>
  parseLink(text, nodes, isClient).map(({ from, to }) => `${from} to ${to}`);

describe('a link', () => {
  it.each([
    ['n1>n2', ['n1 to n2']],
    ['n1-n2', ['n1 to n2', 'n2 to n1']],
    ['n1-a-b', ['n1 to a-b', 'a-b to n1']],
    ['n2', ['n2 to n1', 'n2 to a-b', 'n1 to n2', 'a-b to n2']],
    ['ann>n1', ['ann to n1']],
    ['n1-clients', ['n1 to clients', 'clients to n1']],
    ['ann', ['ann to n1', 'ann to n2', 'ann to a-b', 'n1 to ann', 'n2 to ann', 'a-b to ann']],
  ])('%s is %j', (text, directions) => expect(linkOf(text)).toEqual(directions));

  it.each([
    ['n1>n9', 'there is no node n9, did you mean n1?'],
    ['n1>', 'there is no node'],
    ['n9', 'there is no node n9'],
    ['n1>n1', 'a link has two ends, not n1 and n1'],
    ['n1>n2>n1', 'a link has two ends'],
    ['ann-bob', 'ann-bob is between clients'],
    ['-'.repeat(10_000), 'there is no node'],
  ])('%s is none', (text, message) => {
    const refused = {
      code: 'bad-request',
      definite: true,
      message: expect.stringContaining(message),
    };
    expect(() => linkOf(text)).toThrow(expect.objectContaining(refused));
  });
});
