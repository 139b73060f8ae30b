/** What is left out of a configuration although it could be rendered, because the proxy refuses it. */
export interface Exclusions {
  /** Whole objects, by `formatRef`: Ingresses, Services and Secrets. */
  readonly objects: ReadonlySet<string>;
  /**
   * Parts of Ingresses, by `formatRef`: `spec.rules[0].http.paths[1]`, `spec.tls[0]` or `spec.defaultBackend`.
   */
  readonly parts: ReadonlyMap<string, ReadonlySet<string>>;
  /**
   * Ingresses, by `formatRef`, of which what is left out stays closed when they keep requests out: those paths answer 503, so
   * that no broader path of the host lets in whom they would not. Left out: nothing stays.
   */
  readonly closed?: ReadonlySet<string>;
}

export const NOTHING_EXCLUDED: Exclusions = { objects: new Set(), parts: new Map() };
