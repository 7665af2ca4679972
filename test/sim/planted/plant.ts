/** A bug to plant: text of a source file that stands there once, and what to put in its place. */
export interface Plant {
  /** What the product does then. */
  readonly name: string;
  readonly file: string;
  readonly old: string;
  readonly now: string;
}
