import { render } from 'preact';
import { ThemeSwitch } from '../parts/ThemeSwitch.js';
import { applyTheme } from '../parts/theme.js';

applyTheme();
const root = document.getElementById('app');
if (root !== null) {
  render(
    <header>
      <h1>kvx lab</h1>
      <ThemeSwitch />
    </header>,
    root,
  );
}
