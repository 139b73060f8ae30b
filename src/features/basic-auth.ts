import type { Secret } from '../model/objects.ts';
import { annotationIgnored, invalidUsers } from '../model/problems.ts';
import { differs, HONOURED, type Annotation, type Grammar } from './annotation.ts';
import { usersOf } from './basic-auth/users.ts';
import type { Asked, Family, FeatureContext } from './family.ts';
import { bad, choice, matching, objectName, type ObjectName } from './grammar.ts';
import type { AnnotationReader } from './reader.ts';

const TYPE: Annotation<'basic' | 'digest'> = {
  key: 'auth-type',
  grammar: choice('basic', 'digest'),
  syntax: '`basic`',
  fallback: 'no authentication',
  scope: 'path',
  risk: 'Low',
  about: 'Asks for a user and a password. They do not reach the endpoints: the header `Authorization` is removed.',
  guards: true,
  nginx: differs('`digest` closes the route (503): it needs a module that stock nginx does not have.'),
  haproxy: differs('`digest` closes the route (503): HAProxy does not have it.'),
};

const SECRET: Annotation<ObjectName> = {
  key: 'auth-secret',
  grammar: objectName,
  syntax: 'name of a Secret; NAMESPACE/NAME only where `allow-cross-namespace-resources` is set',
  fallback: 'none',
  scope: 'path',
  risk: 'Medium',
  about:
    'The Secret of users. Without it, the route answers 503. A user whose line cannot be used is told, and cannot log in: where that is so of all, every request is answered 401.',
  guards: true,
  nginx: differs(
    'Hashes of apr1, {SHA}, {SSHA}, {PLAIN} and of crypt(3), which is that of the machine: most know bcrypt and yescrypt.',
  ),
  haproxy: differs(
    'Hashes of crypt(3) and {PLAIN} only: users with apr1, which htpasswd makes when nothing is said, {SHA} or {SSHA} cannot log in, and where there are no others, the route answers 503. `openssl passwd -6` makes one that works.',
  ),
};

const SECRET_TYPE: Annotation<'auth-file' | 'auth-map'> = {
  key: 'auth-secret-type',
  grammar: choice('auth-file', 'auth-map'),
  syntax: '`auth-file` or `auth-map`',
  fallback: 'auth-file',
  scope: 'path',
  risk: 'Low',
  about:
    'Whether the Secret has lines of htpasswd in its key `auth`, or a key for each user with the hash as its value.',
  guards: true,
  nginx: HONOURED,
  haproxy: HONOURED,
};

const spacedName = matching(/^[/\-._~a-zA-Z0-9: ]*$/, 'of letters, digits, spaces and /-._~: only');

/** nginx takes the realm `off` as no authentication at all, in quotes, too (ngx_http_auth_basic_handler). */
const realm: Grammar<string> = (text) =>
  text.trim() === 'off' ? bad('cannot be a realm: nginx takes it as no authentication') : spacedName(text);

const REALM: Annotation<string> = {
  key: 'auth-realm',
  grammar: realm,
  syntax: 'letters, digits, spaces and `/-._~:`',
  fallback: 'an empty one',
  scope: 'path',
  risk: 'Medium',
  about: 'What browsers show when they ask for the password.',
  nginx: HONOURED,
  haproxy: differs('An empty realm is a space: HAProxy takes no empty one.'),
};

export const BASIC_AUTH: Family = {
  name: 'basic-auth',
  about: 'User names and passwords.',
  annotations: [TYPE, SECRET, SECRET_TYPE, REALM],
  read,
  // ingress-nginx: `no-auth-locations`, for what asks without a password, such as ACME.
  refine: (features, { path }) => {
    const isOpen = features.basicAuth?.openPaths.some((start) => path.startsWith(start)) === true;
    return isOpen ? { ...features, basicAuth: undefined } : features;
  },
};

/** As in ingress-nginx it is `auth-type` that asks for it. Whatever is wrong then closes the route. */
function read(annotations: AnnotationReader, context: FeatureContext): Asked {
  if (!annotations.has(TYPE)) {
    tellUnused(annotations);
    return {};
  }
  const type = annotations.get(TYPE);
  if (type === 'digest') annotations.close(TYPE, 'auth-type digest is not supported: use basic');
  if (type !== 'basic') return {};
  const realmText = annotations.get(REALM) ?? '';
  const file = usersFile(annotations, context);
  return file === undefined
    ? {}
    : { route: { basicAuth: { realm: realmText, file, openPaths: context.globals.noAuthLocations } } };
}

function tellUnused(annotations: AnnotationReader): void {
  if (!annotations.has(SECRET)) return;
  const reason = 'no auth-type: nobody is asked for a password; set auth-type: basic';
  annotations.tell(annotationIgnored(annotations.sourceOf(SECRET), reason));
}

/** Id of the file of users; `undefined` when there is none, and the route is closed. */
function usersFile(annotations: AnnotationReader, context: FeatureContext): string | undefined {
  if (!annotations.has(SECRET)) annotations.close(TYPE, 'auth-type needs auth-secret, the name of a Secret of users');
  const type = annotations.get(SECRET_TYPE) ?? 'auth-file';
  const name = annotations.get(SECRET);
  if (name === undefined || annotations.closed !== undefined) return undefined;
  const secret = findSecret(name, annotations, context);
  return secret === undefined ? undefined : writeUsers(secret, type, annotations, context);
}

function findSecret(
  { namespace: given, name }: ObjectName,
  annotations: AnnotationReader,
  { ingress, globals, lookup }: FeatureContext,
): Secret | undefined {
  const namespace = given ?? ingress.metadata.namespace;
  if (namespace !== ingress.metadata.namespace && !globals.allowCrossNamespaceResources) {
    annotations.close(SECRET, `Secret ${namespace}/${name} is in another namespace`);
    return undefined;
  }
  const secret = lookup.secret(namespace, name);
  if (secret === undefined) annotations.close(SECRET, `Secret ${namespace}/${name} does not exist`);
  return secret;
}

function writeUsers(
  secret: Secret,
  type: 'auth-file' | 'auth-map',
  annotations: AnnotationReader,
  { lookup, proxy }: FeatureContext,
): string | undefined {
  const source = annotations.sourceOf(SECRET);
  const name = `${secret.metadata.namespace}/${secret.metadata.name}`;
  const users = usersOf(secret, type, proxy.name);
  if (users === undefined) {
    annotations.close(
      SECRET,
      `Secret ${name} has no key "auth"; for a key for each user, set auth-secret-type: auth-map`,
    );
    return undefined;
  }
  if (users.problems.length > 0) annotations.tell(invalidUsers(source, name, users.problems));
  // ingress-nginx asks for a password that nobody has; where it is the proxy that knows none, the reason is to be seen.
  if (users.text === '' && users.hasStrangers) {
    annotations.close(SECRET, `Secret ${name} has no user whom the proxy could know`);
    return undefined;
  }
  return lookup.addFile({ kind: 'htpasswd', text: users.text, source }, 'htpasswd');
}
