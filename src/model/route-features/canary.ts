import type { Target } from '../routing.ts';
import type { Source } from '../refs.ts';

/**
 * Another upstream for a part of the requests. Of all canaries of a route, in order: the header of each, then the cookie of
 * each, then their shares; the first that says something decides.
 */
export interface Canary {
  /** Where those requests go; always with endpoints: a canary without any is left out. */
  readonly target: Target;
  /** Id of the FeaturedRoute of the canary, for proxies that keep features with the backend. */
  readonly featured: string;
  readonly header: CanaryHeader | undefined;
  /** A cookie that says `always` or `never`. */
  readonly cookie: string | undefined;
  /** Requests of a million that go to this canary when neither header nor cookie says anything. */
  readonly share: number;
  /** The sum of the shares up to this one; a million at most. */
  readonly upTo: number;
  /** A client of a session stays where it was: goes before everything else. */
  readonly sticky: boolean;
  readonly source: Source;
}

/** What a header of the request says; when it is not there, or empty, it says nothing. */
export interface CanaryHeader {
  /** Lower case, with dashes. */
  readonly name: string;
  /**
   * `switch`: `always` is for the canary, `never` against it. `value`: this text is for it. `pattern`: so is what this
   * regular expression finds. `refused`: any text is against it.
   */
  readonly rule: 'switch' | 'value' | 'pattern' | 'refused';
  readonly text: string;
}
