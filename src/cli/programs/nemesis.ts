import { nemesisList } from '../../operations/nemesis.js';
import { faultNemesis } from '../../operations/table.js';
import { outputClosed, printJson } from '../../render/output.js';
import { printPage } from '../../render/print-page.js';
import type { Perform } from '../command.js';
import { performTyped } from '../perform-typed.js';

/** The list needs no cluster. What it tells of while it goes on, somebody must hear. */
const perform: Perform = async (typed, signal) => {
  if (typed.flags['list'] !== true) {
    return performTyped(faultNemesis, typed, AbortSignal.any([signal, outputClosed]));
  }
  if (typed.flags['json'] === true) printJson(nemesisList.json());
  else await printPage(nemesisList.page());
};

export default { perform };
