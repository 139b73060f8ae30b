/** Every request of a route is redirected. */
export interface Redirect {
  /** From 300 to 308. */
  readonly status: number;
  /** A URL, or a path. */
  readonly location: string;
  /** A path is told as it is; otherwise scheme and host of the request are put before it. */
  readonly relative: boolean;
  /** Put the port before it, too, unless it is the usual one. */
  readonly withPort: boolean;
}

/** The redirect to https of an Ingress that says something about it. */
export interface HttpsRedirect {
  /** Where: `tls`: on hosts with TLS; `default`: there, unless it is off for all. */
  readonly when: 'never' | 'default' | 'tls' | 'always';
  /** Keep a slash at the end of the URI, which ingress-nginx cuts off. */
  readonly keepTrailingSlash: boolean;
  /** Name the port also when it is 443. */
  readonly withPort: boolean;
}
