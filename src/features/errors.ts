import type { ErrorPages, StandIn } from '../model/route-features/errors.ts';
import type { Target } from '../model/routing.ts';
import { differs, HONOURED, unsupported, type Annotation, type Grammar } from './annotation.ts';
import type { FeatureContext, Features, Family, RouteFacts } from './family.ts';
import { bad, bool, good, serviceName } from './grammar.ts';
import type { AnnotationReader } from './reader.ts';

const codes: Grammar<readonly number[]> = (text) => {
  const plain = text.replaceAll(/[ \t]/g, '');
  if (!/^(?:[45]\d{2},?)+$/.test(plain)) return bad('is not a list of status codes from 400 to 599');
  const numbers = plain.match(/\d{3}/g) ?? [];
  return good(sendable(numbers.map(Number)));
};

/** Sorted, each once. 499 is a client that went away: nobody gets an answer, and nginx takes no page for it. */
function sendable(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].filter((code) => code !== 499).sort((left, right) => left - right);
}

const NOT_HERE = 'HAProxy cannot send a request to another endpoint once it has the answer of the first';

const CODES: Annotation<readonly number[]> = {
  key: 'custom-http-errors',
  grammar: codes,
  syntax: 'status codes from 400 to 599 with commas between them',
  fallback: 'what is set for all, which is none',
  scope: 'path',
  risk: 'Low',
  about:
    'Answers with one of these codes are replaced by those of default-backend, or of the default backend of everything. It is told what happened by the headers X-Code, X-Format, X-Original-URI, X-Namespace, X-Ingress-Name, X-Service-Name, X-Service-Port and X-Request-ID.',
  nginx: HONOURED,
  haproxy: unsupported(`${NOT_HERE}: answers stay as they are; let the application make its own error pages`),
};

const BACKEND: Annotation<string> = {
  key: 'default-backend',
  grammar: serviceName,
  syntax: 'name of a Service in the namespace of the Ingress; its first port is used',
  fallback: 'the default backend of everything',
  scope: 'path',
  risk: 'Low',
  about: 'Serves while the Service has no ready endpoint, and what custom-http-errors replaces.',
  nginx: HONOURED,
  haproxy: differs(`only while the Service has no ready endpoint: ${NOT_HERE}`),
};

const OWN_ONLY: Annotation<boolean> = {
  key: 'disable-proxy-intercept-errors',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'what is set for all, which is false',
  scope: 'path',
  risk: 'Low',
  about: 'Leaves the answers of endpoints as they are: custom-http-errors replaces only those of the proxy itself.',
  nginx: HONOURED,
  haproxy: differs('always so; those of the proxy itself stay, too'),
};

/** https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#custom-http-errors */
export const ERRORS: Family = {
  name: 'errors',
  about: 'Error pages, and what serves when nothing else does.',
  annotations: [CODES, BACKEND, OWN_ONLY],
  isGlobal: ({ customHttpErrors }) => customHttpErrors.length > 0,
  read: (annotations, context) => {
    const { globals, proxy, ingress } = context;
    const replaced = annotations.get(CODES) ?? (proxy.name === 'nginx' ? sendable(globals.customHttpErrors) : []);
    const standIn = standInOf(annotations, context);
    const ownErrorsOnly = annotations.get(OWN_ONLY) ?? globals.disableProxyInterceptErrors;
    if (replaced.length === 0 && standIn === undefined) return {};
    const { namespace, name } = ingress.metadata;
    const about = { namespace, ingress: name, service: '', port: '' };
    return { route: { errors: { codes: replaced, backend: undefined, standIn, ownErrorsOnly, about } } };
  },
  refine: (features, facts) => ({ ...features, errors: features.errors && completed(features.errors, facts) }),
};

/** A Service without endpoints stands in for nobody (ingress-nginx, getBackendServers). */
function standInOf(annotations: AnnotationReader, { ingress, lookup }: FeatureContext): StandIn | undefined {
  const name = annotations.get(BACKEND);
  if (name === undefined) return undefined;
  const { namespace } = ingress.metadata;
  const port = lookup.service(namespace, name)?.ports[0];
  if (port === undefined) {
    annotations.refuse(BACKEND, 'is not the name of a Service with a port in this namespace');
    return undefined;
  }
  const backend = { type: 'service', name, port: { number: port.port } } as const;
  const target = lookup.target(backend, namespace, annotations.sourceOf(BACKEND));
  return isServing(target) ? target : undefined;
}

function isServing(target: Target): target is StandIn {
  return target.type === 'upstream' && target.available;
}

function completed(errors: ErrorPages, { service, fallback }: RouteFacts): Features['errors'] {
  const about = { ...errors.about, service: service?.name ?? '', port: service?.port ?? '' };
  const backend = errors.codes.length === 0 ? undefined : (errors.standIn ?? fallback);
  return { ...errors, backend, about };
}
