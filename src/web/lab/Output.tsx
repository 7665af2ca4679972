/** What the script has printed by the cursor, and what its end will add. */
import { useEffect, useRef } from 'preact/hooks';
import { shownOutput } from './stepping.js';
import { type LabStore, useLab } from './store.js';

/** Around the last one. */
const linesMax = 400;

export function Output({ store }: { readonly store: LabStore }) {
  const recording = useLab(store, (state) => state.recording);
  const shown = useLab(store, (state) =>
    state.recording === null ? 0 : shownOutput(state.recording.output, state.cursor),
  );
  const place = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const list = place.current;
    if (list === null) return;
    const last = list.querySelector<HTMLElement>('.last');
    if (last === null) list.scrollTop = 0;
    // Not scrollIntoView: that moves the page, too.
    else list.scrollTop = last.offsetTop - list.clientHeight + last.offsetHeight + 24;
  }, [shown, recording]);
  if (recording === null) return null;
  const first = Math.max(0, shown - linesMax / 2);
  const lines = recording.output.slice(first, first + linesMax);
  const script = recording.key.scenario.split('\n');
  return (
    <section class="panel output" aria-label="Output of the script">
      <header>
        <h2>Output</h2>
        <span class="muted">
          {shown} of {recording.output.length} lines
        </span>
        <span class="spring" />
        <span class="muted mono wide-only" title="The same run has the same: kvx run --trace">
          trace {recording.traceHash}
        </span>
      </header>
      <ol class="mono" ref={place}>
        {lines.map(({ event, line, text, isError }, at) => {
          const number = first + at;
          const look = `${number >= shown ? ' ahead' : ''}${number === shown - 1 ? ' last' : ''}`;
          const isFirst = line > 0 && lines[at - 1]?.line !== line;
          return (
            <li key={number} class={`output-line${isError ? ' error' : ''}${look}`}>
              <button
                type="button"
                title={`Go there (line ${line})`}
                onClick={() => store.seek(event - 1)}
              >
                {isFirst && <span class="output-command">{commandIn(script[line - 1])}</span>}
                <span class="line-text">{text}</span>
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** Without its comment. */
const commandIn = (line = ''): string => `> ${line.replace(/\s#.*$/, '').trim()}`;
