import { useState } from 'preact/hooks';
import { Button } from './Button.js';
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
    <Button look="quiet icon no-print" title={words} onClick={onClick}>
      <Icon name={icons[theme]} />
    </Button>
  );
}
