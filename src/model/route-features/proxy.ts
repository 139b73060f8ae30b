/** How requests are passed on, where an Ingress differs from what holds for all. Sizes as nginx writes them: `8k`. */
export interface ProxyTuning {
  readonly bodySize: string | undefined;
  /** Seconds. */
  readonly connectTimeout: number | undefined;
  readonly readTimeout: number | undefined;
  readonly sendTimeout: number | undefined;
  readonly buffering: 'on' | 'off' | undefined;
  readonly bufferSize: string | undefined;
  readonly buffersNumber: number | undefined;
  readonly busyBuffersSize: string | undefined;
  readonly maxTempFileSize: string | undefined;
  readonly requestBuffering: 'on' | 'off' | undefined;
  readonly httpVersion: '1.0' | '1.1' | undefined;
  readonly clientBodyBufferSize: string | undefined;
  readonly cookieDomain: { readonly from: string; readonly to: string } | undefined;
  readonly cookiePath: { readonly from: string; readonly to: string } | undefined;
  readonly redirect: 'default' | { readonly from: string; readonly to: string } | undefined;
  /** Words of proxy_next_upstream. */
  readonly nextUpstream: readonly string[] | undefined;
  readonly nextUpstreamTimeout: number | undefined;
  readonly nextUpstreamTries: number | undefined;
}
