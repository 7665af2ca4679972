/** All command classes by id, for oclif's own tools; kvx does not load it. */
import { commands } from './index.js';

const loaded = [...commands].map(async ([id, load]) => [id, await load()] as const);
const sorted = (await Promise.all(loaded)).sort(([a], [b]) => (a < b ? -1 : 1));
export default Object.fromEntries(sorted);
