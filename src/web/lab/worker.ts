import { parseScript } from '../../scenario/parser.js';
import { SimTarget } from '../../targets/sim.js';

self.onmessage = () => {
  self.postMessage([parseScript.name, SimTarget.name]);
};
