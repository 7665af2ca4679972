import { useState } from 'preact/hooks';
import { Icon } from './Icon.js';
import { chooseTheme, chosenTheme, themeNames } from './theme.js';

const icons = { system: 'halfMoon', light: 'sun', dark: 'moon' } as const;

/** One button: as the system wishes, light, dark, and again. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState(chosenTheme);
  const next = themeNames[(themeNames.indexOf(theme) + 1) % themeNames.length] ?? 'system';
  const words = `Colours: ${theme}. Change to ${next}.`;
  const onClick = () => {
    chooseTheme(next);
    setTheme(next);
  };
  return (
    <button
      type="button"
      class="button quiet icon no-print"
      title={words}
      aria-label={words}
      onClick={onClick}
    >
      <Icon name={icons[theme]} />
    </button>
  );
}
