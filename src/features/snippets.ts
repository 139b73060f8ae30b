import { annotationUnsupported } from '../model/problems.ts';
import type { Snippets } from '../model/route-features/snippets.ts';
import { differs, unsupported, type Annotation, type Support } from './annotation.ts';
import type { Family, FeatureContext } from './family.ts';
import { good } from './grammar.ts';
import type { AnnotationReader } from './reader.ts';
import type { Place } from './snippets/directives.ts';
import { fillSnippet } from './snippets/fill.ts';
import { HARMLESS, readSnippet } from './snippets/read.ts';

/** The same on every proxy. */
const HEADERS = HARMLESS.filter((name) => /_headers?$/.test(name));

const HAPROXY: Support = differs(
  `Off, as in ingress-nginx, unless \`--snippets\` or the ConfigMap (\`allow-snippet-annotations\`, with \`annotations-risk-level: Critical\`) allows it for the namespace. Then what it says of headers is taken: ${HEADERS.join(', ')}. Another directive, which would be in the language of nginx, drops the whole snippet. Of a server-snippet, headers reach the paths that the host has.`,
);

const COMMON = {
  // What it may say depends on its namespace.
  grammar: (text: string) => good(text),
  fallback: 'no snippet',
  risk: 'Critical',
  haproxy: HAPROXY,
} as const;

const TAKEN =
  'Off, as in ingress-nginx, unless `--snippets` or the ConfigMap (`allow-snippet-annotations`, with `annotations-risk-level: Critical`) allows it for the namespace. Then it is read directive by directive and written anew: only those that are listed are taken, with variables of the request only, among them `$req_id`, `$namespace`, `$ingress_name`, `$service_name` and `$service_port`; another one drops the whole snippet. No `set`, no `rewrite … last`, no blocks but `if`.';

const CONFIGURATION: Annotation<string> = {
  ...COMMON,
  key: 'configuration-snippet',
  syntax: `directives of nginx: ${HARMLESS.join(', ')}`,
  scope: 'path',
  about: 'Directives for the locations of the Ingress.',
  nginx: differs(
    `${TAKEN} The redirect to https, and the 503 of a Service without endpoints, go before it. What an annotation of the Ingress says, too, such as proxy-read-timeout, nginx refuses as a duplicate: then the Ingress is quarantined. For HTTP upstreams.`,
  ),
};

const SERVER: Annotation<string> = {
  ...COMMON,
  key: 'server-snippet',
  syntax: 'directives of nginx that are about no upstream: of those of configuration-snippet all but proxy_* and break',
  scope: 'host',
  about: 'Directives for the whole host; of several Ingresses, the oldest that has one decides.',
  nginx: differs(
    `${TAKEN} Headers reach every path of the host, also those that have headers of their own; of two with the same name, that of the path counts. A header of a request that is for an upstream of HTTP.`,
  ),
};

const STREAM: Annotation<string> = {
  ...COMMON,
  haproxy: unsupported('it is in the language of nginx; use templates of your own'),
  key: 'stream-snippet',
  syntax: 'directives of nginx',
  scope: 'Ingress',
  about: 'Directives for everything that is not HTTP, of all Ingresses.',
  nginx: unsupported('it would change what other Ingresses share; put it into templates of your own'),
};

/** https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#configuration-snippet */
export const SNIPPETS: Family = {
  name: 'snippets',
  about: 'Configuration in the language of nginx.',
  annotations: [CONFIGURATION, SERVER, STREAM],
  read: (annotations, context) => {
    annotations.get(STREAM);
    const route = read(CONFIGURATION, 'location', annotations, context);
    const host = read(SERVER, 'server', annotations, context);
    return {
      ...(route === undefined ? {} : { route: { snippets: route } }),
      ...(host === undefined ? {} : { host: { snippets: { ...host, lines: fillSnippet(host, NO_SERVICE).lines } } }),
    };
  },
  refine: (features, { service }) => {
    const { snippets } = features;
    if (snippets === undefined) return features;
    const names = { service_name: service?.name ?? '', service_port: service?.port ?? '' };
    return { ...features, snippets: fillSnippet(snippets, names) };
  },
};

/** The directives of a host run before it is known which of its paths a request is for. */
const NO_SERVICE = { service_name: '', service_port: '' };

function read(
  annotation: Annotation<string>,
  place: Place,
  annotations: AnnotationReader,
  context: FeatureContext,
): Snippets | undefined {
  const text = annotations.get(annotation);
  if (text === undefined || text.trim() === '') return undefined;
  const allowed = allowedIn(context);
  const { namespace } = context.ingress.metadata;
  if (allowed === undefined) {
    const reason = `snippets are off in namespace ${namespace}, and it is dropped; --snippets ${namespace} allows those that do no harm`;
    annotations.tell(annotationUnsupported(annotations.sourceOf(annotation), context.proxy.name, reason));
    return undefined;
  }
  const parsed = readSnippet(text, place, allowed);
  if (!parsed.ok) {
    annotations.refuse(annotation, parsed.problem);
    return undefined;
  }
  const foreign = foreignIn(parsed.value, context.proxy.name);
  if (foreign === undefined)
    return fillSnippet(parsed.value, { namespace, ingress_name: context.ingress.metadata.name });
  const reason = `it is dropped, because it has ${foreign}, and not only directives about headers`;
  annotations.tell(annotationUnsupported(annotations.sourceOf(annotation), context.proxy.name, reason));
  return undefined;
}

/** The first directive that only nginx has. */
function foreignIn({ lines }: Snippets, proxy: string): string | undefined {
  const [line] = proxy === 'nginx' ? [] : lines;
  return line?.type === 'words' ? line.name : line?.type;
}

/** Directives that a namespace may use; `undefined`: it may have no snippets. */
export function allowedIn({ ingress, globals, snippets = [] }: FeatureContext): readonly string[] | undefined {
  const { namespace } = ingress.metadata;
  const grant =
    snippets.find((item) => item.namespace === namespace) ?? snippets.find((item) => item.namespace === '*');
  if (grant !== undefined) return grant.directives.length === 0 ? HARMLESS : grant.directives;
  return globals.allowSnippetAnnotations && globals.annotationsRiskLevel === 'Critical' ? HARMLESS : undefined;
}
