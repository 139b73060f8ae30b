import { compareText } from '../../model/refs.ts';
import type { ExternalAuth } from '../../model/route-features/external-auth.ts';
import type { FeatureContext } from '../family.ts';
import { isRawVariable, variableProblem } from '../remote-url.ts';
import type { AnnotationReader } from '../reader.ts';
import { allowedIn } from '../snippets.ts';
import { fillSnippet } from '../snippets/fill.ts';
import { readSnippet } from '../snippets/read.ts';
import { PROXY_SET_HEADERS, SNIPPET } from './annotations.ts';

type Headers = ExternalAuth['requestHeaders'];

/** They say how a message is sent: who makes the message says that. */
const FRAMING = ['connection', 'content-length', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];
const MOST = 50;

/** Headers of the question, sorted, each once. Without them the service may let in whom it should not. */
export function readRequestHeaders(annotations: AnnotationReader, context: FeatureContext): Headers {
  const written = headersOfSnippet(annotations, context);
  const names = written.map(({ name }) => name.toLowerCase());
  const named = headersOfConfigMap(annotations, context).filter(({ name }) => !names.includes(name.toLowerCase()));
  return [...written, ...named].sort((left, right) => compareText(left.name, right.name));
}

const SET_HEADER = 'proxy_set_header';

/** What auth-snippet says, taken apart: nothing of its text is used as it is. */
function headersOfSnippet(annotations: AnnotationReader, context: FeatureContext): Headers {
  const text = annotations.get(SNIPPET);
  if (text === undefined) return [];
  const { namespace, name } = context.ingress.metadata;
  if (allowedIn(context)?.includes(SET_HEADER) !== true) {
    annotations.close(SNIPPET, `auth-snippet is off in namespace ${namespace}: --snippets allows it`);
    return [];
  }
  const parsed = readSnippet(text, 'location', [SET_HEADER]);
  const headers = parsed.ok ? fillSnippet(parsed.value, { namespace, ingress_name: name }).requestHeaders : [];
  const problem = parsed.ok ? problemOf(headers) : parsed.problem;
  if (problem === undefined) return headers;
  annotations.refuse(SNIPPET, problem);
  return [];
}

/** Headers from the ConfigMap that an Ingress names. */
function headersOfConfigMap(annotations: AnnotationReader, context: FeatureContext): Headers {
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
  const headers = Object.entries(found?.data ?? {}).map(([header, value]) => ({ name: header, value: value.trim() }));
  const problem = found === undefined ? 'does not exist' : problemOf(headers);
  if (problem === undefined) return headers;
  annotations.close(PROXY_SET_HEADERS, `${name} ${problem}`);
  return [];
}

function problemOf(headers: Headers): string | undefined {
  if (headers.length > MOST) return `has more than ${MOST} headers`;
  return headers.flatMap(({ name, value }) => headerProblem(name, value) ?? []).sort()[0];
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
