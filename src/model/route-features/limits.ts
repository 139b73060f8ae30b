import type { Source } from '../refs.ts';

/** How much one client may ask of one Ingress; every route of it shares the counters. */
export interface RateLimit {
  /** Ends in a hash of all that makes the counters what they are: a proxy keeps counters by name. */
  readonly zone: string;
  /** Requests; 0: no limit. */
  readonly perSecond: number;
  readonly perMinute: number;
  /** The limit times this may come at once. */
  readonly burstMultiplier: number;
  /** At the same time; 0: no limit. */
  readonly connections: number;
  /** CIDRs that no limit is for. */
  readonly exempt: readonly string[];
  /** Of the answer, in 1,024 bytes each second; 0: no limit. */
  readonly rate: number;
  /** As above, the part that comes without a limit. */
  readonly rateAfter: number;
  readonly source: Source;
}
