import type { Source } from '../refs.ts';
import type { AddressList } from './access.ts';

/** How much one client may ask of one Ingress; every route of it shares the counters. */
export interface RateLimit {
  /** Ends in a hash of all that makes the counters what they are: a proxy keeps counters by name. */
  readonly zone: string;
  /** Requests; 0: no limit. */
  readonly perSecond: number;
  readonly perMinute: number;
  /** The limit times this may come at once, besides. */
  readonly burstMultiplier: number;
  /** Requests at the same time; 0: no limit. */
  readonly connections: number;
  /** Clients that none of the three limits above is for. */
  readonly exempt: AddressList | undefined;
  /** Of the answer, in 1,024 bytes each second; 0: no limit. */
  readonly rate: number;
  /** In 1,024 bytes: the part of the answer that comes without that limit. */
  readonly rateAfter: number;
  readonly source: Source;
}
