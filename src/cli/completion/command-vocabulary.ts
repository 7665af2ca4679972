/** What completion knows of the commands; as the build writes it down, what many commands have stands there once. */
import type { Completable } from '../../scenario/complete-command.js';
import type { Suggested } from '../../scenario/values-around.js';

interface KnownCommand extends Completable {
  readonly name: string;
  readonly about: string;
}

export interface KnownMode {
  readonly levels: readonly string[];
  readonly messages: readonly string[];
  readonly options: readonly { readonly name: string; readonly summary: string }[];
}

export interface CommandVocabulary {
  readonly commands: readonly KnownCommand[];
  readonly topics: readonly Suggested[];
  /** What `help` has a page on. */
  readonly helpTopics: readonly Suggested[];
  readonly modes: Readonly<Record<string, KnownMode>>;
}

type Shared = CommandVocabulary['commands'][number]['flags'][number];

interface Packed extends Omit<CommandVocabulary, 'commands'> {
  readonly shared: readonly Shared[];
  readonly commands: readonly (Omit<CommandVocabulary['commands'][number], 'flags'> & {
    /** Where they are in `shared`. */
    readonly flags: readonly number[];
  })[];
}

export function packVocabulary({ commands, ...rest }: CommandVocabulary): string {
  const places = new Map<string, number>();
  const placeOf = (flag: Shared): number => {
    const text = JSON.stringify(flag);
    const place = places.get(text) ?? places.size;
    places.set(text, place);
    return place;
  };
  const packed = commands.map((command) => ({ ...command, flags: command.flags.map(placeOf) }));
  const shared = [...places.keys()].map((text) => JSON.parse(text) as Shared);
  return JSON.stringify({ ...rest, shared, commands: packed } satisfies Packed);
}

export function unpackVocabulary(text: string): CommandVocabulary {
  const { shared, commands, ...rest } = JSON.parse(text) as Packed;
  const flagsOf = (places: readonly number[]) => places.map((place) => shared[place] as Shared);
  return {
    ...rest,
    commands: commands.map((command) => ({ ...command, flags: flagsOf(command.flags) })),
  };
}
