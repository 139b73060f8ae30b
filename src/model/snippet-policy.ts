/** Directives that the snippets of a namespace may use. */
export interface SnippetGrant {
  /** `*`: every namespace that has no grant of its own. */
  readonly namespace: string;
  /** Empty: those that do no harm. */
  readonly directives: readonly string[];
}

/** Empty: there are no snippets. */
export type SnippetPolicy = readonly SnippetGrant[];
