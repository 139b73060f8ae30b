/** Every request of a route is redirected. */
export interface Redirect {
  readonly status: number;
  /** A URL, or a path. */
  readonly location: string;
}

export interface HttpsRedirect {
  /** Keep a slash at the end of the URI, which ingress-nginx cuts off. */
  readonly keepTrailingSlash: boolean;
  readonly withPort: boolean;
}
