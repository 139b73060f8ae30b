/** TLS of one host where it differs from that of all. */
export interface HostTls {
  /** As OpenSSL takes it. */
  readonly ciphers: string | undefined;
  readonly preferServerCiphers: boolean | undefined;
}
