/** What nodes did and said to each other: all of it, and apart from it what led to the evidence. */
import type { RefObject } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Lanes } from '../../trace/lanes.js';
import { partOfLanes } from '../../trace/lanes-part.js';
import { Diagram, type DiagramHandle } from '../diagram/Diagram.js';
import { Button } from '../parts/Button.js';

interface MessagesProps {
  readonly lanes: Lanes;
  /** Events that led to the evidence. */
  readonly slice: Uint32Array | null;
  readonly handle: RefObject<DiagramHandle | null>;
}

export function MessagesPart({ lanes, slice, handle }: MessagesProps) {
  const [isLit, setLit] = useState(false);
  const hasSlice = slice !== null && slice.length > 0;
  const light = () => {
    setLit(!isLit);
    const first = slice?.[0];
    if (!isLit && first !== undefined) handle.current?.scrollTo(first);
  };
  const { events, messages } = lanes;
  const count = (number: number): string => number.toLocaleString('en-US');
  return (
    <section id="messages" class="panel" aria-label="Nodes and messages">
      <header>
        <h2>Nodes and messages</h2>
        <span class="muted small">
          {count(events.count)} events, {count(messages.count)} messages
        </span>
        {hasSlice && (
          <Button look="no-print" aria-pressed={isLit} onClick={light}>
            Light what led to the evidence
          </Button>
        )}
      </header>
      <Diagram
        lanes={lanes}
        label="Nodes and messages of the run"
        lit={isLit ? slice : null}
        handle={handle}
      />
    </section>
  );
}

interface LedToProps {
  readonly lanes: Lanes;
  readonly slice: Uint32Array;
}

/** Alone, so that nothing stands between its messages. */
export function LedTo({ lanes, slice }: LedToProps) {
  const part = useMemo(() => partOfLanes(lanes, slice), [lanes, slice]);
  return (
    <div class="led-to">
      <h3>
        The messages that led to it <span class="muted small">(long pauses are shortened)</span>
      </h3>
      <Diagram lanes={part} isTimed={false} label="What led to the evidence" />
    </div>
  );
}
