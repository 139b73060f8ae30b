/** Mutual TLS: which certificates clients may or must show, on all paths of a host. */
export interface ClientCertificates {
  /** Id of the file of the authorities; `undefined`: it cannot be had, and every request is answered 403. */
  readonly authorities: string | undefined;
  /** Id of the file of revoked certificates. */
  readonly revoked: string | undefined;
  /** `optional`: none, or a good one. `optional_no_ca`: none, or one of any authority. */
  readonly verify: 'on' | 'off' | 'optional' | 'optional_no_ca';
  /** Most authorities between the certificate and one of the file. */
  readonly depth: number;
  /** URL or path where clients without a good certificate are sent. */
  readonly errorPage: string | undefined;
  /** Tell the upstream the certificate. */
  readonly passToUpstream: boolean;
  /** Regular expression, searched in the subject; starts with `CN=`. */
  readonly matchSubject: string | undefined;
  /** Starts of paths that need no certificate where no handshake asks for one. */
  readonly openPaths: readonly string[];
}

/** The same for one route. */
export interface RouteClientCertificates extends ClientCertificates {
  /** The host has a name, which TLS has to have asked for: another name is another host's handshake. */
  readonly isNamed: boolean;
}
