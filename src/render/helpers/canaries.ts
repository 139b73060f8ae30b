import { createHash } from 'node:crypto';
import type { SessionCookie } from '../../model/route-features/balance.ts';
import type { Canary } from '../../model/route-features/canary.ts';
import type { RouteFeatures } from '../../model/features.ts';
import type { Target } from '../../model/routing.ts';
import { textArgument } from './arguments.ts';
import { ENCODING_HELPERS } from './encoding.ts';
import { isAtLeast } from '../../model/version.ts';

/** One question about a request of a route with canaries. */
export interface CanaryStep {
  readonly kind: 'share' | 'cookie' | 'header' | 'sticky';
  /** From 1; a later step goes before an earlier one. */
  readonly step: number;
  /** Those that it is about; one for `cookie` and `header`. */
  readonly canaries: readonly Canary[];
}

/** Endings of the names of variables and cookies: letters and digits that stand for themselves everywhere. */
function tag(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

interface NginxSession {
  /** Ending of the names of the variables of the route. */
  readonly id: string;
  /** The cookie names the endpoint itself: `sticky` of nginx, from 1.29.6 on. */
  readonly isRouted: boolean;
  /** What the cookie says of the endpoint and of the Service, with variables of the nginx pack. */
  readonly key: string;
  readonly tag: string;
}

/** What nginx needs to know of the session of a route; `undefined` when there is none, or nothing to keep a client at. */
function nginxSession(
  { id: features, session, canaries }: RouteFeatures,
  target: Target,
  version: string,
): NginxSession | undefined {
  if (session === undefined || target.type !== 'upstream') return undefined;
  const { upstream, externalName } = target;
  const id = ENCODING_HELPERS.hash8(features, upstream);
  const isRouted = session.mode === 'persistent' && externalName === undefined && isAtLeast(version, '1.29.6');
  const own = isRouted
    ? `sluice_route_${ENCODING_HELPERS.hash8(upstream)}`
    : `sluice_session_${ENCODING_HELPERS.hash8(session.name)}`;
  const hasCanaries = canaries.length > 0;
  const key = `\${${isRouted && hasCanaries ? `sluice_key_${id}` : own}}`;
  return { id, isRouted, key, tag: hasCanaries ? `\${sluice_tag_${id}}` : CANARY_HELPERS.sessionTag(upstream) };
}

/**
 * Whether nginx can find out when the cookie of a session expires: it does so in the question whether somebody may come in,
 * which a route can ask once only, and which must not let anybody in where one of several guards is enough.
 */
function sessionDate(features: RouteFeatures, target: Target): boolean {
  const { session, externalAuth, access, closed } = features;
  if (session?.expires === undefined || target.type !== 'upstream' || !target.available || closed !== undefined)
    return false;
  return externalAuth === undefined && access?.satisfy !== 'any';
}

export const CANARY_HELPERS = {
  /** From the last to be asked to the first: shares, then the cookie of each canary, then the header of each, then sessions. */
  canarySteps: (canaries: readonly Canary[]): readonly CanaryStep[] => {
    const shared = canaries.filter(({ share }) => share > 0);
    const sticky = canaries.filter((canary) => canary.sticky);
    const reversed = canaries.toReversed();
    const steps = [
      ...(shared.length > 0 ? [{ kind: 'share', canaries: shared } as const] : []),
      ...reversed
        .filter(({ cookie }) => cookie !== undefined)
        .map((one) => ({ kind: 'cookie', canaries: [one] }) as const),
      ...reversed
        .filter(({ header }) => header !== undefined)
        .map((one) => ({ kind: 'header', canaries: [one] }) as const),
      ...(sticky.length > 0 ? [{ kind: 'sticky', canaries: sticky } as const] : []),
    ];
    return steps.map((step, index) => ({ ...step, step: index + 1 }));
  },
  /** What a cookie says of the Service that a client is bound to, whatever the options of its upstream. */
  sessionTag: (upstream: unknown) => tag(textArgument('sessionTag', upstream).split('.', 1)[0] ?? ''),
  /** What a cookie says of the endpoint. */
  endpointTag: (address: unknown, port: unknown) =>
    tag(`${textArgument('endpointTag', address)}:${textArgument('endpointTag', port)}`),
  /** A number from 1 for an endpoint, always the same: HAProxy places servers by it in a consistent hash. */
  endpointNumber: (address: unknown, port: unknown) =>
    (Number.parseInt(tag(`${textArgument('endpointNumber', address)}:${textArgument('endpointNumber', port)}`), 16) >>>
      1) +
    1,
  nginxSession,
  sessionDate,
  /** Attributes of the cookie of a session, with variables of the nginx pack. */
  sessionAttributes: (session: SessionCookie, hasDate: unknown): string => {
    const { maxAge, expires, domain, path, secure, sameSite, conditionalSameSiteNone } = session;
    const age = maxAge ?? expires;
    const isConditional = sameSite === 'None' && conditionalSameSiteNone;
    const attributes = [
      hasDate === true ? '${sluice_expires_attribute}' : '',
      age === undefined ? '' : `; Max-Age=${age}`,
      domain === undefined ? '' : `; Domain=${domain}`,
      `; Path=${path}`,
      secure === true ? '; Secure' : '${sluice_secure}',
      '; HttpOnly',
      isConditional ? '${sluice_same_site_none}' : sameSite === undefined ? '' : `; SameSite=${sameSite}`,
    ];
    return attributes.join('');
  },
};
