/** The path that the upstream sees. */
export interface Rewrite {
  /** The path of the rule: a regular expression, searched without case in the decoded path of the request. */
  readonly pattern: string;
  /** What the path of the request is replaced with; `$1` to `$9` stand for the groups of the pattern. */
  readonly replacement: string;
  /** The replacement starts with `http://` or `https://`: the client is redirected to it. */
  readonly isUrl: boolean;
}
