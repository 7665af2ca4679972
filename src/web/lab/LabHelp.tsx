import { Dialog } from '../parts/Dialog.js';

const keys: readonly (readonly [keys: string, what: string])[] = [
  ['Space', 'play or pause'],
  ['→ ←', 'next, previous event; with Shift 100 of them'],
  ['j k', 'next, previous message sent or delivered'],
  ['n p', 'next, previous turn of the verdict'],
  ['Home End', 'rewind; to the end'],
  ['/', 'find an event by its words; Enter next, Shift-Enter previous'],
  ['u r', 'undo the last decision; do it again'],
  ['Ctrl-Enter', 'in the editor: run'],
  ['o', 'open a scenario'],
  ['m', 'four modes side by side, and back'],
  ['Esc', 'let go of what is picked'],
  ['?', 'this list'],
];

export function LabHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="How to use it" onClose={onClose}>
      <p>
        A scenario runs in virtual time, in this page: the real protocols, simulator and checker.
        The same scenario, seed and bug give the same run, event by event, also in{' '}
        <code>kvx run --runtime sim</code>.
      </p>
      <p>
        Touch the diagram: click a message or a node for what can be done to it. Each decision
        becomes a line of the scenario, <code>at 12.3ms …</code>, and the run goes on from there as
        a fork.
      </p>
      <table class="keys">
        <tbody>
          {keys.map(([names, what]) => (
            <tr key={names}>
              <td>
                {names.split(' ').map((name) => (
                  <kbd key={name}>{name}</kbd>
                ))}
              </td>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}
