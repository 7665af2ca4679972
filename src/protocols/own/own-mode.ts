/** A mode that somebody else has written: its module's default export, told what it leaves out. */
import type { Protocol, ProtocolTypes } from '../../core/replica.js';
import type { ModeProfile } from '../catalog.js';
import type { Kit } from './kit.js';

/** Whatever of its profile a mode does not say is as in {@link usual}. */
export interface OwnMode<P extends ProtocolTypes, Options = object>
  extends Partial<Omit<ModeProfile, 'name' | 'summary'>> {
  /** As tables and messages call it. */
  readonly name: string;
  readonly summary: string;
  readonly protocol: Protocol<P, Options>;
}

/** The default export of `./mine.js`. */
// biome-ignore lint/suspicious/noExplicitAny: a protocol's types are its own business.
export type ModeFactory = (kit: Kit) => OwnMode<any, any>;

/** A mode that says nothing more than its name is linearizable, has no more than keys, and its nodes neither come nor go. */
export const usual: Omit<ModeProfile, 'name' | 'summary'> = {
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
