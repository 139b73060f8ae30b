import type { AddressList } from '../model/route-features/access.ts';
import { ADDRESSES, toAddressList } from './address-list.ts';
import { differs, HONOURED, type Annotation } from './annotation.ts';
import type { Family } from './family.ts';
import { choice } from './grammar.ts';

const ALLOW: Annotation<AddressList> = {
  key: 'whitelist-source-range',
  aliases: ['allowlist-source-range'],
  ...ADDRESSES,
  fallback: 'everybody',
  scope: 'path',
  risk: 'Medium',
  about:
    'Who may come, by the address of the client after `--trusted-proxies`; all others are answered 403. A list that holds anything else closes the route (503).',
  guards: true,
  nginx: HONOURED,
  haproxy: HONOURED,
};

const DENY: Annotation<AddressList> = {
  key: 'denylist-source-range',
  ...ADDRESSES,
  fallback: 'nobody',
  scope: 'path',
  risk: 'Medium',
  about: 'Who may not come: is answered 403, also when whitelist-source-range has the address.',
  guards: true,
  nginx: HONOURED,
  haproxy: HONOURED,
};

/** Not a guard: without it all of them must be satisfied, which is the stricter of the two. */
const SATISFY: Annotation<'all' | 'any'> = {
  key: 'satisfy',
  grammar: choice('any', 'all'),
  syntax: '`any` or `all`',
  fallback: 'all',
  scope: 'path',
  risk: 'Low',
  about:
    'Whether one of address lists, basic and external authentication is enough, or all of them must let a request in.',
  nginx: HONOURED,
  haproxy: differs('There is no external authentication, so that it joins address lists and basic authentication.'),
};

export const ACCESS: Family = {
  name: 'access',
  about: 'Who may come, by address.',
  annotations: [ALLOW, DENY, SATISFY],
  isGlobal: ({ allowedSources, deniedSources }) => allowedSources.length + deniedSources.length > 0,
  read: (annotations, { globals }) => {
    const allow = annotations.get(ALLOW) ?? listOf(globals.allowedSources);
    const deny = annotations.get(DENY) ?? listOf(globals.deniedSources);
    const satisfy = annotations.get(SATISFY);
    if (allow === undefined && deny === undefined && satisfy === undefined) return {};
    return { route: { access: { allow, deny, satisfy } } };
  },
};

/** As in ingress-nginx, an annotation goes in place of the list for all. */
function listOf(sources: readonly string[]): AddressList | undefined {
  return sources.length === 0 ? undefined : toAddressList(sources);
}
