/** Mutual TLS: which certificates clients may or must show. */
export interface ClientCertificates {
  /** Id of the file of the authorities. */
  readonly authorities: string;
  /** Id of the file of revoked certificates. */
  readonly revoked: string | undefined;
  readonly verify: 'on' | 'off' | 'optional' | 'optional_no_ca';
  readonly depth: number;
  /** Where clients without a good certificate are sent. */
  readonly errorPage: string | undefined;
  /** Tell the upstream the certificate. */
  readonly passToUpstream: boolean;
  /** Regular expression for the subject, starting with `CN=`. */
  readonly matchSubject: string | undefined;
}
