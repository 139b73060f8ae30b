import { isRequestVariable, piecesOf } from '../model/request-variables.ts';
import type { Balance } from '../model/route-features/balance.ts';
import { differs, HONOURED, type Annotation, type Grammar } from './annotation.ts';
import { cookiePath, readSession, SESSION_ANNOTATIONS } from './balance/session.ts';
import type { Asked, Family, FeatureContext } from './family.ts';
import type { Globals } from './globals.ts';
import { bad, bool, choice, good, integer, nginxVariables } from './grammar.ts';
import type { AnnotationReader } from './reader.ts';

const EWMA =
  'ewma chooses the endpoint with fewer connections of two at random: no stock proxy measures response times';

const LOAD_BALANCE = {
  key: 'load-balance',
  grammar: choice('round_robin', 'ewma', 'chash', 'chashsubset', 'sticky_balanced', 'sticky_persistent'),
  syntax:
    '`round_robin` or `ewma`; `chash`, `chashsubset`, `sticky_balanced` and `sticky_persistent` say nothing by themselves',
  fallback: 'round_robin',
  scope: 'Ingress',
  risk: 'Low',
  about:
    'How an endpoint is chosen, where neither `affinity` nor `upstream-hash-by` says so. The other values of ingress-nginx stand for those two, and are round robin without them.',
  nginx: differs(`${EWMA}; each worker counts its own connections`),
  haproxy: differs(EWMA),
} as const satisfies Annotation<string>;

/** Names that only ingress-nginx has, and what they stand for there. */
const ALIASES: Readonly<Record<string, string>> = { the_real_ip: 'remote_addr', best_http_host: 'http_host' };

/** Variables become `${name}`, so that what follows a name never belongs to it. */
const hashKey: Grammar<string> = (text) => {
  const plain = nginxVariables(text.replaceAll(' ', ''));
  if (!plain.ok) return plain;
  const pieces = piecesOf(plain.value);
  if (pieces === undefined || /[{}]/.test(pieces.map((piece) => ('text' in piece ? piece.text : '')).join(''))) {
    return bad('is no text with variables such as $request_uri or ${request_uri}');
  }
  const names = pieces.map((piece) =>
    'text' in piece ? piece : { variable: ALIASES[piece.variable] ?? piece.variable },
  );
  const unknown = names.find((piece) => 'variable' in piece && !isRequestVariable(piece.variable));
  if (unknown !== undefined && 'variable' in unknown) {
    return bad(`names $${unknown.variable}; only variables that describe the request can be used`);
  }
  return good(names.map((piece) => ('text' in piece ? piece.text : `\${${piece.variable}}`)).join(''));
};

const HASH_BY: Annotation<string> = {
  key: 'upstream-hash-by',
  grammar: hashKey,
  syntax:
    'text with variables of nginx: `$request_uri`, `$uri`, `$args`, `$host`, `$remote_addr`, `$request_method`, `$scheme`, `$server_name`, `$http_NAME`, `$cookie_NAME`, `$arg_NAME`',
  fallback: 'no hash',
  scope: 'Ingress',
  risk: 'High',
  about: 'Requests for which the text is the same go to the same endpoint, by a consistent hash.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

const SUBSET_NOTE = 'when endpoints come or go, all subsets are made anew; of an ExternalName there are none';

const SUBSET: Annotation<boolean> = {
  key: 'upstream-hash-by-subset',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'false',
  scope: 'Ingress',
  risk: 'Low',
  about: 'upstream-hash-by chooses a subset of the endpoints, of which each request gets one at random.',
  nginx: differs(SUBSET_NOTE),
  haproxy: differs(`${SUBSET_NOTE}; then, HAProxy is reloaded`),
};

const SUBSET_SIZE: Annotation<number> = {
  key: 'upstream-hash-by-subset-size',
  grammar: integer(1, 100_000),
  syntax: 'whole number',
  fallback: '3',
  scope: 'Ingress',
  risk: 'Low',
  about: 'Endpoints of a subset.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

const SERVICE_UPSTREAM: Annotation<boolean> = {
  key: 'service-upstream',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'false',
  scope: 'Ingress',
  risk: 'Low',
  about:
    'Requests go to the cluster IP and port of the Service, and the cluster chooses the endpoint; to the endpoints where there is no cluster IP.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

export const BALANCE: Family = {
  name: 'balance',
  about: 'How an upstream chooses among its endpoints, and sessions.',
  annotations: [LOAD_BALANCE, HASH_BY, SUBSET, SUBSET_SIZE, ...SESSION_ANNOTATIONS, SERVICE_UPSTREAM],
  isGlobal: ({ loadBalance, serviceUpstream }) => loadBalance === 'ewma' || serviceUpstream,
  read,
  refine: (features, { path, match }) => {
    const { session } = features;
    if (session?.path !== '') return features;
    return { ...features, session: { ...session, path: cookiePath(path, match) } };
  },
};

function read(annotations: AnnotationReader, { globals }: FeatureContext): Asked {
  const session = readSession(annotations);
  const viaClusterIp = annotations.get(SERVICE_UPSTREAM) ?? globals.serviceUpstream;
  const balance = readBalance(annotations, session, globals.loadBalance);
  return { upstream: { balance, viaClusterIp }, ...(session === undefined ? {} : { route: { session } }) };
}

function readBalance(
  annotations: AnnotationReader,
  session: Balance['session'],
  usual: Globals['loadBalance'],
): Balance | undefined {
  const hashBy = annotations.get(HASH_BY);
  const wanted = annotations.get(LOAD_BALANCE) ?? usual;
  const size = readSubsetSize(annotations);
  const algorithm = hashBy !== undefined ? 'hash' : wanted === 'ewma' ? 'least-connections' : 'round-robin';
  if (algorithm === 'round-robin' && session === undefined) return undefined;
  // A session goes before it.
  const subsetSize = hashBy !== undefined && session === undefined ? size : undefined;
  return { algorithm, hashBy, subsetSize, session: session && { name: session.name, mode: session.mode } };
}

function readSubsetSize(annotations: AnnotationReader): number | undefined {
  const size = annotations.get(SUBSET_SIZE) ?? 3;
  return annotations.get(SUBSET) === true ? size : undefined;
}
