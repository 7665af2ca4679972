export { nearestWord } from '../core/suggest.js';
