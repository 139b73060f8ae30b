/** What is left out of a configuration although it could be rendered, because the proxy refuses it. */
export interface Exclusions {
  /** Whole objects, by `formatRef`: Ingresses, Services and Secrets. */
  readonly objects: ReadonlySet<string>;
  /**
   * Parts of Ingresses, by `formatRef`: `spec.rules[0].http.paths[1]`, `spec.tls[0]` or `spec.defaultBackend`.
   */
  readonly parts: ReadonlyMap<string, ReadonlySet<string>>;
}

export const NOTHING_EXCLUDED: Exclusions = { objects: new Set(), parts: new Map() };
