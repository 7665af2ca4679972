/**
 * Modes of one's own in the page and in its worker: `kvx lab` puts the text of their modules into the page
 * (src/cli/programs/lab-modules.ts), and each makes modules of them.
 */
import { entryOf } from '../../core/lookup.js';
import { addMode } from '../../protocols/own/own-mode.js';

/** A file, and the places of what it imports, by how it names them. */
interface ModuleFile {
  readonly text: string;
  readonly imports: Readonly<Record<string, string>>;
}

export interface LabModules {
  /** By their places. */
  readonly files: Readonly<Record<string, ModuleFile>>;
  /** How scenarios name a mode, and the place of its module. */
  readonly modes: readonly (readonly [named: string, place: string])[];
}

export const noModules: LabModules = { files: {}, modes: [] };

export function modulesOfPage(): LabModules {
  const json = document.getElementById('modules')?.textContent ?? null;
  return json === null ? noModules : (JSON.parse(json) as LabModules);
}

/** Throws what is wrong with them. */
export async function addOwnModes({ files, modes }: LabModules): Promise<void> {
  const made = new Map<string, string>();
  /** Those that a file imports have an address before it has. */
  const addressOf = (place: string): string => entryOf(made, place, () => addressMade(place));
  const addressMade = (place: string): string => {
    const { text, imports } = files[place] as ModuleFile;
    const whole = text.replace(/(['"])(\.{1,2}\/[^'"\n]+)\1/g, (quoted, quote, named) => {
      const found = imports[named];
      return found === undefined ? quoted : quote + addressOf(found) + quote;
    });
    return URL.createObjectURL(new Blob([whole], { type: 'text/javascript' }));
  };
  for (const [named, place] of modes) {
    const loaded = (await import(addressOf(place))) as { readonly default?: unknown };
    addMode(named, loaded.default);
  }
}
