import type { Protocol, ProtocolTypes } from '../core/replica.js';
import type { ModeProfile } from './catalog.js';
import { requestProblem } from './refusals.js';

/** A mode with all that it takes to run it. */
export interface Mode<P extends ProtocolTypes, Options> extends ModeProfile {
  readonly protocol: Protocol<P, Options>;
}

/** A protocol sees no request that the catalogue says it does not take. */
export function runnable<P extends ProtocolTypes, Options extends object>(
  profile: ModeProfile,
  protocol: Omit<Protocol<P, Options>, 'problemOf'>,
): Mode<P, Options> {
  const problemOf: Protocol<P, Options>['problemOf'] = (request, options) => {
    const replicas = 'replicas' in options ? Number(options.replicas) : null;
    return requestProblem(profile, request, replicas);
  };
  return { ...profile, protocol: { ...protocol, problemOf } };
}
