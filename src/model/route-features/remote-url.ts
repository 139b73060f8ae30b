/** A server outside of the Ingress, as a URL with variables of the request: see model/request-variables.ts. */
export interface RemoteUrl {
  readonly scheme: 'http' | 'https';
  /** A name, an IP address, or `$host`. */
  readonly host: string;
  readonly port: number;
  /** Path and query; starts with `/`. */
  readonly uri: string;
  /** Id of the upstream, when the host is a Service of the cluster that we know. */
  readonly upstream: string | undefined;
}
