/** The run as a link and as files. */
import { useEffect, useState } from 'preact/hooks';
import { type ExportedRun, exportedOf, scenarioFile, vitestFile } from '../../../lab/export.js';
import type { Recording, RunKey } from '../../../lab/recording.js';
import { fragmentOf } from '../../../lab/share.js';
import { Button } from '../../parts/Button.js';
import { browserCompressor } from './compressor.js';

export interface SharePanelProps {
  readonly run: RunKey;
  /** Of that run; `null`: it is being run. */
  readonly recording: Recording | null;
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
  const { run, recording, code, isOfOtherCode } = props;
  const exported = exportedOf(run, recording);
  const [said, setSaid] = useState('');
  return (
    <section class="tool share" aria-label="Share and export">
      {isOfOtherCode && (
        <p class="tool-problem">
          This link was made by another build of the laboratory. The scenario is the same, but it
          may go another way here.
        </p>
      )}
      <Link run={run} code={code} say={setSaid} />
      <Downloads {...props} exported={exported} say={setSaid} />
      <p aria-live="polite" class="muted">
        {said}
      </p>
      <pre>{scenarioFile(exported.key, exported.sentence, `${fileName(run)}.kvx`)}</pre>
    </section>
  );
}

type Say = (what: string) => void;

function Link({ run, code, say }: { readonly say: Say } & Pick<SharePanelProps, 'run' | 'code'>) {
  const link = useLink(run, code);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      say('Copied.');
    } catch {
      say('The browser does not let pages copy: select the link, and copy it.');
    }
  };
  return (
    <>
      <label>
        Link: scenario, seed and decisions
        <input
          class="field"
          type="text"
          readOnly
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
      </label>
      <div class="tool-row">
        <Button look="primary" onClick={copy} disabled={link === ''}>
          Copy the link
        </Button>
        <span class="muted">{link.length - link.indexOf('#')} characters after the address</span>
      </div>
    </>
  );
}

function Downloads({
  exported,
  svg,
  shiviz,
  say,
}: { readonly say: Say; readonly exported: ExportedRun } & SharePanelProps) {
  const { key, sentence } = exported;
  const name = fileName(key);
  const save = (file: string, text: string | null) => {
    if (text !== null) download(file, text);
    say(text === null ? 'There is nothing to save yet.' : `${file} is saved.`);
  };
  const scenario = () => save(`${name}.kvx`, scenarioFile(key, sentence, `${name}.kvx`));
  const test = () => save(`${name}.test.ts`, vitestFile(key, sentence ?? name, name));
  return (
    <div class="tool-row">
      <Button onClick={scenario}>Scenario</Button>
      <Button onClick={test}>Vitest file</Button>
      <Button onClick={async () => save(`${name}.shiviz.log`, await shiviz())}>ShiViz log</Button>
      <Button onClick={() => save(`${name}.svg`, svg())}>Diagram (SVG)</Button>
    </div>
  );
}

const fileName = ({ bug }: RunKey): string => bug ?? 'scenario';

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
