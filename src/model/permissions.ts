/** What a part of sluice does at the Kubernetes API, in the words of RBAC; docker/kubernetes is checked against it. */
export interface Permission {
  /** Empty for the core group. */
  readonly group: string;
  /** As in RBAC rules, for example `ingresses/status`. */
  readonly resource: string;
  readonly verbs: readonly Verb[];
  /** `cluster`: also when sluice is confined to some namespaces. `own`: in its own namespace only. `watched`: in all that it follows. */
  readonly scope: 'cluster' | 'watched' | 'own';
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
