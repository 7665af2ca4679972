/** A mode that somebody else has written: its module's default export, told what it leaves out. */
import type { NodeId } from '../../core/ids.js';
import type { Random } from '../../core/random.js';
import type { Protocol, ProtocolTypes } from '../../core/replica.js';
import { show } from '../../core/show.js';
import { addProfile, type ModeProfile, modeNames } from '../catalog.js';
import { badOption } from '../shared/mode-options.js';
import { type Kit, kit } from './kit.js';

/** How the simulator plays with a mode, where what it draws for any mode does not suit. */
export interface OwnSimulation {
  /**
   * Options that differ from one seed to another. Let what takes time happen within a tenth of a second or two: runs are short.
   * Nothing but `random` may decide.
   */
  options?(random: Random, nodes: readonly NodeId[]): Readonly<Record<string, unknown>>;
  /** The smallest cluster that is drawn; 3. */
  readonly nodesMin?: number;
  /** How long those who are enough may take to go on when others are gone; 700. */
  readonly takeoverMs?: number;
  /** Of what they are asked then, this share must be answered; 0.3. */
  readonly successShareMin?: number;
}

/** Whatever of its profile a mode does not say is as in {@link usual}. */
export interface OwnMode<P extends ProtocolTypes, Options = object>
  extends Partial<Omit<ModeProfile, 'id' | 'name' | 'summary'>> {
  /** As tables and messages call it: letters, digits and hyphens. */
  readonly name: string;
  /** In one line. */
  readonly summary: string;
  readonly protocol: Protocol<P, Options>;
  readonly simulation?: OwnSimulation;
}

/** The default export of `./mine.js`. */
// biome-ignore lint/suspicious/noExplicitAny: a protocol's types are its own business.
export type ModeFactory = (kit: Kit) => OwnMode<any, any>;

/** A mode that was added to ours. */
export interface AddedMode extends ModeProfile {
  readonly protocol: ReturnType<ModeFactory>['protocol'];
  readonly simulation: OwnSimulation;
}

export const isAdded = (profile: ModeProfile): profile is AddedMode => 'protocol' in profile;

/** A mode that says nothing more than its name is linearizable, has no more than keys, and its nodes neither come nor go. */
export const usual: Omit<ModeProfile, 'id' | 'name' | 'summary'> = {
  levels: ['linearizable'],
  numberLevels: false,
  defaultLevels: { read: 'linearizable', write: 'linearizable' },
  consistency: { linearizable: 'linearizable' },
  features: [],
  exactlyOnce: false,
  deletesBlindly: false,
  writersCollide: false,
  sessions: { judge: 'client', confirmAt: 'linearizable', ordersWrites: true },
  membership: null,
  sharesKeys: false,
  acknowledgedBy: 'a majority',
  copiesByItself: false,
  helpersNeeded: 'a majority',
  coordinatesAlone: false,
  promises: [],
  givesWay: '',
  glance: { columns: [], remarks: [] },
  options: [],
};

/** Makes the mode and adds it to those that are known; without an `id` by its name. Throws as {@link makeMode} does. */
export function addMode(id: string | null, factory: unknown): AddedMode {
  const mode = makeMode(id, factory);
  addProfile(mode);
  return mode;
}

/**
 * The mode that specs call `id`, what it leaves out filled in. Throws `bad-request` (definite) for what is no mode, naming all
 * that is missing.
 */
export function makeMode(id: string | null, factory: unknown): AddedMode {
  const refuse = (what: string): never => {
    throw badOption(`${id ?? 'the function'} ${what}`);
  };
  if (typeof factory !== 'function') {
    return refuse(
      'has no mode: its default export must be a function `(kit) => ({ name, summary, protocol })`',
    );
  }
  const made: unknown = (factory as ModeFactory)(kit);
  const problems = problemsOf(made);
  if (problems.length > 0) return refuse(`is no mode: ${problems.join('; ')}`);
  const mode = made as OwnMode<ProtocolTypes>;
  return { ...usual, simulation: {}, ...mode, id: id ?? mode.name } as AddedMode;
}

const isObject = (it: unknown): it is Readonly<Record<string, unknown>> =>
  typeof it === 'object' && it !== null;

function problemsOf(made: unknown): string[] {
  if (!isObject(made)) return [`its function must return an object, not ${show(made)}`];
  const { name, summary, protocol } = made;
  const isName = typeof name === 'string' && /^[a-z0-9][a-z0-9-]{0,31}$/i.test(name);
  const known = [...Object.keys(usual), 'name', 'summary', 'protocol', 'simulation'];
  return [
    ...(isName ? [] : [`name must be letters, digits and hyphens, not ${show(name)}`]),
    ...(modeNames.some((ours) => ours === name) ? [`kvx has a mode ${name} of its own`] : []),
    ...(typeof summary === 'string' ? [] : ['summary must be a line of text']),
    ...protocolProblems(protocol),
    ...Object.keys(made).flatMap((key) =>
      known.includes(key) ? [] : [`it says ${show(key)}, which no mode has`],
    ),
  ];
}

function protocolProblems(protocol: unknown): string[] {
  if (!isObject(protocol)) return ['protocol is missing'];
  const { message, record, create } = protocol;
  const shapes = Object.entries({ message, record }).flatMap(([name, shape]) => {
    const isShape = isObject(shape) && Array.isArray(shape['types']);
    return isShape ? [] : [`protocol.${name} must be a shape, made with kit.wire.union`];
  });
  return [
    ...shapes,
    ...(typeof create === 'function' ? [] : ['protocol.create must be a function']),
  ];
}
