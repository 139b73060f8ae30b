import { createHash } from 'node:crypto';
import type { Ingress } from '../model/objects.ts';
import type { AddressList } from '../model/route-features/access.ts';
import type { RateLimit } from '../model/route-features/limits.ts';
import { ADDRESSES } from './address-list.ts';
import { differs, HONOURED, since, unsupported, type Annotation, type Support } from './annotation.ts';
import type { Family } from './family.ts';
import { integer } from './grammar.ts';
import { judge } from './support.ts';

/** As nginx limits them: `limit_conn` takes less than 65,536. */
const MOST_CONNECTIONS = 65_535;
const MOST_REQUESTS = 1_000_000;
const MOST_KILOBYTES = 1_000_000_000;

const NONE = { fallback: 'no limit', scope: 'Ingress', risk: 'Low' } as const;

const WINDOWS = differs(
  'Requests are counted in sliding windows, not by a leaking bucket: of a limit and its burst, all may come within one window, and of those that come at the same moment one more for each thread. Counters start anew at a reload.',
);

const PER_SECOND: Annotation<number> = {
  key: 'limit-rps',
  grammar: integer(0, MOST_REQUESTS),
  syntax: `number of requests, up to ${MOST_REQUESTS}`,
  ...NONE,
  about:
    'Requests of one client address to this Ingress each second, counted by each replica; what goes beyond it and the burst is answered 503.',
  nginx: HONOURED,
  haproxy: WINDOWS,
};

const PER_MINUTE: Annotation<number> = {
  ...PER_SECOND,
  key: 'limit-rpm',
  about: 'As limit-rps, each minute.',
};

const BURST: Annotation<number> = {
  key: 'limit-burst-multiplier',
  grammar: integer(0, 1000),
  syntax: 'number from 0 to 1000',
  fallback: '5',
  scope: 'Ingress',
  risk: 'Low',
  about: 'The burst that limit-rps and limit-rpm allow beside the limit, as a multiple of it.',
  nginx: HONOURED,
  haproxy: differs('As for limit-rps: the burst may come within each window.'),
};

const CONNECTIONS: Annotation<number> = {
  key: 'limit-connections',
  grammar: integer(0, MOST_CONNECTIONS),
  syntax: `number up to ${MOST_CONNECTIONS}`,
  ...NONE,
  about:
    'Requests of one client address to this Ingress that are served at the same time; more are answered 503. A connection of HTTP/1 has one at a time.',
  nginx: HONOURED,
  haproxy: differs('Requests that come at the same moment may all be refused where there is room for one more.'),
};

const RATE: Annotation<number> = {
  key: 'limit-rate',
  grammar: integer(0, MOST_KILOBYTES),
  syntax: 'number of kilobytes (1,024 bytes)',
  fallback: 'no limit',
  scope: 'path',
  risk: 'Low',
  about:
    'How much of one answer is sent each second. As in ingress-nginx these are kilobytes, whatever its documentation says.',
  nginx: HONOURED,
  haproxy: since('2.7', 'unsupported', 'HAProxy limits bandwidth (filter bwlim-out) from 2.7 on: take a newer one'),
};

const NO_RATE_AFTER: Support = unsupported(
  'the limit of HAProxy holds from the first byte: raise limit-rate instead, or take nginx',
);

const RATE_AFTER: Annotation<number> = {
  ...RATE,
  key: 'limit-rate-after',
  fallback: '0',
  about: 'How much of an answer is sent before limit-rate holds.',
  haproxy: NO_RATE_AFTER,
};

const EXEMPT: Annotation<AddressList> = {
  key: 'limit-whitelist',
  aliases: ['limit-allowlist'],
  ...ADDRESSES,
  fallback: 'nobody',
  scope: 'Ingress',
  risk: 'Low',
  about: 'Clients that limit-rps, limit-rpm and limit-connections are not for.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

export const LIMITS: Family = {
  name: 'limits',
  about: 'How much one client may ask for.',
  annotations: [PER_SECOND, PER_MINUTE, BURST, CONNECTIONS, RATE, RATE_AFTER, EXEMPT],
  isGlobal: ({ limitRate }) => limitRate > 0,
  read: (annotations, { ingress, globals, proxy }) => {
    const counted = {
      perSecond: annotations.get(PER_SECOND) ?? 0,
      perMinute: annotations.get(PER_MINUTE) ?? 0,
      connections: annotations.get(CONNECTIONS) ?? 0,
    };
    const how = { burstMultiplier: annotations.get(BURST) ?? 5, exempt: annotations.get(EXEMPT) };
    const forAll = judge(RATE, 'limits', proxy).isHonoured ? globals.limitRate : 0;
    const answer = {
      rate: annotations.get(RATE) ?? forAll,
      rateAfter: annotations.get(RATE_AFTER) ?? globals.limitRateAfter,
    };
    if (Math.max(...Object.values(counted), answer.rate) === 0) return {};
    const zone = zoneOf(ingress, { ...counted, ...how });
    const source = { object: annotations.object, field: 'metadata.annotations' };
    return { route: { limits: { zone, ...counted, ...how, ...answer, source } } };
  },
};

/**
 * nginx cannot reload a zone whose key is another under the same name (ngx_http_limit_req_init_zone), so that a change of any
 * limit starts with new counters. The uid makes an Ingress that is created again another one, as in ingress-nginx.
 */
function zoneOf({ metadata }: Ingress, counted: Partial<RateLimit>): string {
  const { namespace, name, uid } = metadata;
  const what = JSON.stringify([namespace, name, uid, Object.entries(counted)]);
  return `limit_${createHash('sha256').update(what).digest('hex').slice(0, 16)}`;
}
