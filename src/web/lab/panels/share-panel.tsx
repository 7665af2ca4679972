/** The run as a link and as files. */
import { useEffect, useState } from 'preact/hooks';
import { scenarioFile, vitestFile } from '../../../lab/export.js';
import type { RunKey } from '../../../lab/recording.js';
import { fragmentOf } from '../../../lab/share.js';
import { browserCompressor } from './compressor.js';

export interface SharePanelProps {
  readonly run: RunKey;
  /** What is wrong with it, in the checker's words; `null`: nothing. */
  readonly sentence: string | null;
  /** The digest of the laboratory's code. */
  readonly code: string;
  /** It was opened from a link that another build has made. */
  readonly isOfOtherCode: boolean;
  /** The diagram as it is shown; `null`: there is none yet. */
  svg(): string | null;
  /** The run's log for ShiViz. */
  shiviz(): Promise<string | null>;
}

export function SharePanel(props: SharePanelProps) {
  const { run, sentence, code, isOfOtherCode, svg, shiviz } = props;
  const [said, setSaid] = useState('');
  const link = useLink(run, code);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      setSaid('Copied.');
    } catch {
      setSaid('The browser does not let pages copy: select the link, and copy it.');
    }
  };
  const name = run.bug ?? 'scenario';
  const save = (file: string, text: string | null) => {
    if (text === null) setSaid('There is nothing to save yet.');
    else {
      download(file, text);
      setSaid(`${file} is saved.`);
    }
  };
  const scenario = () => scenarioFile(run, sentence, `${name}.kvx`);
  return (
    <section class="panel share" aria-label="Share and export">
      {isOfOtherCode && (
        <p class="panel-problem">
          This link was made by another build of the laboratory. The scenario is the same, but it
          may go another way here.
        </p>
      )}
      <label>
        Link: scenario, seed and decisions
        <input
          type="text"
          readOnly
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
      </label>
      <div class="panel-row">
        <button type="button" onClick={copy} disabled={link === ''}>
          Copy the link
        </button>
        <span class="panel-note">
          {link.length - link.indexOf('#')} characters after the address
        </span>
      </div>
      <div class="panel-row">
        <button type="button" onClick={() => save(`${name}.kvx`, scenario())}>
          Scenario
        </button>
        <button
          type="button"
          onClick={() => save(`${name}.test.ts`, vitestFile(run, sentence ?? name, name))}
        >
          Vitest file
        </button>
        <button type="button" onClick={async () => save(`${name}.shiviz.log`, await shiviz())}>
          ShiViz log
        </button>
        <button type="button" onClick={() => save(`${name}.svg`, svg())}>
          Diagram (SVG)
        </button>
      </div>
      <p aria-live="polite" class="panel-note">
        {said}
      </p>
      <pre>{scenario()}</pre>
    </section>
  );
}

/** Empty while it is being made. */
function useLink({ scenario, seed, bug }: RunKey, code: string): string {
  const [link, setLink] = useState('');
  useEffect(() => {
    let isOver = false;
    void fragmentOf({ scenario, seed, bug }, code, browserCompressor).then((fragment) => {
      if (!isOver) setLink(location.href.split('#', 1)[0] + fragment);
    });
    return () => {
      isOver = true;
    };
  }, [scenario, seed, bug, code]);
  return link;
}

function download(file: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = file;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
