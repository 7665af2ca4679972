import type { Gossip } from '../../protocols/gossip/messages.js';
import { marksOf, type Phase, phase, undurable } from './phase.js';

const { sent, received, persisted } = marksOf<Gossip>();

interface Wave {
  readonly wave: { readonly root: string; readonly number: number };
  readonly phase: string;
}
const waveIn = (name: string) => (message: Wave) =>
  message.phase === name ? [`${message.wave.root} ${message.wave.number}`] : [];

export const gossipPhases: readonly Phase[] = [
  undurable('server: write not durable', 'entry'),
  phase('server: write told to nobody', persisted('entry'), [sent('rumour')]),
  phase('server: trees compared', sent('digest'), [received('equal'), received('segments')]),
  phase('server: leaves compared', sent('leaves'), [received('versions')]),
  phase('server: asks for what it lacks', sent('exchange'), [received('entries')]),
  phase('stabilize: gathers', sent('wave', waveIn('gather')), [
    ...[sent('wave', waveIn('spread')), received('wave', waveIn('spread'))],
    ...[sent('wave', waveIn('done')), received('wave', waveIn('done'))],
  ]),
  phase('stabilize: spreads', sent('wave', waveIn('spread')), [
    ...[sent('wave', waveIn('done')), received('wave', waveIn('done'))],
  ]),
  undurable('server: member change not durable', 'member'),
  undurable('server: horizon not durable', 'horizon'),
  phase('server: asks what it had', sent('rejoin'), [received('welcome')]),
  phase('server: copies after a loss', persisted('rejoining'), [persisted('whole')]),
];
