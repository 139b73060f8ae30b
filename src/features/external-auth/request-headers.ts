import { compareText } from '../../model/refs.ts';
import type { ExternalAuth } from '../../model/route-features/external-auth.ts';
import type { ConfigMap } from '../../model/objects.ts';
import type { FeatureContext } from '../family.ts';
import { isRawVariable, variableProblem } from '../remote-url.ts';
import type { AnnotationReader } from '../reader.ts';
import { PROXY_SET_HEADERS } from './annotations.ts';

type Headers = ExternalAuth['requestHeaders'];

/** They say how a message is sent: who makes the message says that. */
const FRAMING = ['connection', 'content-length', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];
const MOST = 50;

/** Headers from the ConfigMap that an Ingress names, sorted. Without them the service may let in whom it should not. */
export function readRequestHeaders(annotations: AnnotationReader, context: FeatureContext): Headers {
  const asked = annotations.get(PROXY_SET_HEADERS);
  if (asked === undefined) return [];
  const { globals, lookup, ingress } = context;
  const namespace = asked.namespace ?? ingress.metadata.namespace;
  const name = `ConfigMap ${namespace}/${asked.name}`;
  if (namespace !== ingress.metadata.namespace && !globals.allowCrossNamespaceResources) {
    annotations.close(PROXY_SET_HEADERS, `${name} is in another namespace`);
    return [];
  }
  const found = lookup.configMap(namespace, asked.name);
  const problem = found === undefined ? 'does not exist' : problemOf(found);
  if (problem !== undefined || found === undefined) {
    annotations.close(PROXY_SET_HEADERS, `${name} ${problem ?? 'does not exist'}`);
    return [];
  }
  const headers = Object.entries(found.data).map(([header, value]) => ({ name: header, value: value.trim() }));
  return headers.sort((left, right) => compareText(left.name, right.name));
}

function problemOf({ data }: ConfigMap): string | undefined {
  const entries = Object.entries(data);
  if (entries.length > MOST) return `has more than ${MOST} headers`;
  return entries.flatMap(([name, value]) => headerProblem(name, value.trim()) ?? []).sort()[0];
}

function headerProblem(name: string, value: string): string | undefined {
  if (!/^[a-zA-Z\d_-]{1,64}$/.test(name)) return 'has a key that is no name of a header';
  if (FRAMING.includes(name.toLowerCase())) return `sets ${name}, which belongs to the proxy`;
  if (!/^[ -~]{0,2000}$/.test(value)) return `has no value that a header can have for ${name}`;
  const problem = variableProblem(value, isHeaderVariable);
  return problem === undefined ? undefined : `has a value for ${name} that ${problem}`;
}

/** What comes as the client sent it: neither a header nor a cookie can hold a line break. */
function isHeaderVariable(name: string): boolean {
  return isRawVariable(name) || /^(?:http|cookie)_[A-Za-z0-9_]{1,64}$/.test(name);
}
