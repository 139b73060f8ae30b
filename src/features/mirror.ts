import { differs, HONOURED, unsupported, type Annotation, type Grammar } from './annotation.ts';
import type { Asked, Family, FeatureContext } from './family.ts';
import { bad, good, matching, onOff } from './grammar.ts';
import type { AnnotationReader } from './reader.ts';
import { locate, remoteUrl, urlProblem, withHost, type ParsedUrl } from './remote-url.ts';

const NOT_HERE = unsupported(
  'HAProxy copies requests only to an agent, which sluice does not ship: copy them in front of it, or in the application',
);

const TARGET: Annotation<ParsedUrl> = {
  key: 'mirror-target',
  grammar: remoteUrl,
  syntax: 'URL, with variables such as `$request_uri`',
  fallback: 'no copy',
  scope: 'path',
  risk: 'High',
  about:
    'Where a copy of each request goes that may pass; the answer is thrown away. Without a path in the URL, the path of the request is used.',
  nginx: differs(
    'A host that is neither a Service (NAME.NAMESPACE.svc.cluster.local) nor an IPv4 address or `localhost` needs `--resolver`: without it there is no copy. Of variables only those are taken that come as the client sent them: not `$uri`.',
  ),
  haproxy: NOT_HERE,
};

const BODY: Annotation<'on' | 'off'> = {
  key: 'mirror-request-body',
  grammar: onOff,
  syntax: 'on or off',
  fallback: 'on',
  scope: 'path',
  risk: 'Low',
  about: 'Whether the copy has the body of the request.',
  nginx: HONOURED,
  haproxy: NOT_HERE,
};

const plainHost = matching(/^(?=.)[-._a-zA-Z0-9:${}]{1,300}$/, 'the name of a host');

const hostHeader: Grammar<string> = (text) => {
  const plain = plainHost(text);
  if (!plain.ok) return plain;
  const problem = urlProblem(plain.value);
  return problem === undefined ? good(plain.value) : bad(problem);
};

const HOST: Annotation<string> = {
  key: 'mirror-host',
  grammar: hostHeader,
  syntax: 'name of a host, or a variable such as `$host`',
  fallback: 'the host of mirror-target',
  scope: 'path',
  risk: 'High',
  about: 'The header Host of the copy.',
  nginx: HONOURED,
  haproxy: NOT_HERE,
};

/** https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#mirror */
export const MIRROR: Family = {
  name: 'mirror',
  about: 'A copy of each request goes elsewhere. A copy that cannot be made keeps nobody from the original.',
  annotations: [TARGET, BODY, HOST],
  read,
  refine: (features, { host }) => ({ ...features, mirror: features.mirror && withHost(features.mirror, host) }),
};

function read(annotations: AnnotationReader, context: FeatureContext): Asked {
  const withBody = annotations.get(BODY) !== 'off';
  const host = annotations.get(HOST);
  const url = annotations.get(TARGET);
  if (url === undefined) return {};
  // Nothing but the own machine has this name, with a DNS server or without.
  const place = locate(url.host === 'localhost' ? { ...url, host: '127.0.0.1' } : url, context);
  if (!place.ok) {
    annotations.refuse(TARGET, `cannot be reached: ${place.problem}`);
    return {};
  }
  const uri = place.value.uri === '' ? '$request_uri' : place.value.uri;
  return { route: { mirror: { ...place.value, uri, hostHeader: host ?? url.host, withBody } } };
}
