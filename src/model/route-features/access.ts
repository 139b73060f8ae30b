/** Who may come, by address; what is denied goes first. */
export interface AccessControl {
  /** CIDRs; empty: everybody who is not denied. */
  readonly allow: readonly string[];
  /** CIDRs. */
  readonly deny: readonly string[];
  /** `any`: one of addresses, basic and external authentication is enough. */
  readonly satisfy: 'all' | 'any' | undefined;
}

/** HTTP basic authentication. */
export interface BasicAuth {
  readonly realm: string;
  /** Id of the file of users and hashes, as htpasswd writes it. */
  readonly file: string;
  /** The same users for proxies that keep them in their configuration; the hash is a secret. */
  readonly users: readonly BasicAuthUser[];
}

export interface BasicAuthUser {
  readonly name: string;
  /** As crypt(3) or htpasswd writes it. */
  readonly hash: string;
}
