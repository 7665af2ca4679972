/** Which colours a page has: as the system wishes, or as its reader chose. */

export const themeNames = ['system', 'light', 'dark'] as const;
export type ThemeName = (typeof themeNames)[number];

const storedAs = 'kvx-theme';
const changed = new EventTarget();
const darkScheme = matchMedia('(prefers-color-scheme: dark)');
/** Paper is light. */
const paper = matchMedia('print');

export function chosenTheme(): ThemeName {
  // Pages from files may have no storage.
  try {
    const stored = localStorage.getItem(storedAs);
    return themeNames.find((name) => name === stored) ?? 'system';
  } catch {
    return 'system';
  }
}

export function chooseTheme(name: ThemeName): void {
  try {
    localStorage.setItem(storedAs, name);
  } catch {
    // Then it holds for as long as the page is open.
  }
  applyTheme(name);
}

/** To be called before anything is drawn. */
export function applyTheme(name: ThemeName = chosenTheme()): void {
  if (name === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = name;
  changed.dispatchEvent(new Event('change'));
}

/** For what is drawn on a canvas. Returns what ends it. */
export function onThemeChange(listener: () => void): () => void {
  const tellers = [changed, darkScheme, paper];
  for (const teller of tellers) teller.addEventListener('change', listener);
  return () => {
    for (const teller of tellers) teller.removeEventListener('change', listener);
  };
}

/** What a variable of theme.css such as `--accent` is now, as a canvas takes it. */
export function themeColour(variable: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${variable})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** The same of several, by names of one's own. */
export function themeColours<Name extends string>(
  variables: Readonly<Record<Name, string>>,
): Record<Name, string> {
  const found = Object.entries<string>(variables).map(([name, of]) => [name, themeColour(of)]);
  return Object.fromEntries(found) as Record<Name, string>;
}
