import { createHash } from 'node:crypto';
import { annotationIgnored } from '../model/problems.ts';
import type { BackendProtocol, BackendTls } from '../model/route-features/backend.ts';
import {
  CIPHERS,
  DEPTH,
  INDEX,
  NAME,
  PARAMETERS,
  PROTOCOL,
  PROTOCOLS,
  SECRET,
  SERVER_NAME,
  VERIFY,
} from './backend/annotations.ts';
import { readFastCgi } from './backend/fastcgi.ts';
import { readBackendTls } from './backend/tls.ts';
import type { Asked, Family, FeatureContext, Features, RouteFacts } from './family.ts';
import type { AnnotationReader } from './reader.ts';

/** https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#backend-protocol */
export const BACKEND: Family = {
  name: 'backend',
  about: 'What endpoints speak, and TLS to them.',
  annotations: [PROTOCOL, INDEX, PARAMETERS, SECRET, VERIFY, DEPTH, CIPHERS, PROTOCOLS, NAME, SERVER_NAME],
  read,
  refine,
};

function read(annotations: AnnotationReader, context: FeatureContext): Asked {
  const protocol = readProtocol(annotations, context);
  const asked = readBackendTls(annotations, context);
  const backendTls = protocol !== undefined && speaksTls(protocol) ? asked : undefined;
  if (asked !== undefined && backendTls === undefined) tellUnused(annotations);
  if (protocol === undefined) return {};
  const text = JSON.stringify([protocol, backendTls]);
  const speaks = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return { route: { protocol, backendTls }, upstream: { speaks } };
}

function readProtocol(annotations: AnnotationReader, context: FeatureContext): BackendProtocol | undefined {
  const name = annotations.get(PROTOCOL);
  switch (name) {
    case 'HTTPS':
      return { type: 'https' };
    case 'GRPC':
      return { type: 'grpc' };
    case 'GRPCS':
      return { type: 'grpcs' };
    case 'FCGI':
      return readFastCgi(annotations, context);
    case 'AUTO_HTTP':
      if (context.proxy.name !== 'haproxy') return { type: 'auto-http' };
      annotations.close(PROTOCOL, 'HAProxy cannot speak AUTO_HTTP: say HTTP or HTTPS');
      return undefined;
    case 'HTTP':
    case undefined:
      return undefined;
  }
}

function speaksTls({ type }: BackendProtocol): boolean {
  return type === 'https' || type === 'grpcs' || type === 'auto-http';
}

function tellUnused(annotations: AnnotationReader): void {
  const given = [SECRET, VERIFY, DEPTH, CIPHERS, PROTOCOLS, NAME, SERVER_NAME].find((one) => annotations.has(one));
  if (given === undefined) return;
  const reason = 'endpoints are not spoken to by TLS: backend-protocol is neither HTTPS nor GRPCS';
  annotations.tell(annotationIgnored(annotations.sourceOf(given), reason));
}

/** Without another name, endpoints are called as their Service is within the cluster. */
function refine(features: Features, { service }: RouteFacts): Features {
  const { backendTls } = features;
  if (backendTls === undefined || backendTls.name !== undefined || service === undefined) return features;
  const named: BackendTls = { ...backendTls, name: `${service.name}.${service.namespace}.svc` };
  return { ...features, backendTls: named };
}
