/** CIDRs and addresses by family: no proxy compares one family with the other as the others do. Sorted, each once. */
export interface AddressList {
  readonly v4: readonly string[];
  readonly v6: readonly string[];
}

/** Who may come, by address; what is denied goes first. */
export interface AccessControl {
  /** `undefined`: everybody who is not denied. */
  readonly allow: AddressList | undefined;
  readonly deny: AddressList | undefined;
  /** `any`: one of addresses, basic and external authentication is enough. */
  readonly satisfy: 'all' | 'any' | undefined;
}

/** HTTP basic authentication. */
export interface BasicAuth {
  /** May be empty. */
  readonly realm: string;
  /** Id of the file of users and hashes, as htpasswd writes it. */
  readonly file: string;
  /** Starts of paths whose routes are open to all. */
  readonly openPaths: readonly string[];
}
