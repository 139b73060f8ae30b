import { NOTHING_ASKED, type IngressFeatures } from '../features/read-features.ts';
import { NO_ROUTE_FEATURES } from '../model/features.ts';
import type { Draft } from './drafts.ts';
import type { FeatureResolver } from './features.ts';

/**
 * What acts on the paths of a host that no rule has: in ingress-nginx each host has a location `/` with the annotations of
 * the Ingress that made the host, that is the oldest one (createServers in internal/ingress/controller/controller.go).
 * Nobody is to be kept from a 404, so only what answers before that counts: redirects, also those of who is not signed in,
 * preflights, and what every answer has.
 */
export function impliedRoot({ name, ingresses }: Draft, features: FeatureResolver): IngressFeatures {
  const [maker] = ingresses;
  const asked = maker === undefined || name === '' ? NOTHING_ASKED : features.of(maker);
  if (asked.route === undefined) return NOTHING_ASKED;
  const { redirect, httpsRedirect, cors, responseHeaders, logging } = asked.route;
  const externalAuth = asked.route.externalAuth?.signin === undefined ? undefined : asked.route.externalAuth;
  const parts = { redirect, httpsRedirect, cors, responseHeaders, logging, externalAuth };
  const isNothing = Object.values(parts).every((part) => part === undefined);
  return isNothing ? NOTHING_ASKED : { ...asked, route: { ...NO_ROUTE_FEATURES, ...parts } };
}
