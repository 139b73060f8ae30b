import type { Secret } from '../../model/objects.ts';
import type { BackendTls } from '../../model/route-features/backend.ts';
import type { FeatureContext } from '../family.ts';
import { namedSecret, secretName } from '../named-secret.ts';
import { authoritiesOf, ownCertificateOf, textOf } from '../pem.ts';
import type { AnnotationReader } from '../reader.ts';
import { CIPHERS, DEPTH, NAME, PROTOCOLS, SECRET, SERVER_NAME, VERIFY } from './annotations.ts';

type Files = Pick<BackendTls, 'certificate' | 'authorities'>;

const NO_FILES: Files = { certificate: undefined, authorities: undefined };
const ALL = [SECRET, VERIFY, DEPTH, CIPHERS, PROTOCOLS, NAME, SERVER_NAME];

/** `undefined` when nothing is asked. A Secret that cannot be had, or a verification without authorities, closes the route. */
export function readBackendTls(annotations: AnnotationReader, context: FeatureContext): BackendTls | undefined {
  if (!ALL.some((annotation) => annotations.has(annotation))) return undefined;
  const { certificate, authorities } = readFiles(annotations, context);
  const verify = annotations.get(VERIFY) === 'on';
  if (verify && authorities === undefined) {
    annotations.close(VERIFY, 'proxy-ssl-verify needs ca.crt in the Secret of proxy-ssl-secret');
  }
  const protocols = annotations.get(PROTOCOLS) ?? [];
  return {
    certificate,
    authorities,
    verify,
    verifyDepth: annotations.get(DEPTH) ?? 1,
    ciphers: annotations.get(CIPHERS),
    protocols: protocols.length === 0 ? ['TLSv1.2', 'TLSv1.3'] : protocols,
    name: annotations.get(NAME),
    serverName: annotations.get(SERVER_NAME) === 'on',
  };
}

function readFiles(annotations: AnnotationReader, context: FeatureContext): Files {
  const name = annotations.get(SECRET);
  if (name === undefined) return NO_FILES;
  const secret = namedSecret(name, context);
  if (secret.ok) return filesOf(secret.value, annotations, context);
  annotations.close(SECRET, secret.problem);
  return NO_FILES;
}

function filesOf(secret: Secret, annotations: AnnotationReader, { lookup }: FeatureContext): Files {
  const source = annotations.sourceOf(SECRET);
  const add = (text: string | undefined) =>
    text === undefined ? undefined : lookup.addFile({ kind: 'pem', text, source }, 'pem');
  const own = ownCertificateOf(secret);
  const authorities =
    textOf(secret, 'ca.crt') === undefined ? ({ ok: true, value: undefined } as const) : authoritiesOf(secret);
  for (const part of [own, authorities]) {
    if (!part.ok) annotations.close(SECRET, `${secretName(secret)} ${part.problem}`);
  }
  if (!own.ok || !authorities.ok) return NO_FILES;
  if (own.value === undefined && authorities.value === undefined) {
    annotations.close(SECRET, `${secretName(secret)} has none of tls.crt and ca.crt`);
  }
  return { certificate: add(own.value), authorities: add(authorities.value) };
}
