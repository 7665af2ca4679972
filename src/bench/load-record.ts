import type { NodeId } from '../core/ids.js';
import type { KeyOperation } from '../core/operation.js';
import type { ClientRecord, RecordedCall, Recorder } from '../history/recorder/recorder.js';

/** What the logical clients of a load ask and are told: each is a client of its own. */
export class LoadRecord {
  readonly #recorder: Recorder;
  readonly #clients: ClientRecord[] = [];
  readonly nodeOf: (client: number) => NodeId | null;

  /** `nodeOf`: through which node the client's last answer came. */
  constructor(recorder: Recorder, nodeOf: (client: number) => NodeId | null) {
    this.#recorder = recorder;
    this.nodeOf = nodeOf;
  }

  invoke(client: number, operation: KeyOperation): RecordedCall | null {
    // Clients begin in order, so that each is at first the process of its own number.
    while (this.#clients.length <= client) this.#clients.push(this.#recorder.client());
    return (this.#clients[client] as ClientRecord).invoke(operation);
  }
}
