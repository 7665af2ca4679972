/** tests/unit/introspection.tcl, introspection-2.tcl and auth.tcl */
import type { AskFirst, RedisCase, RedisCaseFile, Said } from './redis-case.js';

const wrongCount = (name: string): string => `-ERR wrong number of arguments for '${name}' command`;
const notGreater = '-ERR client-id should be greater than 0';
const syntax = '-ERR syntax error';

const named = (name: string, setting: string): RedisCase => ({
  name,
  steps: [[`client setname ${setting}`, '+OK']],
  check: listShows(`name=${setting} `),
});

const listShows = (what: string) => async (ask: AskFirst) => {
  const list = (await ask('client list')) as string;
  return list.includes(what) ? null : `${what} is not in ${list}`;
};

const elsewhere = (name: string): RedisCase => ({ name, steps: [], isElsewhere: true });

export const introspectionCases: RedisCaseFile = {
  file: 'introspection.tcl',
  count: 43,
  holding: [
    {
      name: 'PING',
      steps: [
        ['ping', '+PONG'],
        ['ping redis', 'redis'],
        ['ping hello redis', wrongCount('ping')],
      ],
    },
    {
      name: 'CLIENT LIST with IDs',
      steps: [],
      async check(ask) {
        const id = await ask('client id');
        const line = (await ask(`client list id ${id}`)) as string;
        const isRight = line.startsWith(`id=${id} `) && line.includes(' cmd=client|list ');
        return isRight ? null : line;
      },
    },
    {
      name: 'CLIENT KILL with illegal arguments',
      steps: [
        ['client kill', wrongCount('client|kill')],
        ['client kill id 10 wrong_arg', syntax],
        ['client kill id str', notGreater],
        ['client kill id -1', notGreater],
        ['client kill id 0', notGreater],
        ['client kill type wrong_type', "-ERR Unknown client type 'wrong_type'"],
        ['client kill user wrong_user', "-ERR No such user 'wrong_user'"],
        ['client kill skipme yes_or_no', syntax],
      ],
    },
    elsewhere('CLIENT KILL SKIPME YES/NO will kill all clients'),
    elsewhere('CLIENT REPLY OFF/ON: disable all commands reply'),
    elsewhere('CLIENT REPLY SKIP: skip the next command reply'),
    elsewhere('CLIENT REPLY ON: unset SKIP flag'),
    {
      name: 'CLIENT GETNAME should return NIL if name is not assigned',
      steps: [['client getname', null]],
    },
    {
      name: 'CLIENT LIST shows empty fields for unassigned names',
      steps: [],
      check: listShows('name= '),
    },
    {
      name: 'CLIENT SETNAME does not accept spaces',
      steps: [
        [
          ['client', 'setname', 'foo bar'],
          '-ERR Client names cannot contain spaces, newlines or special characters.',
        ],
      ],
    },
    named('CLIENT SETNAME can assign a name to this connection', 'myname'),
    named('CLIENT SETNAME can change the name of an existing connection', 'someothername'),
    elsewhere('After CLIENT SETNAME, connection can still be closed'),
  ],
  beside: [
    {
      names: [
        'MONITOR can log executed commands',
        'MONITOR can log commands issued by the scripting engine',
        'MONITOR can log commands issued by functions',
        'MONITOR supports redacting command arguments',
        'MONITOR correctly handles multi-exec cases',
      ],
      why: 'there is no MONITOR',
    },
    {
      names: [
        'CONFIG save params special case handled properly',
        'CONFIG sanity',
        'CONFIG REWRITE sanity',
        'CONFIG REWRITE handles save and shutdown properly',
        'CONFIG REWRITE handles rename-command properly',
        'CONFIG REWRITE handles alias config properly',
        'CONFIG SET with multiple args',
        'CONFIG SET rollback on set error',
        'CONFIG SET rollback on apply error',
        'CONFIG SET duplicate configs',
        'CONFIG SET set immutable',
        'CONFIG GET hidden configs',
        'CONFIG GET multiple args',
        'cannot modify protected configuration - no',
        'cannot modify protected configuration - local',
        'config during loading',
      ],
      why: 'a cluster is configured when it is started, and has few of the settings of Redis',
    },
    {
      names: [
        'error cases',
        'allow passing option name and option value in the same arg',
        'wrong usage that we support anyway',
        'allow option value to use the `--` prefix',
        'option name and option value in the same arg and `--` prefix',
        'save with empty input',
        'take one bulk string with spaces for MULTI_ARG configs parsing',
      ].map((what) => `redis-server command line arguments - ${what}`),
      why: 'they are about the program redis-server',
    },
  ],
  different: [
    {
      names: ['CLIENT LIST', 'CLIENT INFO'],
      why: 'nothing is said of buffers, such as qbuf and tot-mem',
    },
  ],
};

const listed = (sent: string, has: readonly string[]) => async (ask: AskFirst) => {
  const found = (await ask(sent)) as readonly Said[];
  const missing = has.filter((name) => !found.includes(name));
  return missing.length === 0 ? null : `${sent} has no ${missing}`;
};

export const introspection2Cases: RedisCaseFile = {
  file: 'introspection-2.tcl',
  count: 26,
  holding: [
    { name: 'COMMAND GETKEYS GET', steps: [['command getkeys get key', ['key']]] },
    {
      name: 'COMMAND LIST syntax error',
      steps: [
        ['command list bad_arg', syntax],
        ['command list filterby bad_arg', syntax],
        ['command list filterby bad_arg bad_arg2', syntax],
      ],
    },
    {
      name: 'COMMAND LIST WITHOUT FILTERBY',
      steps: [],
      check: listed('command list', ['set', 'client|list']),
    },
    {
      name: 'COMMAND LIST FILTERBY ACLCAT against non existing category',
      steps: [['command list filterby aclcat non_existing_category', []]],
    },
    {
      name: 'COMMAND LIST FILTERBY PATTERN - list all commands/subcommands',
      steps: [
        ['command list filterby pattern set', ['set']],
        ['command list filterby pattern get', ['get']],
        ['command list filterby pattern non_exists', []],
        ['command list filterby pattern non_exists*', []],
      ],
      async check(ask) {
        return (
          (await listed('command list filterby pattern config*', ['config', 'config|get'])(ask)) ??
          (await listed('command list filterby pattern config|*re*', ['config|resetstat'])(ask)) ??
          listed('command list filterby pattern cl*help', ['client|help', 'cluster|help'])(ask)
        );
      },
    },
    {
      name: 'COMMAND LIST FILTERBY MODULE against non existing module',
      steps: [['command list filterby module non_existing_module', []]],
    },
    {
      name: 'COMMAND INFO of invalid subcommands',
      steps: [
        ['command info get|key', [null]],
        ['command info config|get|key', [null]],
      ],
    },
    {
      name: '$cmd command will not be marked with movablekeys',
      steps: [],
      async check(ask) {
        for (const name of ['set', 'get', 'mset', 'ping']) {
          const [info] = (await ask(`command info ${name}`)) as [readonly Said[]];
          if ((info[2] as readonly Said[]).includes('+movablekeys')) return name;
        }
        return null;
      },
    },
  ],
  beside: [
    {
      names: [
        'TTL, TYPE and EXISTS do not alter the last access time of a key',
        'TOUCH alters the last access time of a key',
        'TOUCH returns the number of existing keys specified',
      ],
      why: 'nobody notes when a key was last used, and there is no TOUCH',
    },
    {
      names: [
        ...['GEOADD', 'EXPIRE', 'BRPOP', 'MULTI', 'scripts'].map((of) => `command stats for ${of}`),
        'errors stats for GEOADD',
      ],
      why: 'commands are not counted one by one',
    },
    {
      names: [
        ...['MEMORY USAGE', 'XGROUP', 'EVAL with keys', 'EVAL without keys', 'LCS'].map(
          (of) => `COMMAND GETKEYS ${of}`,
        ),
        'COMMAND GETKEYS MORE THAN 256 KEYS',
        'COMMAND GETKEYSANDFLAGS',
        'COMMAND LIST FILTERBY ACLCAT - list all commands/subcommands',
        '$cmd command is marked with movablekeys',
      ],
      why: 'the commands that they name are not there',
    },
  ],
  different: [],
};

export const authCases: RedisCaseFile = {
  file: 'auth.tcl',
  count: 10,
  holding: [
    {
      name: 'AUTH fails if there is no password configured server side',
      steps: [
        [
          'auth foo',
          '-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
        ],
      ],
    },
    { name: 'Arity check for auth command', steps: [['auth a b c', syntax]] },
    ...[
      'AUTH fails when a wrong password is given',
      'Arbitrary command gives an error when AUTH is required',
      'AUTH succeeds when the right password is given',
      'Once AUTH succeeded we can actually send commands to the server',
      'For unauthenticated clients multibulk and bulk length are limited',
    ].map(elsewhere),
  ],
  beside: [
    {
      names: ['MASTERAUTH test with binary password'],
      why: 'nodes need no password of each other',
    },
    {
      names: [
        'AUTH fails when binary password is wrong',
        'AUTH succeeds when binary password is correct',
      ],
      why: 'passwords are text',
    },
  ],
  different: [],
};
