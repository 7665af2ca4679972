/** What the editor holds outlives a reload of the page, and nothing else. */
import type { NamedRun } from './opening.js';
import type { LabStore } from './store.js';

const keptAs = 'kvx-lab-draft';

/** What the page would begin with: its link, and what the command line has put into it. */
const beginning = (): string =>
  location.hash + (document.getElementById('opening')?.textContent ?? '');

export function keepDraft(store: LabStore): void {
  addEventListener('pagehide', () => {
    const { name, draft } = store.state;
    const kept = JSON.stringify({ of: beginning(), name, key: draft });
    try {
      sessionStorage.setItem(keptAs, kept);
    } catch {}
  });
}

/** `null`: the page was not loaded anew, or would begin with something else. */
export function keptDraft(): NamedRun | null {
  const [navigation] = performance.getEntriesByType('navigation');
  if ((navigation as PerformanceNavigationTiming | undefined)?.type !== 'reload') return null;
  try {
    const { of, name, key } = JSON.parse(sessionStorage.getItem(keptAs) ?? '{}');
    return of === beginning() ? { name, key } : null;
  } catch {
    return null;
  }
}
