import { differs, HONOURED, type Annotation, type Grammar } from '../annotation.ts';
import { bad, bool, inOneWord, integer, pathWithGroups, url } from '../grammar.ts';

const CUT =
  'of a URI that ends in a slash, the slash is cut only for Ingresses that have ssl-redirect, force-ssl-redirect or preserve-trailing-slash, or when the ConfigMap has one of them; for all others the URI stays as it is';
const PUBLIC_PORT = 'the port is the one that clients connect to: --public-http-port or --public-https-port';

type Rest = Omit<Annotation<boolean>, 'grammar' | 'syntax' | 'fallback' | 'scope' | 'nginx' | 'haproxy'>;

function flag(rest: Rest, fallback: string, note?: string): Annotation<boolean> {
  const support = note === undefined ? HONOURED : differs(note);
  const fixed = { grammar: bool, syntax: 'true or false', scope: 'path' } as const;
  return { ...rest, ...fixed, fallback, nginx: support, haproxy: support };
}

export const SSL_REDIRECT = flag(
  {
    key: 'ssl-redirect',
    risk: 'Low',
    about: 'Redirects plain HTTP to https with status 308 when the host has TLS; `false` serves both.',
  },
  'what is set for all, which is true',
  CUT,
);

export const FORCE_SSL_REDIRECT = flag(
  {
    key: 'force-ssl-redirect',
    risk: 'Medium',
    about: 'Redirects plain HTTP to https also when the host has no TLS here, because something in front has it.',
  },
  'false',
);

export const PRESERVE_TRAILING_SLASH = flag(
  {
    key: 'preserve-trailing-slash',
    risk: 'Medium',
    about: 'Keeps a slash at the end of the URI that plain HTTP is redirected to.',
  },
  'one slash at the end is cut',
);

export const RELATIVE_REDIRECTS = flag(
  { key: 'relative-redirects', risk: 'Low', about: 'Leaves a redirect to a path as it is, without scheme and host.' },
  'false',
);

export const USE_PORT_IN_REDIRECTS = flag(
  { key: 'use-port-in-redirects', risk: 'Low', about: 'Redirects name the port.' },
  'false',
  PUBLIC_PORT,
);

export const FROM_TO_WWW_REDIRECT = flag(
  {
    key: 'from-to-www-redirect',
    risk: 'Low',
    about: 'Redirects www.HOST to HOST with status 308, or HOST to www.HOST when that is the host of the rule.',
  },
  'false',
  `${PUBLIC_PORT}; over TLS only when there is a certificate for the other name`,
);

const redirectUrl = (rest: Pick<Annotation<string>, 'key' | 'about' | 'grammar' | 'syntax'>): Annotation<string> => ({
  ...rest,
  fallback: 'no redirect',
  scope: 'path',
  risk: 'Medium',
  nginx: HONOURED,
  haproxy: HONOURED,
});

export const PERMANENT_REDIRECT = redirectUrl({
  key: 'permanent-redirect',
  grammar: inOneWord(url),
  syntax: 'URL or path',
  about: 'Redirects every request to this URL with status 301; the path of the request is not appended.',
});

const webUrl: Grammar<string> = (text) => {
  const parsed = url(text);
  if (!parsed.ok) return parsed;
  return /^https?:/i.test(parsed.value) ? parsed : bad('does not start with http: or https:');
};

export const TEMPORAL_REDIRECT = redirectUrl({
  key: 'temporal-redirect',
  grammar: inOneWord(webUrl),
  syntax: 'URL with http: or https:',
  about: 'Redirects every request to this URL with status 302; goes before permanent-redirect.',
});

const code = (key: string, most: number, usual: number): Annotation<number> => ({
  key,
  grammar: integer(300, most),
  syntax: `status from 300 to ${most}`,
  fallback: String(usual),
  scope: 'path',
  risk: 'Low',
  about: `The status of ${key.replace('-code', '')}; with 300, 304, 305 and 306 the URL is no Location, as for nginx.`,
  nginx: HONOURED,
  haproxy: HONOURED,
});

export const PERMANENT_REDIRECT_CODE = code('permanent-redirect-code', 308, 301);
export const TEMPORAL_REDIRECT_CODE = code('temporal-redirect-code', 307, 302);

const absolutePath: Grammar<string> = (text) => {
  const parsed = pathWithGroups(text);
  if (!parsed.ok) return parsed;
  if (parsed.value.includes('$')) return bad('holds a "$", which stands for nothing here');
  return parsed.value.startsWith('/') ? parsed : bad('does not start with "/"');
};

export const APP_ROOT: Annotation<string> = {
  key: 'app-root',
  grammar: inOneWord(absolutePath),
  syntax: 'path',
  fallback: 'no redirect',
  scope: 'host',
  risk: 'Medium',
  about: 'Redirects `/` of the host to this path with status 302.',
  nginx: differs('behind a trusted proxy, the scheme is what its X-Forwarded-Proto says'),
  haproxy: differs('behind a trusted proxy, the scheme is what its X-Forwarded-Proto says'),
};
