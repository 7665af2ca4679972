/** The page's script is its worker's, too: nearly all of it runs in both. What only a page can do is not begun in a worker. */
import { serveLab } from './serve.js';

if (typeof document === 'undefined') serveLab();
else void import('./page.js');
