import { differs, type Annotation } from './annotation.ts';
import type { Family, Features, RouteFacts } from './family.ts';
import { bool } from './grammar.ts';
import { rewriteTarget } from './rewrite-target.ts';
import { changesPaths } from './uses-regex.ts';

const NO_NAMES = 'named groups, comments and `\\Q` in a path are refused';
const NO_VARIABLES = 'a `$` that is not one of $1 to $9 is refused';

const REWRITE_TARGET: Annotation<string> = {
  key: 'rewrite-target',
  grammar: rewriteTarget,
  syntax: 'path with $1 to $9',
  fallback: 'no rewriting',
  scope: 'path',
  risk: 'Medium',
  about:
    'The path that the upstream sees, with $1 to $9 for the groups of the rule’s path; the query stays. All paths of the host become regular expressions, also those of other Ingresses.',
  nginx: differs(NO_VARIABLES),
  haproxy: differs(`${NO_VARIABLES}; a client is redirected to a URL only after addresses and passwords are checked`),
};

export const USE_REGEX: Annotation<boolean> = {
  key: 'use-regex',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'false',
  scope: 'host',
  risk: 'Low',
  about:
    'All paths of the host are regular expressions, also those of other Ingresses and exact ones: compared without case, from the longest text to the shortest, not anchored at the end; the first that matches has the request.',
  nginx: differs(NO_NAMES),
  haproxy: differs(
    `${NO_NAMES}; every alternative of a path such as \`/a|/b\` is anchored at the start of the request’s path; for nginx only the first one is`,
  ),
};

/** https://kubernetes.github.io/ingress-nginx/user-guide/ingress-path-matching/ */
export const REWRITE: Family = {
  name: 'rewrite',
  about: 'Regular expressions as paths, and the path that the upstream sees.',
  annotations: [REWRITE_TARGET, USE_REGEX],
  read: (annotations, { ingress }) => {
    const replacement = annotations.get(REWRITE_TARGET);
    const isRewritten = replacement !== undefined && changesPaths(ingress, replacement);
    const regex = annotations.get(USE_REGEX) === true || isRewritten;
    return {
      ...(regex ? { host: { regex } } : {}),
      ...(isRewritten ? { route: { rewrite: { pattern: '', replacement, isUrl: isUrl(replacement) } } } : {}),
    };
  },
  refine: withPattern,
};

/** nginx redirects to a replacement that is a URL: https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#rewrite */
function isUrl(replacement: string): boolean {
  return /^https?:\/\//.test(replacement);
}

/** The rule's path is what is replaced. */
function withPattern(features: Features, { path }: RouteFacts): Features {
  const { rewrite } = features;
  if (rewrite === undefined) return features;
  return { ...features, rewrite: path === rewrite.replacement ? undefined : { ...rewrite, pattern: path } };
}
