/** What endpoints speak; `auto-http` is what the client spoke. */
export type BackendProtocol =
  | { readonly type: 'https' | 'grpc' | 'grpcs' | 'auto-http' }
  | {
      readonly type: 'fcgi';
      /** What is added to a path that ends with a slash. */
      readonly index: string | undefined;
      /** Where scripts are, when SCRIPT_FILENAME is that and the path. */
      readonly scriptRoot: string | undefined;
      /** By name. */
      readonly parameters: readonly FastCgiParameter[];
    };

export interface FastCgiParameter {
  readonly name: string;
  /** Text with `${variable}`: those of model/request-variables.ts, FASTCGI_VARIABLES included. */
  readonly value: string;
}

/** How the proxy presents itself to endpoints that speak TLS, and what it asks of them. */
export interface BackendTls {
  /** Ids of the files of the own certificate with its key, and of the authorities that endpoints are verified by. */
  readonly certificate: string | undefined;
  readonly authorities: string | undefined;
  /** Only with `authorities`. */
  readonly verify: boolean;
  readonly verifyDepth: number;
  readonly ciphers: string | undefined;
  /** `TLSv1.2`, `TLSv1.3`: one or both. */
  readonly protocols: readonly string[];
  /** Name to verify, and to send by SNI; `undefined` when the route leads to no Service. */
  readonly name: string | undefined;
  /** Send it. */
  readonly serverName: boolean;
}
