import type { Target } from '../routing.ts';
import type { Source } from '../refs.ts';

/** Another upstream for a part of the requests; header goes before cookie, and cookie before weight. */
export interface Canary {
  /** Where those requests go; always with endpoints: a canary without any is left out. */
  readonly target: Target;
  /** Id of the FeaturedRoute of the canary, for proxies that keep features with the backend. */
  readonly featured: string;
  /** Name of the header, lower case. */
  readonly header: string | undefined;
  /** The value of the header that chooses the canary. */
  readonly headerValue: string | undefined;
  /** A regular expression for it. */
  readonly headerPattern: string | undefined;
  readonly cookie: string | undefined;
  /** Requests of `weightTotal` that go to the canary. */
  readonly weight: number;
  readonly weightTotal: number;
  /** A client of a session stays where it was. */
  readonly sticky: boolean;
  readonly source: Source;
}
