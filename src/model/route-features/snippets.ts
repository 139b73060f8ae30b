/** Configuration that users wrote in the proxy's own language; allowed by a flag only, directive by directive. */
export interface Snippets {
  readonly text: string;
}
