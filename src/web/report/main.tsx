import { render } from 'preact';
import { decodeReport } from '../../report/decode.js';
import { pageParts } from '../parts/report-parts.js';
import { applyTheme } from '../parts/theme.js';
import { ReportPage } from './ReportPage.js';

applyTheme();
const root = document.getElementById('app');
if (root !== null) void show(root);

async function show(place: HTMLElement): Promise<void> {
  try {
    render(<ReportPage report={await decodeReport(pageParts)} />, place);
  } catch (error) {
    render(<Nothing words={(error as Error).message} />, place);
  }
}

function Nothing({ words }: { readonly words: string }) {
  return (
    <main>
      <h1>kvx report</h1>
      <p class="panel padded">{words}</p>
    </main>
  );
}
