/**
 * Documents that no other test makes a command print, in few processes. What each must be like says its schema
 * (docs/schema): the sandbox checks it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

const file = (name: string) => join(sandbox.home, name);
const json = (line: string, input = '') => sandbox.json(line.split(' '), input);
const lines = (words: readonly string[], input = ''): Record<string, unknown>[] =>
  sandbox
    .run([...words, '--json'], input)
    .stdout.trim()
    .split('\n')
    .map((line) => JSON.parse(line));

const gossip = `
cluster up --mode gossip -n 5 --topology line
client ann at n1
put a 1
expect get a == 1
fault delay n1>n2 20ms --jitter 1ms --type rumour
fault delay n2-n3 20ms --dist exponential
fault delay n1>n2 --nth 1 20ms
fault drop n1>n2 --nth 2
fault drop n1>n2 1%
fault duplicate n1>n2 --nth 3 --type digest
fault duplicate n1>n2 1%
fault reorder n1>n2 1% --by 2ms --type digest
fault bandwidth n1>n2 10MB --queue 1MB --type digest
fault cut n4>n5
fault connect n1 n3
fault slow n1 20ms
fault clock n1 +1s --drift 1%
fault disk n1 slow 2ms
fault disk n2 fail
fault disk n3 full 10MB
fault disk n4 torn
fault disk n5 lost
fault disk n5 corrupt
fault list
put b 2 --level local
at 50ms put c 3
wait 200ms
node kill n4 --power
cluster status
node pause n5
node status n5
verify --timeout 1s
stabilize --timeout 1s
echo done
clear
help put
history linearizable
fault ring
expect get a == 2
`;

const paxos = `
cluster up --mode paxos -n 3 --priority n2,n1
put a 1
get a --level leader
txn
  get a
  check none absent
end
rapidset 2
multiset 2
fault nemesis kills --every 50ms --for 120ms --seed 1
history strict-serializable
fault fail-rate n1 0.5
cas a 1 2 --level all
`;

/** Of a judge that finds something. */
const stale = `
cluster up --mode quorum -n 3 --read one --write one
put a 1 --level all
fault partition n1/n2,n3
put a 2 --node n1
get a --node n2
history linearizable
history as promised
`;

test('scripts on the simulator, and what they leave to look at', () => {
  const trace = file('trace.jsonl');
  const sim = ['run', '--runtime', 'sim', '--seed', '1'];
  const said = lines([...sim, '--trace', trace], gossip);
  expect(said.at(-1)).toMatchObject({ ok: false, expected: '2' });
  const events = lines(['trace', trace]);
  const types = new Set(events.map(({ data }) => (data as { type: string }).type));
  expect(types).toEqual(
    new Set([
      ...['start', 'sent', 'delivered', 'lost', 'held', 'doubled', 'timer', 'persist', 'sync'],
      ...['durable', 'call', 'return', 'role', 'tell', 'fault', 'stop'],
    ]),
  );
  expect(lines(sim, paxos).at(-1)).toMatchObject({ error: { code: 'bad-request' } });
  expect(lines(sim, stale).map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0, 1, 0]);
});

test('several runs, and lists of what there is', () => {
  const wrong = file('wrong.kvx');
  const failing = file('failing.kvx');
  writeFileSync(wrong, 'put a 1\nexpect get a == 2\n');
  writeFileSync(failing, 'node kill n1 n2 n3\nput a 1 --timeout 100ms\n');
  const runs = lines(['run', wrong, failing, 'stale-read', '--seeds', '1..1']);
  expect(runs.map(({ exitCode }) => exitCode)).toEqual([1, 2, 0]);
  expect(json('run --list').document.scenarios.length).toBeGreaterThan(10);
  expect(json('run --list-bugs').document.bugs.length).toBeGreaterThan(20);
  expect(json('explore --list').document.worlds.length).toBeGreaterThan(4);
  expect(json('fault nemesis --list').document.nemeses.length).toBeGreaterThan(5);
  expect(json('help get').document.text).toContain('$ kvx get KEY');
  expect(json(`lab --out ${file('lab.html')}`).document.bytes).toBeGreaterThan(1e5);
});

test('a search that finds something, and its transcript once more', () => {
  const found = json('explore 2pc-1 --bug 2pc-vote-before-sync').document;
  const transcript = file('found.txt');
  writeFileSync(transcript, found.counterexample.transcript);
  const again = json(`explore 2pc-1 --bug 2pc-vote-before-sync --replay ${transcript}`);
  expect(again.document.violation).toBe(found.counterexample.violation);
  expect(json(`explore 2pc-1 --replay ${transcript}`).document.missing).not.toBeNull();
});

test('a load that is judged, and one that is read back', () => {
  const up = 'cluster up --name traced -n 3 --sync off --trace --read one --write one';
  expect(json(up).document.outcome).toBe('created');
  const thresholds = 'put.p50<=1h,rate>0,recover<1h,errors>=0%';
  const load = 'bench --ops 300 --clients 4 --key-size 20 --distribution latest --check';
  const { check } = json(`${load} --threshold ${thresholds}`).document;
  expect(check.pbs.bins.length).toBeGreaterThan(3);
  expect(json('bench rapidset 3').document.verification.type).toBe('read-back');
  expect(json('fault partition n1').status).toBe(0);
  expect(json(up).document.outcome).toBe('already-up');
  expect(json('cluster down -C traced').status).toBe(0);
  expect(json('cluster list').document.clusters).toMatchObject([{ state: 'down' }]);
});

test('clusters that are not as usual', () => {
  const config = 'cluster config --mode gossip --nodes';
  const topologies = ['full', 'line', 'ring', 'star', 'grid', 'n1-n2,n2-n3'];
  for (const each of topologies) {
    expect(json(`${config} 6 --topology ${each}`).status).toBe(0);
  }
  expect(json('cluster config --mode paxos -n 3 --priority n2,n1 --trace').status).toBe(0);
  expect(json('cluster config --config -', 'nodes: [a, b]\n').document.nodes).toEqual(['a', 'b']);
  mkdirSync(file('odd'));
  writeFileSync(join(file('odd'), 'cluster.json'), '{}');
  expect(json('cluster list').document.clusters).toMatchObject([{ state: 'broken' }, {}]);
  expect(json('cluster use --none').document).toEqual({ current: null });
});
