/** The same figures as tables: by what was asked, and before, during and after what was broken. */
import { nanoseconds } from '../../check/evidence/time.js';
import type { Figures, HistoryFigures, WindowFigures } from '../../report/figures.js';
import { Button } from '../parts/Button.js';

const count = (value: number): string => value.toLocaleString('en-US');

const latencyTitles = ['p50', 'p99', 'max'] as const;

function LatencyCells({ latency }: Pick<Figures, 'latency'>) {
  return latencyTitles.map((title) => (
    <td key={title} class="number">
      {latency === null ? '–' : nanoseconds(latency[title])}
    </td>
  ));
}

function NumberHeads({ titles }: { readonly titles: readonly string[] }) {
  return titles.map((title) => (
    <th key={title} scope="col" class="number">
      {title}
    </th>
  ));
}

/** What did not go well. */
function BadCells({ failed, unknown }: Pick<Figures, 'failed' | 'unknown'>) {
  return (
    <>
      <td class={`number ${failed > 0 ? 'is-failed' : ''}`}>{count(failed)}</td>
      <td class={`number ${unknown > 0 ? 'is-unknown' : ''}`}>{count(unknown)}</td>
    </>
  );
}

/** How many of a row went well, as a bar in three parts. */
function OutcomeBar({ ok, failed, unknown }: Figures) {
  const all = Math.max(1, ok + failed + unknown);
  const part = (name: string, value: number) =>
    value > 0 && <span class={name} style={{ width: `${Math.max(1.5, (100 * value) / all)}%` }} />;
  return (
    <span class="outcome-bar" aria-hidden="true">
      {part('ok', ok)}
      {part('failed', failed)}
      {part('unknown', unknown)}
    </span>
  );
}

interface KindTableProps {
  readonly figures: HistoryFigures;
  /** Else nobody knows how long anything took. */
  readonly isTimed: boolean;
}

export function KindTable({ figures: { kinds, total }, isTimed }: KindTableProps) {
  const rows = kinds.length > 1 ? [...kinds, { kind: 'all', ...total }] : kinds;
  return (
    <div class="scrolled">
      <table>
        <thead>
          <tr>
            <th scope="col">Asked</th>
            <NumberHeads titles={['Ok', 'Failed', 'Unknown']} />
            <th scope="col" class="wide">
              Share
            </th>
            {isTimed && <NumberHeads titles={latencyTitles} />}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ kind, ...row }) => (
            <tr key={kind}>
              <th scope="row" class="mono">
                {kind}
              </th>
              <td class="number">{count(row.ok)}</td>
              <BadCells {...row} />
              <td class="wide">
                <OutcomeBar {...row} />
              </td>
              {isTimed && <LatencyCells latency={row.latency} />}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Of a nemesis that breaks something every second nobody wants a row each. */
const windowsShownMax = 25;

interface WindowTableProps {
  readonly windows: readonly WindowFigures[];
  readonly from: number;
  readonly onRange: (from: number, to: number) => void;
}

export function WindowTable({ windows, from, onRange }: WindowTableProps) {
  const more = windows.length - windowsShownMax;
  return (
    <div class="scrolled">
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <NumberHeads titles={['From', 'For', 'Ok/s', 'Failed', 'Unknown', ...latencyTitles]} />
            <th scope="col">Broken</th>
          </tr>
        </thead>
        <tbody>
          {windows.slice(0, windowsShownMax).map((window) => (
            <tr key={window.name} class={window.isFault ? 'is-fault' : ''}>
              <th scope="row">
                <Button
                  class="link"
                  title="Show this stretch in the timeline"
                  onClick={() => onRange(window.from, window.to)}
                >
                  {window.name}
                </Button>
              </th>
              <td class="number">{nanoseconds(window.from - from)}</td>
              <td class="number">{nanoseconds(window.to - window.from)}</td>
              <td class="number">{rateOf(window)}</td>
              <BadCells {...window} />
              <LatencyCells latency={window.latency} />
              <td>{namedFaults(window.faults)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p class="muted">and {more} more</p>}
    </div>
  );
}

const rateOf = ({ ok, from, to }: WindowFigures): string =>
  to > from ? count(Math.round((ok * 1e9) / (to - from))) : '–';

function namedFaults(faults: readonly string[]): string {
  const [first = '', second, ...more] = faults;
  if (second === undefined) return first;
  return `${first}, ${second}${more.length > 0 ? ` and ${more.length} more` : ''}`;
}
