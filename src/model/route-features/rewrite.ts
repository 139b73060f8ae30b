/** The path that the upstream sees. */
export interface Rewrite {
  /** Regular expression of the route; without case, not anchored at its end. */
  readonly pattern: string;
  /** `$1` to `$9` stand for its groups. */
  readonly replacement: string;
}
