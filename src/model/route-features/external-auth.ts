/** Each request is first shown to another service (nginx: auth_request). */
export interface ExternalAuth {
  /** With nginx variables in it, as ingress-nginx takes it. */
  readonly url: string;
  /** Host and port of the URL. */
  readonly host: string;
  /** Id of the upstream, when the URL names a Service of the cluster that we know. */
  readonly upstream: string | undefined;
  readonly signinUrl: string | undefined;
  readonly signinRedirectParameter: string;
  /** Headers of its answer that the upstream gets. */
  readonly responseHeaders: readonly string[];
  readonly method: string | undefined;
  readonly requestRedirect: string | undefined;
  readonly requestHeaders: readonly { readonly name: string; readonly value: string }[];
  readonly cache: { readonly key: string; readonly durations: readonly string[] } | undefined;
  readonly alwaysSetCookie: boolean;
  readonly keepalive: { readonly connections: number; readonly requests: number; readonly timeout: number } | undefined;
}
