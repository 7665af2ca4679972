/** Inputs on which a reader might think for long, or run out of stack. */
const op = (value: string) => `{:process 0, :type :invoke, :f :write, :value ${value}}`;
const json = (value: string) =>
  `{"process":0,"type":"invoke","f":"put","key":"a","value":${value},"time":1}`;

/** What it has much of, the text, and what the refusal says; `null`: it is one operation. */
export type HostileInput = readonly [what: string, text: string, refusal: string | null];

export const hostileInputs = (size: number): HostileInput[] => [
  ['brackets', '['.repeat(size), 'nested more than'],
  ['braces', '{'.repeat(size), 'never closed'],
  ['brackets in a value', op(`${'['.repeat(size)}${']'.repeat(size)}`), 'nested more than'],
  [
    'brackets in a nemesis',
    op(`${'['.repeat(size)}${']'.repeat(size)}`).replace('0', ':nemesis'),
    'no operation',
  ],
  ['items in a nemesis', op(`[${'{} 1 '.repeat(size)}]`).replace('0', ':nemesis'), 'no operation'],
  ['brackets in JSON', json(`${'['.repeat(size)}${']'.repeat(size)}`), 'nested more than'],
  ['brackets of an array of JSON', `[{"a":${'['.repeat(size)}`, 'never closed'],
  ['lines with a bracket', '[\n'.repeat(size), 'nested more than'],
  ['blank lines after a bracket', `[${'\n'.repeat(size)}`, 'no operation'],
  ['tags', op('#a '.repeat(size)), 'nested more than'],
  ['metadata', op('^'.repeat(size)), 'followed by nothing'],
  ['discards', op('#_ '.repeat(size)), 'has no value'],
  ['discards between', `${'#_ 1 '.repeat(size)}${op('1')}`, null],
  ['lines with a discard', '#_\n'.repeat(size), 'never closed'],
  ['objects that nobody can read', op('#<'.repeat(size)), 'never closed'],
  ['letters of a string', op(`"${'x'.repeat(size)}"`), null],
  ['letters of a string that never ends', op(`"${'x'.repeat(size)}`), 'never closed'],
  ['escapes', op(`"${'\\n'.repeat(size)}"`), null],
  ['digits', op('9'.repeat(size)), null],
  ['digits in base 36', op(`36r${'z'.repeat(size)}`), null],
  ['digits of a ratio', op(`1/${'3'.repeat(size)}`), null],
  ['items', op(`[${'1 '.repeat(size)}]`), null],
  ['comments', `;${'x'.repeat(size)}\n${op('1')}`, null],
  ['blanks in a log', `0 :invoke${' '.repeat(size)}x`, 'this is no history'],
  ['columns in a log', '0 :a '.repeat(size), 'this is no history'],
  ['blanks in timed operations', `0 1 0 put x ${' '.repeat(size)}x${' '.repeat(size)}!`, null],
  ['quotes in timed operations', `0 1 0 put "${'x'.repeat(size)}" 1`, null],
  ['escapes in timed operations', `0 1 0 put "${'\\\\'.repeat(size)}" 1`, null],
];
