/** What to say of words that are no command. */
import { show } from '../core/show.js';
import { nearestWord } from '../core/suggest.js';

/** What people who know other tools type, by the command of kvx that they mean. */
const meant: Readonly<Record<string, string>> = {
  put: 'set, store, write',
  insert: 'setnx, add',
  get: 'read, exists',
  delete: 'del, rm, remove, unlink',
  cas: 'getset, swap',
  dump: 'keys, ls, scan, range, show, db',
  txn: 'multi, begin, transaction, watch',
  bench: 'benchmark, load, stress, test',
  check: 'analyze',
  'cluster status': 'info, ping, health, stat, cluster info, cluster health',
  'cluster up': 'start, create, init, cluster start, cluster create, cluster run',
  'cluster list': 'ps, cluster ls, cluster ps',
  'cluster down':
    'stop, shutdown, destroy, quit, cluster stop, cluster kill, cluster destroy, cluster rm, cluster delete',
  'cluster logs': 'monitor, log, tail, cluster log',
  'cluster config': 'settings',
  shell: 'repl, cli, console',
  run: 'script, exec, play',
  'fault partition': 'cut, split, fault split',
  'fault heal': 'repair, fault clear, fault reset',
  'node kill': 'crash, node stop',
  'cluster use': 'cluster switch, cluster select',
  'node restart': 'node start',
  'node remove': 'node rm, node delete',
  'node add': 'node create, node join',
  'node pause': 'node freeze',
  'node resume': 'node unpause, node continue',
  'fault drop': 'fault loss, fault lose, fault packet-loss',
  'fault delay': 'fault latency, fault jitter, fault lag',
  'fault bandwidth': 'fault rate, fault throttle, fault limit',
  'fault primary': 'fault leader',
  'fault list': 'fault show, fault ls',
  'fault nemesis': 'chaos, jepsen, fault chaos, fault random',
};

/** `names`: of the commands that there are. */
export function unknownCommand(words: readonly string[], names: readonly string[]): string {
  const [one = ''] = words;
  const two = words.slice(0, 2).join(' ');
  const ofTopic = names.filter((name) => name.startsWith(`${one} `));
  const guess =
    meantByOthers(two, names) ??
    meantByOthers(one, names) ??
    nearestWord(two, names) ??
    (ofTopic.length > 0 ? null : (nearestWord(one, names) ?? partOf(one, names)));
  // `cluster upp` is an unknown command of a known topic; `pt key` is an unknown command with an argument.
  const shown = `there is no command ${show(ofTopic.length > 0 ? two : one)}`;
  if (guess !== null) return `${shown}, did you mean ${show(guess)}?`;
  return ofTopic.length > 0 ? `${shown}; there are ${ofTopic.join(', ')}` : shown;
}

const meantByOthers = (typed: string, names: readonly string[]): string | undefined =>
  names.find((name) => meant[name]?.split(', ').includes(typed.toLowerCase()));

/** `status`, or `statu`, is a part of `cluster status`. */
function partOf(word: string, names: readonly string[]): string | null {
  const last = nearestWord(
    word,
    names.map((name) => name.split(' ').at(-1) as string),
  );
  return names.find((name) => name.endsWith(` ${word}`) || name.endsWith(` ${last}`)) ?? null;
}
