/** Headers of the request that the upstream gets otherwise than usual. */
export interface RequestHeaders {
  /** In place of the host that the client asked for. */
  readonly host: string | undefined;
  /** `$1` to `$9` stand for groups of the path's regular expression. */
  readonly forwardedPrefix: string | undefined;
  /** `close` or `keep-alive` for every request. */
  readonly connection: string | undefined;
}

/** Headers that answers get. */
export interface ResponseHeaders {
  readonly set: readonly { readonly name: string; readonly value: string }[];
}
