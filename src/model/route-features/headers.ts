/** Headers of the request that the upstream gets otherwise than usual. */
export interface RequestHeaders {
  /** In place of the host that the client asked for; with variables of the request. */
  readonly host: string | undefined;
  /** `$1` to `$9` stand for groups of the path's regular expression. */
  readonly forwardedPrefix: string | undefined;
  /** For every request, in place of what the client and the proxy agree on. */
  readonly connection: 'close' | 'keep-alive' | undefined;
}

/** Headers that answers get, in place of those of the upstream. */
export interface ResponseHeaders {
  /** By name. */
  readonly set: readonly { readonly name: string; readonly value: string }[];
  /** Push what `Link` headers of the upstream name; no proxy of today does. */
  readonly pushPreload: boolean;
}
