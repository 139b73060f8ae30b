/** Identifies one Kubernetes object. `namespace` is empty for cluster-scoped kinds. */
export interface ObjectRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A place inside an object: which object wrote a line of configuration, and in which of its fields. */
export interface Source {
  readonly object: ObjectRef;
  /** A field path as kubectl prints it, for example `spec.rules[0].http.paths[1].path`; empty for the object itself. */
  readonly field: string;
}

/** `shop/web`; the key of an object within its kind. */
export function objectKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** `Ingress shop/web`, or `IngressClass sluice` for a cluster-scoped object. */
export function formatRef(ref: ObjectRef): string {
  return ref.namespace === '' ? `${ref.kind} ${ref.name}` : `${ref.kind} ${ref.namespace}/${ref.name}`;
}

/** Plain code-unit order: the same on every machine, unlike localeCompare. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
