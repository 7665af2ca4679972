/** tests/unit/multi.tcl */
import type { RedisCase, RedisCaseFile, Step } from './redis-case.js';

const aborted = '-EXECABORT Transaction discarded because of previous errors.';
const unknown = "-ERR unknown command 'non-existing-command', with args beginning with: ";

/** Nothing but a PING between MULTI and EXEC. */
const pinging = (said: Step[1]): readonly Step[] => [
  ['multi', '+OK'],
  ['ping', '+QUEUED'],
  ['exec', said],
];

const queueing: readonly RedisCase[] = [
  {
    // With a string in place of a list.
    name: 'MULTI / EXEC basics',
    steps: [
      ['set mylist abc', '+OK'],
      ['multi', '+OK'],
      ['get mylist', '+QUEUED'],
      ['ping', '+QUEUED'],
      ['exec', ['abc', '+PONG']],
    ],
  },
  {
    // With a string in place of a list.
    name: 'DISCARD',
    steps: [
      ['multi', '+OK'],
      ['del mylist', '+QUEUED'],
      ['discard', '+OK'],
      ['get mylist', 'abc'],
    ],
  },
  {
    name: 'Nested MULTI are not allowed',
    steps: [
      ['multi', '+OK'],
      ['multi', '-ERR MULTI calls can not be nested'],
      ['exec', []],
    ],
  },
  {
    // With GETDEL in place of SPOP.
    name: 'MULTI where commands alter argc/argv',
    steps: [
      ['set myset a', '+OK'],
      ['multi', '+OK'],
      ['getdel myset', '+QUEUED'],
      ['exec', ['a']],
      ['exists myset', 0],
    ],
  },
  {
    name: 'WATCH inside MULTI is not allowed',
    steps: [
      ['multi', '+OK'],
      ['watch x', '-ERR WATCH inside MULTI is not allowed'],
      ['exec', []],
    ],
  },
  {
    name: 'EXEC fails if there are errors while queueing commands #1',
    steps: [
      ['del foo1{t} foo2{t}', 0],
      ['multi', '+OK'],
      ['set foo1{t} bar1', '+QUEUED'],
      ['non-existing-command', unknown],
      ['set foo2{t} bar2', '+QUEUED'],
      ['exec', aborted],
      ['exists foo1{t}', 0],
      ['exists foo2{t}', 0],
    ],
  },
  {
    name: 'If EXEC aborts, the client MULTI state is cleared',
    steps: [
      ['del foo1{t} foo2{t}', 0],
      ['multi', '+OK'],
      ['set foo1{t} bar1', '+QUEUED'],
      ['non-existing-command', unknown],
      ['set foo2{t} bar2', '+QUEUED'],
      ['exec', aborted],
      ['ping', '+PONG'],
    ],
  },
];

const watching: readonly RedisCase[] = [
  {
    name: 'EXEC works on WATCHed key not modified',
    steps: [['watch x{t} y{t} z{t}', '+OK'], ['watch k{t}', '+OK'], ...pinging(['+PONG'])],
  },
  {
    name: 'EXEC fail on WATCHed key modified (1 key of 1 watched)',
    steps: [
      ...[
        ['set x 30', '+OK'] as const,
        ['watch x', '+OK'] as const,
        ['set x 40', '+OK', 1] as const,
      ],
      ...pinging(null),
    ],
  },
  {
    name: 'EXEC fail on WATCHed key modified (1 key of 5 watched)',
    steps: [
      ['set x{t} 30', '+OK'],
      ['watch a{t} b{t} x{t} k{t} z{t}', '+OK'],
      ['set x{t} 40', '+OK'],
      ...pinging(null),
    ],
  },
  {
    name: 'After successful EXEC key is no longer watched',
    steps: [
      ['set x 30', '+OK'],
      ['watch x', '+OK'],
      ...pinging(['+PONG']),
      ['set x 40', '+OK'],
      ...pinging(['+PONG']),
    ],
  },
  {
    name: 'After failed EXEC key is no longer watched',
    steps: [
      ['set x 30', '+OK'],
      ['watch x', '+OK'],
      ['set x 40', '+OK'],
      ...pinging(null),
      ['set x 40', '+OK'],
      ...pinging(['+PONG']),
    ],
  },
  {
    name: 'It is possible to UNWATCH',
    steps: [
      ['set x 30', '+OK'],
      ['watch x', '+OK'],
      ['set x 40', '+OK'],
      ['unwatch', '+OK'],
      ...pinging(['+PONG']),
    ],
  },
  {
    name: 'UNWATCH when there is nothing watched works as expected',
    steps: [['unwatch', '+OK']],
  },
  {
    name: 'DISCARD should clear the WATCH dirty flag on the client',
    steps: [
      ['watch x', '+OK'],
      ['set x 10', '+OK'],
      ['multi', '+OK'],
      ['discard', '+OK'],
      ['multi', '+OK'],
      ['incr x', '+QUEUED'],
      ['exec', [11]],
    ],
  },
  {
    name: 'DISCARD should UNWATCH all the keys',
    steps: [
      ['watch x', '+OK'],
      ['set x 10', '+OK'],
      ['multi', '+OK'],
      ['discard', '+OK'],
      ['set x 10', '+OK'],
      ['multi', '+OK'],
      ['incr x', '+QUEUED'],
      ['exec', [11]],
    ],
  },
];

const propagated = [
  'is not propagated (single write command)',
  'is propagated correctly (multiple commands)',
  'is propagated correctly (multiple commands with SELECT)',
  'is propagated correctly (empty transaction)',
  'is propagated correctly (read-only commands)',
  'is propagated correctly (write command, no effect)',
  'with REPLICAOF',
];

export const multiCases: RedisCaseFile = {
  file: 'multi.tcl',
  count: 62,
  holding: [...queueing, ...watching],
  different: [],
  beside: [
    {
      names: [
        'EXEC fail on lazy expired WATCHed key',
        'WATCH stale keys should not fail EXEC',
        'Delete WATCHed stale keys should not fail EXEC',
        'FLUSHDB while watching stale keys should not fail EXEC',
        'WATCH will consider touched keys target of EXPIRE',
        'WATCH will consider touched expired keys',
      ],
      why: 'expiry',
    },
    {
      names: [
        'FLUSHALL is able to touch the watched keys',
        'FLUSHALL does not touch non affected keys',
        'FLUSHDB is able to touch the watched keys',
        'FLUSHDB does not touch non affected keys',
        'Flushall while watching several keys by one client',
        'MULTI with FLUSHALL and AOF',
        'SWAPDB is able to touch the watched keys that exist',
        'SWAPDB is able to touch the watched keys that do not exist',
        'SWAPDB does not touch watched stale keys',
        'SWAPDB does not touch non-existing key replaced with stale key',
        'SWAPDB does not touch stale key replaced with another stale key',
        'WATCH is able to remember the DB a key belongs to',
        'EXEC fail on WATCHed key modified by SORT with STORE even if the result is empty',
      ],
      why: 'FLUSHALL, FLUSHDB, SWAPDB, SORT, several databases',
    },
    {
      names: [
        ...propagated.map((what) => `MULTI / EXEC ${what}`),
        ...['PUBLISH', 'SCRIPT LOAD', 'EVAL', 'SCRIPT FLUSH', 'XREADGROUP'].map(
          (what) => `MULTI propagation of ${what}`,
        ),
        'exec with write commands and state change',
        'exec with read commands and stale replica state change',
      ],
      why: "Redis' stream to its replicas",
    },
    {
      names: [
        'EXEC fails if there are errors while queueing commands #2',
        'DISCARD should not fail during OOM',
        'EXEC with only read commands should not be rejected when OOM',
        'EXEC with at least one use-memory command should fail',
        'MULTI with SAVE, MULTI with SHUTDOWN',
        'MULTI with BGREWRITEAOF',
        'MULTI with config set appendonly',
        'MULTI with config error',
      ],
      why: 'a limit of memory, files and other settings of a Redis server',
    },
    {
      names: [
        'MULTI and script timeout',
        'EXEC and script timeout',
        'MULTI-EXEC body and script timeout',
        'just EXEC and script timeout',
        'Blocking commands ignores the timeout',
      ],
      why: 'scripts and commands that block',
    },
  ],
};
