/** What endpoints speak; `AUTO_HTTP` is what the client spoke. */
export type BackendProtocol =
  | { readonly type: 'https' | 'grpc' | 'grpcs' | 'auto-http' }
  | { readonly type: 'fcgi'; readonly index: string | undefined; readonly parameters: readonly FastCgiParameter[] };

export interface FastCgiParameter {
  readonly name: string;
  readonly value: string;
}

/** How the proxy presents itself to endpoints that speak TLS, and what it asks of them. */
export interface BackendTls {
  /** Ids of the files of the own certificate with its key, and of the authorities that endpoints are verified by. */
  readonly certificate: string | undefined;
  readonly authorities: string | undefined;
  readonly verify: boolean;
  readonly verifyDepth: number;
  readonly ciphers: string | undefined;
  /** `TLSv1.2`, `TLSv1.3`; empty: those that the proxy takes by itself. */
  readonly protocols: readonly string[];
  /** Name to verify, and to send by SNI. */
  readonly name: string | undefined;
  readonly serverName: boolean;
}
