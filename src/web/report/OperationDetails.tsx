/** All that is known of one operation. */
import { Narrator } from '../../check/evidence/narrator.js';
import { nanoseconds } from '../../check/evidence/time.js';
import { type History, kinds, unsaid } from '../../history/history.js';
import { Button } from '../parts/Button.js';
import {
  choiceName,
  type Facet,
  noFilter,
  type OperationFilter,
  toggled,
} from '../timeline/filters.js';

interface OperationDetailsProps {
  readonly history: History;
  readonly operation: number;
  /** When the run began; `null`: nobody knows of times. */
  readonly origin: number | null;
  /** Why it is illegal, where it is. */
  readonly illegal: string | undefined;
  readonly onFilter: (filter: OperationFilter) => void;
  readonly onMessages: (() => void) | null;
  readonly onClose: () => void;
}

export function OperationDetails(props: OperationDetailsProps) {
  const { history, operation, origin, illegal, onFilter, onMessages, onClose } = props;
  const narrator = new Narrator(history);
  const only = (facet: Facet, column: Int32Array) => {
    const choice = column[operation] as number;
    if (choice === unsaid) return null;
    return (
      <Button
        class="link"
        title={`Show only this ${facet}`}
        onClick={() => onFilter(toggled(noFilter, facet, choice))}
      >
        {choiceName(history, facet, choice)}
      </Button>
    );
  };
  const facts: [string, preact.ComponentChildren][] = [
    ['told', toldOf(history, operation, narrator)],
    ['key', only('key', history.key)],
    ['client', only('client', history.process)],
    ['session', history.sessions[history.session[operation] as number] ?? null],
    ['node', only('node', history.node)],
    ...(origin === null ? [] : timesOf(history, operation, origin)),
    ['version', versionOf(history, operation)],
    ['line', String(history.line[operation])],
  ];
  return (
    <section class="details" aria-label="The operation that is chosen" aria-live="polite">
      <header>
        <strong class="mono">{askedOf(history, operation, narrator)}</strong>
        {illegal !== undefined && <span class="pill bad">▼ {illegal}</span>}
        {onMessages !== null && (
          <Button class="link" onClick={onMessages}>
            what nodes did meanwhile
          </Button>
        )}
        <Button look="quiet icon" aria-label="Close" onClick={onClose}>
          ×
        </Button>
      </header>
      <dl>
        {facts.map(
          ([name, fact]) =>
            fact !== null && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{fact}</dd>
              </div>
            ),
        )}
      </dl>
    </section>
  );
}

/** Whole, other than on a bar. */
function askedOf(history: History, operation: number, narrator: Narrator): string {
  const kind = kinds[history.kind[operation] as number] ?? '';
  const value = (column: Int32Array): string => {
    const id = column[operation] as number;
    return id === unsaid ? '' : ` ${history.values[id] ?? 'nothing'}`;
  };
  if (kind === 'txn') return narrator.label(operation);
  return `${kind}${value(history.expected)}${value(history.written)}`;
}

function toldOf(history: History, operation: number, narrator: Narrator): string {
  const seen = history.seen[operation] as number;
  const value = seen === unsaid ? null : (history.values[seen] ?? 'nothing');
  switch (choiceName(history, 'outcome', history.outcome[operation] as number)) {
    case 'ok':
      return value === null ? 'ok' : value;
    case 'failed':
      return `it did not happen${value === null ? '' : `: there was ${narrator.value(seen)}`}`;
    default:
      return 'nothing: it may have happened at any later time, or never';
  }
}

function timesOf(history: History, operation: number, origin: number): [string, string | null][] {
  const began = history.invokedAt[operation] as number;
  const ended = history.returnedAt[operation] as number;
  const isKnown = Number.isFinite(ended);
  return [
    ['began', exactly(began - origin)],
    ['ended', isKnown ? exactly(ended - origin) : null],
    ['took', isKnown ? nanoseconds(ended - began) : null],
  ];
}

/** To the microsecond. */
export const exactly = (ns: number): string =>
  `${(ns / 1e6).toLocaleString('en-US', { minimumFractionDigits: 3, maximumFractionDigits: 3 })} ms`;

function versionOf(history: History, operation: number): string | null {
  const stamp = history.versionStamp[operation] as number;
  if (Number.isNaN(stamp)) return null;
  const node = history.nodes[history.versionNode[operation] as number];
  return node === undefined ? `${stamp}` : `${stamp} of ${node}`;
}
