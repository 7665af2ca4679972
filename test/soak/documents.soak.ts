/** What the README and docs/exploring.md show is what kvx prints, but for numbers. `KVX_REWRITE=1` writes down what is printed now. */
import { it } from 'vitest';
import { checkConsoles } from '../docs/console-page.js';

it.each(['README.md', 'docs/exploring.md'])('%s', (page) => checkConsoles(page, 'nodes'));
