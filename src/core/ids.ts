/** The small nouns that every layer shares. */

/** A node's name, such as `n1`. Unique in its cluster; also the last tie-break between versions. */
export type NodeId = string;

/** Names one request between the moment a node takes it and the moment it answers. Never reused by a running node. */
export type RequestId = number;

/** Milliseconds; may carry a fraction. */
export type Millis = number;
