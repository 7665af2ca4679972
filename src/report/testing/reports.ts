import { type PartReader, type ReportPart, ReportProblem } from '../parts.js';
import { nothingTold, type Report } from '../report.js';

/** One that tells nothing but what is given. */
export const reportOf = (given: Partial<Report>): Report => ({
  about: {
    ...{ command: 'kvx bench register', kind: 'bench', seed: 7, replay: null, atMs: 0 },
    ...{ versions: ['kvx 0.1.0'], cluster: [['mode', 'quorum']] },
  },
  ...nothingTold,
  ...given,
});

/** Parts that were never in a file. */
export function partsInMemory(parts: Iterable<ReportPart>): PartReader {
  const byName = new Map([...parts].map(({ name, bytes }) => [name, bytes]));
  const bytes = async (name: string): Promise<Uint8Array> => {
    const found = byName.get(name);
    if (found === undefined) throw new ReportProblem(`this file is damaged: its part ${name}`);
    return found;
  };
  return { bytes, text: async (name) => Buffer.from(await bytes(name)).toString() };
}
