import { Dialog } from '../parts/Dialog.js';
import { keyTable } from './keys.js';

export function Help({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" class="help" onClose={onClose}>
      <table>
        <tbody>
          {keyTable.map(({ keys, words }) => (
            <tr key={keys[0]}>
              <td>
                {keys.map((key) => (
                  <kbd key={key}>{key === 'Escape' ? 'Esc' : key}</kbd>
                ))}
              </td>
              <td>{words}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="muted">
        In the timeline: drag or scroll sideways to move, Ctrl and the wheel or two fingers to zoom,
        a double click to come closer, a click to choose. In a chart: drag over a stretch to see it
        in the timeline.
      </p>
    </Dialog>
  );
}
