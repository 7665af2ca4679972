import { describe, expect, it } from 'vitest';
import { type ErrorCode, errorCodes, KvxError } from '../core/errors.js';
import { keyFromBytes, keyFromText } from '../core/key.js';
import { type Direction, type LinkRules, noRules } from '../faults/link-rules.js';
import { bytesToJson, bytesToLine, keyToJson, keyToLine } from './bytes.js';
import { exitCodeOf, failureDocument, failureLines } from './failure.js';
import { clientFaults, faultsOf, linkBlocks } from './links.js';
import { wantsColour } from './output.js';
import { formatTable } from './table.js';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('bytes', () => {
  it('are text in JSON where they are UTF-8, base64 where they are not', () => {
    expect(bytesToJson(bytes('grüße'))).toBe('grüße');
    expect(bytesToJson(Uint8Array.of(0xff, 0))).toEqual({ base64: '/wA=' });
    expect(keyToJson(keyFromText('grüße'))).toBe('grüße');
    expect(keyToJson(keyFromBytes(Uint8Array.of(0xff)))).toEqual({ base64: '/w==' });
  });

  it.each([
    ['a\nb\tc\\', 'a\\nb\\tc\\\\'],
    ['\u001b[2J', '\\x1b[2J'],
    ['\u009b1m', '\\x9b1m'],
    ['evil\u202etxt', 'evil\\u202etxt'],
    ['grüße 👋', 'grüße 👋'],
  ])('can do no harm on a line: %j', (text, line) => expect(bytesToLine(bytes(text))).toBe(line));

  it('that are not text are escaped one by one, and cut when long', () => {
    expect(bytesToLine(Uint8Array.of(0x41, 0xff, 0x00, 0x5c))).toBe('A\\xff\\x00\\\\');
    expect(keyToLine(keyFromText('abcdef'), 3)).toBe('abc… (6 bytes)');
  });
});

describe('tables', () => {
  const columns = [{ title: 'NODE' }, { title: 'KEYS', align: 'right' }, { title: 'F' }] as const;
  const rows = [
    ['n1', '5', ''],
    ['n10', '1234567', ''],
  ];

  it('line up, numbers on the right, without columns that say nothing', () => {
    expect(formatTable(columns, rows)).toBe(
      ['NODE     KEYS', 'n1          5', 'n10   1234567', ''].join('\n'),
    );
  });

  it('become blocks where the terminal is too narrow', () => {
    expect(formatTable(columns, rows, { width: 12 })).toBe(
      ['NODE  n1', 'KEYS  5', '', 'NODE  n10', 'KEYS  1234567', ''].join('\n'),
    );
    expect(formatTable(columns, rows, { width: 13 })).toMatch(/^NODE {5}KEYS\n/);
  });

  it('measure what is seen, not colours', () => {
    expect(formatTable([{ title: 'A' }, { title: 'B' }], [['\u001b[1mxx\u001b[0m', 'y']])).toBe(
      'A   B\n\u001b[1mxx\u001b[0m  y\n',
    );
  });

  it('are nothing without rows', () => expect(formatTable(columns, [])).toBe(''));
});

describe('links', () => {
  const rules = {
    ...noRules,
    cuts: [
      { from: 'n1', to: 'n2' },
      { from: 'n2', to: 'n1' },
      { from: 'n1', to: 'n3' },
    ],
    delays: [{ from: 'n2', to: 'n3', meanMs: 20 }],
  };

  const matrix = (of: LinkRules, unlinked: readonly Direction[] = []) => {
    const [block] = linkBlocks({ nodes: ['n1', 'n2', 'n3'], unlinked }, of, 120);
    return block?.type === 'table' ? block.rows : [];
  };

  it('are told node by node', () => {
    expect(faultsOf('n1', rules)).toEqual(['cut from n2', "can't reach n3"]);
    expect(faultsOf('n2', rules)).toEqual(['cut from n1', 'slow to n3']);
    expect(faultsOf('n3', rules)).toEqual(["can't hear n1"]);
  });

  it('that the topology does not have are no faults', () => {
    const unlinked = [{ from: 'n1', to: 'n3' }];
    expect(faultsOf('n1', rules, unlinked)).toEqual(['cut from n2']);
    expect(matrix(rules, unlinked)[0]).toEqual(['n1', '-', 'cut', 'none']);
  });

  it('that lose, double and reorder messages are told, too', () => {
    const direction = { from: 'n1', to: 'n2', chance: 0.25 };
    const harmful = {
      ...{ ...noRules, losses: [direction, { ...direction, to: 'n3' }] },
      ...{ duplications: [direction], reorderings: [{ ...direction, heldMsMax: 20 }] },
    };
    expect(faultsOf('n1', harmful)).toEqual([
      ...['loses messages to n2 n3', 'doubles messages to n2', 'reorders messages to n2'],
    ]);
    expect(matrix(harmful)[0]).toEqual([
      ...['n1', '-', 'loses 25%, doubles 25%, reorders 25%', 'loses 25%'],
    ]);
  });

  it('may be cut for one type of message', () => {
    const losses = [{ from: 'n1', to: 'n2', type: 'accept', chance: 1 }];
    const delays = [{ from: 'n1', to: 'n2', type: 'prepare', meanMs: 5 }];
    const typed = { ...noRules, losses, delays };
    expect(faultsOf('n1', typed)).toEqual(['slow with prepare to n2', 'loses all accept to n2']);
    expect(matrix(typed)[0]).toEqual(['n1', '-', 'prepare 5ms, accept cut', 'ok']);
  });

  it('may be those of clients', () => {
    const cuts = [
      { from: 'ann', to: 'n2' },
      { from: 'n2', to: 'ann' },
      { from: 'n1', to: 'ann' },
    ];
    const delays = [{ from: 'n2', to: 'bob', meanMs: 20 }];
    expect(clientFaults(['n1', 'n2'], { ...noRules, cuts, delays })).toEqual([
      ...['ann cut from n2', "ann can't hear n1", 'n2 slow to bob'],
    ]);
    expect(faultsOf('n2', { ...noRules, cuts })).toEqual(['cut from ann']);
  });

  it('are shown as a matrix', () => {
    expect(matrix(rules)).toEqual([
      ['n1', '-', 'cut', 'cut'],
      ['n2', 'cut', '-', '20ms'],
      ['n3', 'ok', 'ok', '-'],
    ]);
  });

  it.each([
    [
      30,
      [
        'FROM\\TO n1 n2 n3',
        'n1      -  x  x',
        'n2      x  -  a',
        'n3      b  b  -',
        '',
        'x cut   a 20ms',
        'b exp 5ms, accept loses 2.5%',
      ],
    ],
    [
      15,
      [
        "n1 cut from n2; can't reach n3",
        'n2 cut from n1; slow to n3',
        "n3 can't hear n1; slow to n1 n2; loses accept to n1 n2",
      ],
    ],
  ])('are shown in signs where words have no room, and as a list in %d columns', (width, lines) => {
    const from = 'n3';
    const others = ['n1', 'n2'];
    const both = others.map((to) => ({ from, to, meanMs: 5, spread: 'exponential' as const }));
    const losses = others.map((to) => ({ from, to, type: 'accept', chance: 0.025 }));
    const all = { ...rules, delays: [...rules.delays, ...both], losses };
    const blocks = linkBlocks({ nodes: ['n1', 'n2', 'n3'] }, all, width);
    const shown = blocks.flatMap((block) => {
      if (block.type === 'line') return [block.text];
      return block.type === 'table' ? block.rows.map((row) => row.join(' ')) : [];
    });
    expect(shown).toEqual(lines);
  });
});

describe('colour', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('terminal %s, %j: %s', (isTTY, env, wanted) =>
    expect(wantsColour({ isTTY }, env)).toBe(wanted),
  );
});

describe('a failure', () => {
  const exits: Record<ErrorCode, [definite: number, indefinite: number]> = {
    'bad-request': [64, 64],
    unavailable: [3, 2],
    overloaded: [3, 2],
    conflict: [1, 2],
    behind: [1, 2],
    timeout: [3, 2],
    disconnected: [3, 2],
    cluster: [3, 2],
    config: [64, 64],
    interrupted: [130, 130],
    bug: [70, 70],
  };

  it.each(errorCodes)('%s has its exit code', (code) => {
    const of = (definite: boolean) => exitCodeOf(new KvxError('x', { code, definite }));
    expect([of(true), of(false)]).toEqual(exits[code]);
  });

  it('is a bug unless it is known', () => {
    expect(exitCodeOf(new TypeError('x is undefined'))).toBe(70);
    expect(failureLines(new TypeError('x is undefined\nmore'))[0]).toBe(
      'kvx has a bug: x is undefined',
    );
  });

  it('is bounded, and nothing in it is obeyed by a terminal, whatever somebody typed', () => {
    const typed = `\u001b[31m${'x'.repeat(5000)}`;
    const details = { code: 'bad-request', definite: true, hint: `\n${typed}` } as const;
    const lines = failureLines(new KvxError(typed, details));
    expect(lines.map((line) => line.slice(0, 15))).toEqual([
      '\\u001b[31mxxxxx',
      '\\u000a\\u001b[31',
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(1100);
  });

  it('says in three lines at most what happened, whether it took effect, what next', () => {
    for (const code of errorCodes) {
      for (const definite of [true, false]) {
        const lines = failureLines(new KvxError('it broke', { code, definite }));
        expect(lines[0]).toBe('it broke');
        expect(lines.length).toBeLessThanOrEqual(3);
      }
    }
    const timeout = new KvxError('no answer', { code: 'timeout', definite: false, hint: 'Try.' });
    expect(failureLines(timeout)).toEqual([
      'no answer',
      'It may or may not have taken effect.',
      'Try.',
    ]);
    expect(failureLines(timeout, false)).toEqual(['no answer', 'Try.']);
  });

  it('of a node that did not start comes with the end of its log, unless it is known what to do', () => {
    const log = ['info  n2 starts', 'error no space left'];
    const failures = [
      { node: 'n2', message: 'no space left', hint: null, log },
      { node: 'n3', message: 'no space left', hint: null, log: [] },
      { node: 'n4', message: 'the disk is full', hint: 'Make room.', log },
    ];
    const details = { code: 'cluster', definite: true, hint: 'Make room.' } as const;
    const error = Object.assign(new KvxError('n2 did not start', details), { failures });
    expect(failureLines(error)).toEqual([
      'n2 did not start',
      'Make room.',
      'The end of the log of n2:',
      '  info  n2 starts',
      '  error no space left',
    ]);
    expect(failureDocument(error)).toMatchObject({
      error: {
        logs: [
          { node: 'n2', log },
          { node: 'n4', log },
        ],
      },
    });
  });

  it('is a document for programs', () => {
    const error = new KvxError('no answer', { code: 'timeout', definite: false, hint: 'Try.' });
    expect(failureDocument(error)).toEqual({
      error: { code: 'timeout', definite: false, message: 'no answer', hint: 'Try.', exitCode: 2 },
    });
  });
});
