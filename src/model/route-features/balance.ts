/** How an upstream chooses among its endpoints, where it is not round robin. */
export interface Balance {
  /** `least-connections` stands for ewma, too, which no stock proxy has. */
  readonly algorithm: 'round-robin' | 'least-connections' | 'hash';
  /** For `hash`: an expression of nginx variables, for example `$request_uri`; other proxies translate it. */
  readonly hashBy: string | undefined;
  /** Keep a client where a cookie says. */
  readonly session: SessionCookie | undefined;
}

export interface SessionCookie {
  readonly name: string;
  /** Seconds; `undefined`: until the browser ends. */
  readonly expires: number | undefined;
  readonly maxAge: number | undefined;
  readonly path: string;
  readonly domain: string | undefined;
  readonly sameSite: 'None' | 'Lax' | 'Strict' | undefined;
  /** `undefined`: when the client came by https. */
  readonly secure: true | undefined;
  /** No `SameSite=None` for browsers that are known to misread it. */
  readonly conditionalSameSiteNone: boolean;
  readonly mode: 'balanced' | 'persistent';
  readonly changeOnFailure: boolean;
}
