import type { ResponseHeaders } from '../../model/route-features/headers.ts';
import { compareText } from '../../model/refs.ts';
import type { FeatureContext } from '../family.ts';
import type { AnnotationReader } from '../reader.ts';
import { CUSTOM_HEADERS } from './annotations.ts';

type Headers = ResponseHeaders['set'];

const NAME = /^[a-zA-Z\d_-]{1,256}$/;
/** As ingress-nginx has it (annotations/customheaders): printable ASCII. */
const VALUE = /^[a-zA-Z\d_ :;.,\\/"'?!(){}[\]@<>=\-+*#$&`|~^%]{1,2000}$/;
/** They say how a message is sent: who makes the message says that. */
const FRAMING = ['connection', 'content-length', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** Headers from the ConfigMap that an Ingress names. Without them, its routes are closed: they often keep harm from clients. */
export function readCustomHeaders(annotations: AnnotationReader, context: FeatureContext): Headers {
  const asked = annotations.get(CUSTOM_HEADERS);
  if (asked === undefined) return [];
  const { globals, lookup, ingress } = context;
  const namespace = asked.namespace ?? ingress.metadata.namespace;
  const found = lookup.configMap(namespace, asked.name);
  const isForeign = namespace !== ingress.metadata.namespace && !globals.allowCrossNamespaceResources;
  const name = `ConfigMap ${namespace}/${asked.name}`;
  const problem = isForeign ? `${name} is in another namespace` : found === undefined ? `${name} does not exist` : '';
  if (problem !== '') annotations.close(CUSTOM_HEADERS, problem);
  if (problem !== '' || found === undefined) return [];
  const headers = Object.entries(found.data).map(([header, value]) => ({ name: header, value: value.trim() }));
  const wrong = headers.flatMap((header) => problemOf(header, globals.allowedResponseHeaders) ?? []).sort();
  if (wrong[0] === undefined) return headers.sort((left, right) => compareText(left.name, right.name));
  annotations.close(CUSTOM_HEADERS, `${name} ${wrong[0]}`);
  return [];
}

function problemOf({ name, value }: Headers[number], allowed: readonly string[]): string | undefined {
  if (!NAME.test(name)) return 'has a key that is no name of a header';
  if (FRAMING.includes(name.toLowerCase())) return `sets ${name}, which belongs to the proxy`;
  if (!allowed.includes(name.toLowerCase())) return `sets ${name}, which global-allowed-response-headers does not list`;
  return VALUE.test(value) ? undefined : `has no value that a header can have for ${name}`;
}
