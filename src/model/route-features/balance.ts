/** How an upstream chooses among its endpoints, where it is not round robin. */
export interface Balance {
  /** `least-connections`: of two endpoints at random, that with fewer connections. */
  readonly algorithm: 'round-robin' | 'least-connections' | 'hash';
  /** For `hash`: text with `${variable}`, for example `${request_uri}`; the names are those of model/request-variables.ts. */
  readonly hashBy: string | undefined;
  /** For `hash`: of so many endpoints that the text chooses, one at random; `undefined`: always the same. */
  readonly subsetSize: number | undefined;
  /** Keep a client where a cookie says; this goes before the algorithm. */
  readonly session: SessionKey | undefined;
}

/** What an upstream has to know of a session. */
export interface SessionKey {
  /** Name of the cookie. */
  readonly name: string;
  /** `balanced`: some sessions move when endpoints come. `persistent`: only those whose endpoint is gone. */
  readonly mode: 'balanced' | 'persistent';
}

/** The cookie that keeps a client at its endpoint. */
export interface SessionCookie extends SessionKey {
  /** Seconds from now; `undefined`: until the browser ends. */
  readonly expires: number | undefined;
  readonly maxAge: number | undefined;
  /** Encoded; that of the route where none is asked for. */
  readonly path: string;
  readonly domain: string | undefined;
  readonly sameSite: 'None' | 'Lax' | 'Strict' | undefined;
  /** `undefined`: when the client came by https. */
  readonly secure: true | undefined;
  /** No `SameSite=None` for browsers that are known to misread it. */
  readonly conditionalSameSiteNone: boolean;
  /** A new one when the endpoint did not answer. */
  readonly changeOnFailure: boolean;
  /** Whether it also keeps a client at a canary, or away from it. */
  readonly canaries: 'sticky' | 'legacy';
}
