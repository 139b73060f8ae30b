/** A copy of each request goes elsewhere; its answer is thrown away. */
export interface Mirror {
  /** URL, with nginx variables in it. */
  readonly target: string;
  readonly host: string;
  /** Id of the upstream, when the URL names a Service of the cluster that we know. */
  readonly upstream: string | undefined;
  readonly withBody: boolean;
}
