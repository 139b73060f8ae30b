import type { RemoteUrl } from './remote-url.ts';

/** A copy of each request goes elsewhere; its answer is thrown away. */
export interface Mirror extends RemoteUrl {
  /** The header Host of the copy, with variables. */
  readonly hostHeader: string;
  readonly withBody: boolean;
}
