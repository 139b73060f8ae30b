/** How requests are passed on, where an Ingress differs from what holds for all. Sizes in bytes, times in seconds. */
export interface ProxyTuning {
  /** Largest request body; 0: any. */
  readonly bodySize: number | undefined;
  readonly connectTimeout: number | undefined;
  readonly readTimeout: number | undefined;
  readonly sendTimeout: number | undefined;
  readonly buffering: 'on' | 'off' | undefined;
  readonly buffers: AnswerBuffers | undefined;
  /** 0: none. Never between 0 and the size of a buffer. */
  readonly maxTempFileSize: number | undefined;
  readonly requestBuffering: 'on' | 'off' | undefined;
  readonly httpVersion: '1.0' | '1.1' | undefined;
  readonly clientBodyBufferSize: number | undefined;
  readonly cookieDomain: Replacement | 'off' | undefined;
  readonly cookiePath: Replacement | 'off' | undefined;
  /** Of the headers Location and Refresh. */
  readonly redirect: Replacement | 'off' | undefined;
  /** When another endpoint is tried: words of proxy_next_upstream. */
  readonly nextUpstream: readonly string[] | undefined;
  /** 0: no limit. */
  readonly nextUpstreamTimeout: number | undefined;
  /** 0: no limit. */
  readonly nextUpstreamTries: number | undefined;
}

/** What an answer is kept in; always a combination that nginx takes. */
export interface AnswerBuffers {
  readonly size: number;
  /** At least 2. */
  readonly count: number;
  /** From one buffer to all but one. */
  readonly busy: number;
}

/** A part of a header, and what it becomes. */
export interface Replacement {
  /** A text; after a `~` a regular expression. */
  readonly from: string;
  readonly to: string;
}
