import type { ClientCertificates } from '../model/route-features/client-certificates.ts';
import { annotationIgnored } from '../model/problems.ts';
import { DEPTH, ERROR_PAGE, MATCH, PASS, SECRET, VERIFY } from './client-certificates/annotations.ts';
import type { Asked, Family, FeatureContext } from './family.ts';
import { namedSecret, secretName } from './named-secret.ts';
import { authoritiesOf, revokedOf } from './pem.ts';
import type { AnnotationReader } from './reader.ts';

/** https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#client-certificate-authentication */
export const CLIENT_CERTIFICATES: Family = {
  name: 'client-certificates',
  about: 'Mutual TLS: clients show a certificate.',
  annotations: [SECRET, VERIFY, DEPTH, ERROR_PAGE, PASS, MATCH],
  read,
};

/** Routes get it from their host: translate/route-features.ts. */
function read(annotations: AnnotationReader, context: FeatureContext): Asked {
  if (!annotations.has(SECRET)) {
    tellUnused(annotations);
    return {};
  }
  const matchSubject = annotations.get(MATCH);
  const files = filesOf(annotations, context);
  const clientCertificates: ClientCertificates = {
    authorities: annotations.closed === undefined ? files?.authorities : undefined,
    revoked: files?.revoked,
    verify: annotations.get(VERIFY) ?? 'on',
    depth: Math.max(1, annotations.get(DEPTH) ?? 1),
    errorPage: errorPageOf(annotations, context),
    passToUpstream: annotations.get(PASS) ?? false,
    matchSubject,
    openPaths: context.globals.noAuthLocations,
  };
  return { host: { clientCertificates } };
}

function tellUnused(annotations: AnnotationReader): void {
  const given = [VERIFY, DEPTH, ERROR_PAGE, PASS, MATCH].find((annotation) => annotations.has(annotation));
  if (given === undefined) return;
  const reason = 'no auth-tls-secret: clients are asked for no certificate';
  annotations.tell(annotationIgnored(annotations.sourceOf(given), reason));
}

type Files = Pick<ClientCertificates, 'authorities' | 'revoked'>;

/** `undefined` when they cannot be had, and the route is closed. */
function filesOf(annotations: AnnotationReader, context: FeatureContext): Files | undefined {
  const name = annotations.get(SECRET);
  if (name === undefined) return undefined;
  const secret = namedSecret(name, context);
  if (!secret.ok) {
    annotations.close(SECRET, secret.problem);
    return undefined;
  }
  const authorities = authoritiesOf(secret.value);
  const revoked = revokedOf(secret.value);
  if (!authorities.ok || !revoked.ok) {
    const problem = authorities.ok ? (revoked.ok ? '' : revoked.problem) : authorities.problem;
    annotations.close(SECRET, `${secretName(secret.value)} ${problem}`);
    return undefined;
  }
  const source = annotations.sourceOf(SECRET);
  const add = (text: string) => context.lookup.addFile({ kind: 'pem', text, source }, 'pem');
  return {
    authorities: add(authorities.value),
    revoked: revoked.value === undefined ? undefined : add(revoked.value),
  };
}

function errorPageOf(annotations: AnnotationReader, { proxy }: FeatureContext): string | undefined {
  const page = annotations.get(ERROR_PAGE);
  if (page === undefined || proxy.name !== 'haproxy' || /^https?:\/\//.test(page)) return page;
  annotations.refuse(ERROR_PAGE, 'is no URL, which it has to be for HAProxy');
  return undefined;
}
