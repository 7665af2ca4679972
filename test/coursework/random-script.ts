/** Scripts in the words of cs380d, drawn: most lines make sense, and what they print depends on who knew what, and when. */
import type { SeededRandom } from '../../src/core/random.js';

const serversMax = 5;
const clientsMax = 4;
const keys = ['k', 'key', 'x'];

export function randomScript(random: SeededRandom, lineCount: number): string {
  const servers = new Map<number, boolean>();
  const clients: number[] = [];
  const lines: string[] = [];
  const one = (): number => random.below(serversMax);
  const known = (): number => random.pick([...servers.keys()]);
  const someone = (): number => (random.chance(0.6) ? known() : random.pick([...clients, known()]));
  const join = (id: number): void => {
    servers.set(id, true);
    lines.push(`joinServer ${id}`);
  };
  const enter = (): void => {
    const id = serversMax + clients.length;
    clients.push(id);
    lines.push(`joinClient ${id} ${known()}`);
  };
  for (let count = 1 + random.below(serversMax); count > 0; count--) join(one());
  enter();
  const steps: readonly (readonly [weight: number, step: () => void])[] = [
    [1, () => join(one())],
    [0.5, () => lines.push(`killServer ${known()}`)],
    [1, () => (clients.length < clientsMax ? enter() : undefined)],
    [3, () => lines.push(`breakConnection ${someone()} ${someone()}`)],
    [3, () => lines.push(`createConnection ${someone()} ${someone()}`)],
    [2, () => lines.push('stabilize')],
    [1, () => lines.push(`printStore ${known()}`)],
    [8, () => lines.push(`put ${random.pick(clients)} ${random.pick(keys)} v${lines.length}`)],
    [8, () => lines.push(`get ${random.pick(clients)} ${random.pick(keys)}`)],
  ];
  const total = steps.reduce((sum, [weight]) => sum + weight, 0);
  while (lines.length < lineCount) {
    let left = random.next() * total;
    for (const [weight, step] of steps) {
      left -= weight;
      if (left >= 0) continue;
      step();
      break;
    }
  }
  for (const id of servers.keys()) lines.push(`printStore ${id}`);
  return `${lines.join('\n')}\n`;
}
