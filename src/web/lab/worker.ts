/** All that a run comes from, and nothing of the page: what it is known by in links. */
import { serveLab } from './serve.js';

serveLab();
