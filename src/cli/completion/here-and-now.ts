/** What there is to choose from on this machine: the cluster that a command line means, and files. */
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ClusterRecord } from '../../cluster/state/record.js';
import { chooseName, findCluster, listClusters } from '../../cluster/state/state.js';
import type { Suggested, Surroundings } from '../../scenario/values-around.js';
import type { CommandVocabulary, KnownMode } from './command-vocabulary.js';

/** What is said of a cluster in the words before the cursor. */
export interface Meant {
  readonly cluster?: string | undefined;
  readonly mode?: string | undefined;
  readonly nodes?: string | undefined;
  /** It is yet to be: `cluster up`, `sim`. */
  readonly isNew: boolean;
}

const nodesDefault = 4;
const nodesMax = 64;

/** Each is looked at when it is asked for: what is wrong with it, the command will say. */
export class HereAndNow implements Surroundings {
  readonly clients = ['clients'];
  readonly #meant: Meant;
  readonly #modes: CommandVocabulary['modes'];
  #record: ClusterRecord | null | undefined;

  constructor(meant: Meant, modes: CommandVocabulary['modes']) {
    this.#meant = meant;
    this.#modes = modes;
  }

  get clusters(): readonly Suggested[] {
    return orNone(() =>
      listClusters()
        .filter(({ record }) => record?.owner === undefined)
        .map(({ name, up, record }) => {
          const what = record === null ? [] : [record.mode, `${record.nodes.length} nodes`];
          return [name, [...what, up ? 'up' : 'down'].join(', ')];
        }),
    );
  }

  get nodes(): readonly string[] {
    const { nodes, isNew } = this.#meant;
    const { nodes: known = [] } = this.#cluster() ?? {};
    if (nodes === undefined && (known.length > 0 || !isNew)) return known;
    const count = Math.min(Number(nodes ?? nodesDefault) || 0, nodesMax);
    return Array.from({ length: count }, (_, at) => `n${at + 1}`);
  }

  get levels(): readonly string[] {
    return [...new Set(this.#known().flatMap(({ levels }) => levels))];
  }

  get messages(): readonly string[] {
    return [...new Set(this.#known().flatMap(({ messages }) => messages))].sort();
  }

  get options() {
    return this.#known().flatMap(({ options }) => options);
  }

  get sessions(): readonly string[] {
    const name = this.#name();
    if (name === undefined) return [];
    return orNone(() => {
      const files = readdirSync(join(findCluster(name)?.folder ?? '', 'sessions'));
      return files.flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
    });
  }

  /** The mode that is meant; all, where none is. */
  #known(): readonly KnownMode[] {
    const { mode, isNew } = this.#meant;
    const name = mode ?? this.#cluster()?.mode ?? (isNew ? 'quorum' : '');
    const known = this.#modes[name];
    return known === undefined ? Object.values(this.#modes) : [known];
  }

  #cluster(): ClusterRecord | null {
    if (this.#record === undefined) {
      const name = this.#name();
      const [found] = name === undefined ? [] : orNone(() => [findCluster(name)?.record ?? null]);
      this.#record = found ?? null;
    }
    return this.#record;
  }

  #name(): string | undefined {
    const { cluster, isNew } = this.#meant;
    if (isNew) return cluster;
    return orNone(() => [chooseName(cluster)])[0];
  }
}

function orNone<T>(look: () => readonly T[]): readonly T[] {
  try {
    return look();
  } catch {
    return [];
  }
}

const filesMax = 500;

/** Files and folders that begin like what is typed, which may begin with `~/`. `endings`: `/` for folders alone; none for all. */
export function filesLike(typed: string, endings: readonly string[]): string[] {
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
  const begun = typed.slice(folder.length);
  const place = folder.startsWith('~/') ? join(homedir(), folder.slice(1)) : folder || '.';
  return orNone(() => readdirSync(place, { withFileTypes: true }))
    .filter(({ name }) => name.startsWith(begun) && (begun !== '' || !name.startsWith('.')))
    .flatMap((entry) => {
      const { name } = entry;
      if (entry.isDirectory()) return [`${folder}${name}/`];
      const isMeant = endings.length === 0 || endings.some((each) => name.endsWith(each));
      return isMeant ? [folder + name] : [];
    })
    .sort()
    .slice(0, filesMax);
}
