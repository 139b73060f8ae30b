import { nearestName } from '../model/nearest-name.ts';
import { FAMILY_OF_KEY } from './registry.ts';

/** Keys that ingress-nginx once had, and what became of them. */
const REMOVED: Readonly<Record<string, string>> = {
  'secure-backends': 'ingress-nginx removed it; use backend-protocol: HTTPS',
  'grpc-backend': 'ingress-nginx removed it; use backend-protocol: GRPC',
  'session-cookie-hash': 'ingress-nginx removed it: cookies need no hash function any more',
  'add-base-url': 'ingress-nginx removed it; have the application write its own base URL',
  'base-url-scheme': 'ingress-nginx removed it; have the application write its own base URL',
  'secure-verify-ca-secret': 'ingress-nginx removed it; use proxy-ssl-secret and proxy-ssl-verify',
  'enable-influxdb': 'ingress-nginx removed it; scrape the metrics instead',
  'enable-opentracing': 'ingress-nginx removed it; use enable-opentelemetry',
  'global-rate-limit': 'ingress-nginx removed it; use limit-rps or limit-rpm',
  'enable-websockets': 'no version of ingress-nginx had it: WebSocket needs no annotation',
  'proxy-max-body-size': 'no version of ingress-nginx had it; use proxy-body-size',
  'client-max-body-size': 'no version of ingress-nginx had it; use proxy-body-size',
  'client-header-buffer-size': 'it is no annotation but a key of the ConfigMap',
};

const REMOVED_FAMILIES: readonly (readonly [string, string])[] = [
  ['influxdb-', 'ingress-nginx removed it; scrape the metrics instead'],
  ['opentracing-', 'ingress-nginx removed it; use enable-opentelemetry'],
  ['global-rate-limit-', 'ingress-nginx removed it; use limit-rps or limit-rpm'],
];

/** What to do about a key that is not known. */
export function hintFor(key: string): string {
  const removed = REMOVED[key] ?? REMOVED_FAMILIES.find(([start]) => key.startsWith(start))?.[1];
  if (removed !== undefined) return removed;
  const near = nearestName(key, [...FAMILY_OF_KEY.keys()]);
  const meant = near === undefined ? '' : `; did you mean ${near}?`;
  return `there is no annotation of this name${meant}`;
}
