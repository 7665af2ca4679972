/** What people who know other tools type, and which command of kvx they mean. */
const meant: Readonly<Record<string, string>> = {
  ...{
    set: 'put',
    store: 'put',
    write: 'put',
    setnx: 'insert',
    add: 'insert',
    read: 'get',
    exists: 'get',
  },
  ...{
    del: 'delete',
    rm: 'delete',
    remove: 'delete',
    unlink: 'delete',
    getset: 'cas',
    swap: 'cas',
  },
  ...{ keys: 'dump', ls: 'dump', scan: 'dump', range: 'dump', show: 'dump', db: 'dump' },
  ...{ multi: 'txn', begin: 'txn', transaction: 'txn', watch: 'txn' },
  ...{ benchmark: 'bench', load: 'bench', stress: 'bench', test: 'bench', analyze: 'check' },
  ...{
    info: 'cluster status',
    ping: 'cluster status',
    health: 'cluster status',
    stat: 'cluster status',
  },
  ...{ start: 'cluster up', create: 'cluster up', init: 'cluster up', ps: 'cluster list' },
  ...{
    stop: 'cluster down',
    shutdown: 'cluster down',
    destroy: 'cluster down',
    quit: 'cluster down',
  },
  ...{
    monitor: 'cluster logs',
    log: 'cluster logs',
    tail: 'cluster logs',
    settings: 'cluster config',
  },
  ...{ repl: 'shell', cli: 'shell', console: 'shell', script: 'run', exec: 'run', play: 'run' },
  ...{ cut: 'fault partition', split: 'fault partition', repair: 'fault heal', crash: 'node kill' },
  ...{ 'cluster start': 'cluster up', 'cluster create': 'cluster up', 'cluster run': 'cluster up' },
  ...{
    'cluster stop': 'cluster down',
    'cluster kill': 'cluster down',
    'cluster destroy': 'cluster down',
  },
  ...{
    'cluster rm': 'cluster down',
    'cluster delete': 'cluster down',
    'cluster ls': 'cluster list',
  },
  ...{
    'cluster ps': 'cluster list',
    'cluster info': 'cluster status',
    'cluster log': 'cluster logs',
  },
  ...{
    'cluster health': 'cluster status',
    'cluster switch': 'cluster use',
    'cluster select': 'cluster use',
  },
  ...{ 'node start': 'node restart', 'node stop': 'node kill', 'node rm': 'node remove' },
  ...{ 'node delete': 'node remove', 'node create': 'node add', 'node join': 'node add' },
  ...{ 'node freeze': 'node pause', 'node unpause': 'node resume', 'node continue': 'node resume' },
  ...{ 'fault split': 'fault partition', 'fault cut': 'fault break', 'fault clear': 'fault heal' },
  ...{ 'fault reset': 'fault heal', 'fault show': 'fault list', 'fault ls': 'fault list' },
};

/** The command meant by the first words typed, if it is another tool's name for one. */
export function meantByOthers(words: readonly string[]): string | null {
  const typed = [words.slice(0, 2).join(' '), words[0] ?? ''].map((text) => text.toLowerCase());
  const known = typed.find((text) => Object.hasOwn(meant, text));
  return known === undefined ? null : (meant[known] as string);
}
