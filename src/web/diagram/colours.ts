import { themeColours } from '../parts/theme.js';

const variables = {
  ...{ panel: '--panel', raised: '--raised', line: '--line', text: '--text', muted: '--muted' },
  ...{ accent: '--accent', accentSoft: '--accent-soft', good: '--good' },
  ...{ bad: '--bad', badSoft: '--bad-soft', warn: '--warn', warnSoft: '--warn-soft' },
  ...{ message: '--c1', disk: '--c5', durable: '--c3', client: '--c4', told: '--c6' },
} as const;

/** Of theme.css, as a canvas takes them. */
export type DiagramColours = Readonly<Record<keyof typeof variables, string>>;

export const coloursOfTheme = (): DiagramColours => themeColours(variables);
