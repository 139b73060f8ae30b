import type { Family, Features, RouteFacts } from './family.ts';
import { CONNECTION, CUSTOM_HEADERS, FORWARDED_PREFIX, HTTP2_PUSH, UPSTREAM_VHOST } from './headers/annotations.ts';
import { readCustomHeaders } from './headers/custom-headers.ts';
import { fillIn } from './headers/upstream-vhost.ts';

/** Headers of requests to upstreams, and of answers. */
export const HEADERS: Family = {
  name: 'headers',
  about: 'Headers of requests and answers.',
  annotations: [UPSTREAM_VHOST, FORWARDED_PREFIX, CONNECTION, CUSTOM_HEADERS, HTTP2_PUSH],
  read: (annotations, context) => {
    const { namespace, name } = context.ingress.metadata;
    const vhost = annotations.get(UPSTREAM_VHOST);
    const host = vhost === undefined ? undefined : fillIn(vhost, { namespace, ingress_name: name });
    const forwardedPrefix = annotations.get(FORWARDED_PREFIX);
    const connection = annotations.get(CONNECTION);
    const set = readCustomHeaders(annotations, context);
    const pushPreload = annotations.get(HTTP2_PUSH) ?? false;
    const asksRequest = (host ?? forwardedPrefix ?? connection) !== undefined;
    return {
      route: {
        ...(asksRequest ? { requestHeaders: { host, forwardedPrefix, connection } } : {}),
        ...(set.length > 0 || pushPreload ? { responseHeaders: { set, pushPreload } } : {}),
      },
    };
  },
  refine: (features, facts) => ({ ...features, requestHeaders: ofRoute(features, facts) }),
};

/** The prefix is only told where a rewrite took it away (ingress-nginx, nginx.tmpl). */
function ofRoute({ requestHeaders, rewrite }: Features, { service }: RouteFacts): Features['requestHeaders'] {
  if (requestHeaders === undefined) return undefined;
  const names = { service_name: service?.name ?? '', service_port: service?.port ?? '' };
  const host = requestHeaders.host && fillIn(requestHeaders.host, names);
  const forwardedPrefix = rewrite && requestHeaders.forwardedPrefix;
  const made = { ...requestHeaders, host, forwardedPrefix };
  return Object.values(made).every((value) => value === undefined) ? undefined : made;
}
