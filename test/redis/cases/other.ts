/** tests/unit/other.tcl */
import type { AskFirst, RedisCaseFile } from './redis-case.js';

/** Bytes that any seed draws alike. */
function* noise(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    yield (state >>> 16) & 0xff;
  }
}

function textOf(bytes: Generator<number>, lengthMax: number): string {
  const length = ((bytes.next().value as number) * 2) % (lengthMax + 1);
  return Array.from({ length }, () => String.fromCharCode(bytes.next().value as number)).join('');
}

async function readsWhatItWrote(ask: AskFirst): Promise<string | null> {
  const bytes = noise(1);
  for (let round = 0; round < 100; round++) {
    const value = textOf(bytes, 500);
    await ask(['set', 'foo', value]);
    if ((await ask('get foo')) !== value) return `lost ${JSON.stringify(value)}`;
  }
  return null;
}

async function appendsAll(ask: AskFirst): Promise<string | null> {
  const bytes = noise(2);
  let all = '';
  await ask('del x');
  for (let round = 0; round < 100; round++) {
    const piece = textOf(bytes, 10);
    all += piece;
    await ask(['append', 'x', piece]);
  }
  return (await ask('get x')) === all ? null : 'it is not what was appended';
}

const unknown = (name: string, rest = ''): string =>
  `-ERR unknown command '${name}', with args beginning with: ${rest}`;

export const otherCases: RedisCaseFile = {
  file: 'other.tcl',
  count: 25,
  holding: [
    { name: 'FUZZ stresser with data model $fuzztype', steps: [], check: readsWhatItWrote },
    {
      name: 'SELECT an out of range DB',
      steps: [['select 1000000', '-ERR DB index is out of range']],
    },
    {
      name: 'PIPELINING stresser (also a regression for the old epoll bug)',
      steps: [],
      async check(ask) {
        const keys = Array.from({ length: 500 }, (_, nth) => nth);
        const said = await Promise.all(
          keys.flatMap((nth) => [ask(`set key:${nth} 0000${nth}0000`), ask(`get key:${nth}`)]),
        );
        const isRight = keys.every((nth) => said[2 * nth + 1] === `0000${nth}0000`);
        return isRight ? null : 'a value is not what was set';
      },
    },
    {
      name: 'APPEND basics',
      steps: [
        ['set foo 1', '+OK'],
        ['del foo', 1],
        ['append foo bar', 3],
        ['get foo', 'bar'],
        ['append foo 100', 6],
        ['get foo', 'bar100'],
      ],
    },
    {
      name: 'APPEND basics, integer encoded values',
      steps: [
        ['del foo', 1],
        ['append foo 1', 1],
        ['append foo 2', 2],
        ['get foo', '12'],
        ['set foo 1', '+OK'],
        ['append foo 2', 2],
        ['get foo', '12'],
      ],
    },
    { name: 'APPEND fuzzing', steps: [], check: appendsAll },
    {
      name: 'RESET clears and discards MULTI state',
      steps: [
        ['multi', '+OK'],
        ['set key-a a', '+QUEUED'],
        ['reset', '+RESET'],
        ['exec', '-ERR EXEC without MULTI'],
      ],
    },
    {
      name: 'Subcommand syntax error crash (issue #10070)',
      steps: [
        ['GET|', unknown('GET|')],
        ['GET|SET', unknown('GET|SET')],
        ['GET|SET|OTHER', unknown('GET|SET|OTHER')],
        ['CONFIG|GET GET_XX', unknown('CONFIG|GET', "'GET_XX' ")],
        ['CONFIG GET_XX', "-ERR unknown subcommand 'GET_XX'. Try CONFIG HELP."],
      ],
    },
  ],
  beside: [
    {
      names: [
        'SAVE - make sure there are all the types as values',
        'FLUSHALL should not reset the dirty counter if we disable save',
        'FLUSHALL should reset the dirty counter to 0 if we enable save',
        'BGSAVE',
        'Check consistency of different data types after a reload',
        'Same dataset digest if saving/reloading as AOF?',
        'Perform a final SAVE to leave a clean DB on disk',
        "Don't rehash if redis has child process",
      ],
      why: 'there is no SAVE: what is acknowledged is durable; and no DEBUG',
    },
    {
      names: [
        'EXPIRES after a reload (snapshot + append only file rewrite)',
        'EXPIRES after AOF reload (without rewrite)',
      ],
      why: 'no key expires',
    },
    { names: ['FLUSHDB'], why: 'there is no FLUSHDB' },
    {
      names: ['RESET clears MONITOR state', 'RESET clears Pub/Sub state'],
      why: 'there is no MONITOR, and nothing is published',
    },
    { names: ['RESET clears authenticated state'], why: 'there is one user, and no ACL' },
    {
      names: ['Failing test', 'Process title set as expected'],
      why: 'they are about the suite and the process of Redis',
    },
  ],
  different: [
    {
      names: ['RESET clears client state'],
      why: 'CLIENT TRACKING is refused; RESET clears the name all the same',
    },
  ],
};
