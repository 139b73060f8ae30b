import assert from 'node:assert/strict';
import { ingress } from '../support/manifests.ts';
import type { BehaviourTable } from './case.ts';

const PREFIX = 'nginx.ingress.kubernetes.io';

const HEADERS = `
# A comment; with { everything }
more_set_headers "X-Replaced: by-$request_method" 'X-Other: it"s';
add_header X-Added "$http_x_asked" always;
proxy_set_header X-Sent "to;the}upstream $arg_name";
proxy_hide_header X-Hidden;
`;

export const SNIPPETS: BehaviourTable = {
  family: 'snippets',
  flags: ['--snippets', '*'],
  cases: [
    {
      name: 'headers of a configuration-snippet are set, added, and sent to the upstream',
      keys: ['configuration-snippet'],
      annotations: { 'configuration-snippet': HEADERS },
      requests: [
        {
          path: '/?name=ann',
          headers: { 'X-Asked': 'yes' },
          want: {
            status: 200,
            backend: 'alpha',
            headers: { 'x-replaced': 'by-GET', 'x-other': 'it"s', 'x-added': 'yes' },
            upstreamHeaders: { 'x-sent': 'to;the}upstream ann', 'x-real-ip': /./, host: /./ },
          },
        },
      ],
    },
    {
      name: 'return, rewrite and if of a configuration-snippet act in their order',
      keys: ['configuration-snippet'],
      only: 'nginx',
      annotations: {
        'configuration-snippet':
          'if ( $http_user_agent ~* "(bad|evil) bot" ) { return 403; }\nif ($arg_go = "there") { return 302 https://$host/there; }\nrewrite ^/old/(.*)$ /new/$1 break;',
      },
      requests: [
        { path: '/', headers: { 'User-Agent': 'An Evil Bot' }, want: { status: 403 } },
        { path: '/?go=there', want: { status: 302, headers: { location: /^https:\/\/[^/]+\/there$/ } } },
        { path: '/old/a?b=c', want: { status: 200, url: '/new/a?b=c' } },
        { path: '/else', want: { status: 200, url: '/else' } },
      ],
    },
    {
      name: 'an auth-snippet sets headers of the question, and of nothing else',
      keys: ['auth-snippet'],
      only: 'nginx',
      annotations: {
        'auth-url': 'http://beta.shop.svc.cluster.local/basic-auth/user/password',
        'auth-snippet': '\n\t\t\t\tproxy_set_header My-Custom-Header 42;',
        'auth-keepalive': '-1',
      },
      run: async (reach) => {
        const { headers } = await reach.echo({ path: '/asked' });
        assert.equal(headers['my-custom-header'], undefined);
        const question = reach.backends.beta.seen.findLast((seen) =>
          String(seen.headers['x-original-url']).includes(`${reach.host}/asked`),
        );
        assert.equal(question?.headers['my-custom-header'], '42');
      },
    },
    {
      name: 'an auth-snippet that nobody asks about says nothing',
      keys: ['auth-snippet'],
      annotations: { 'auth-snippet': '\n\t\t\t\tproxy_set_header My-Custom-Header 42;' },
      requests: [{ want: { backend: 'alpha', upstreamHeaders: { 'my-custom-header': undefined } } }],
    },
    {
      name: 'a server-snippet acts on the whole host',
      keys: ['server-snippet'],
      only: 'nginx',
      annotations: {
        'server-snippet': 'if ($request_method = DELETE) { return 405 "not here"; }\nclient_max_body_size 8;',
      },
      requests: [
        { path: '/', method: 'DELETE', want: { status: 405, body: 'not here' } },
        { path: '/', want: { status: 200, backend: 'alpha' } },
        { path: '/', method: 'POST', body: 'more than eight', want: { status: 413 } },
      ],
    },
    {
      name: 'headers of requests may be set, with what is known of the Service',
      keys: ['configuration-snippet'],
      annotations: {
        'configuration-snippet':
          'more_set_input_headers "pathType: exact";more_set_input_headers "pathheader: /" "service-name: $service_name";',
      },
      objects: ({ host }) => [
        ingress({
          name: host.replaceAll('.', '-'),
          annotations: {
            [`${PREFIX}/configuration-snippet`]: 'more_set_input_headers "service-name: $service_name";',
          },
          rules: [
            { host: `first.${host}`, paths: [{ path: '/', service: 'beta' }] },
            { host: `second.${host}`, paths: [{ path: '/', service: 'gamma' }] },
          ],
        }),
      ],
      requests: [
        { want: { upstreamHeaders: { pathtype: 'exact', pathheader: '/', 'service-name': 'alpha' } } },
        {
          headers: { 'service-name': 'mine' },
          want: { upstreamHeaders: { 'service-name': 'alpha', host: /^snippets-/, 'x-real-ip': '127.0.0.1' } },
        },
      ],
      run: async ({ echo, host }) => {
        assert.equal((await echo({ host: `first.${host}`, path: '/exact' })).headers['service-name'], 'beta');
        assert.equal((await echo({ host: `second.${host}`, path: '/exact' })).headers['service-name'], 'gamma');
      },
    },
    {
      name: 'the id of a request may be told to clients',
      keys: ['configuration-snippet'],
      annotations: { 'configuration-snippet': '\n\t\t\t\tmore_set_headers "Request-Id: $req_id";' },
      requests: [
        { headers: { 'x-request-id': 'mine' }, want: { headers: { 'request-id': 'mine' } } },
        { want: { headers: { 'request-id': /^[0-9a-f]{32}$/ } } },
      ],
    },
    {
      name: 'headers of a server-snippet reach all paths of the host, and all answers',
      keys: ['server-snippet'],
      annotations: {
        'server-snippet':
          '\n\t\t\t\tmore_set_headers "Foo: Bar";\n\t\t\t\tmore_set_headers "Xpto: Lalala"; more_set_input_headers "service: $service_name";',
        'configuration-snippet': 'more_set_headers "Xpto: Own";',
      },
      objects: ({ host }) => [
        ingress({
          name: host.replaceAll('.', '-'),
          created: '2026-02-01T00:00:00Z',
          annotations: { [`${PREFIX}/enable-cors`]: 'true', [`${PREFIX}/server-snippet`]: 'return 418;' },
          rules: [
            {
              host,
              paths: [
                { path: '/b', service: 'beta' },
                { path: '/none', service: 'empty' },
              ],
            },
          ],
        }),
      ],
      requests: [
        {
          headers: { 'x-want': '{"headers":{"foo":"theirs","xpto":"theirs"}}' },
          want: { backend: 'alpha', headers: { foo: 'Bar', xpto: 'Own' }, upstreamHeaders: { service: 'alpha' } },
        },
        {
          path: '/b',
          want: {
            backend: 'beta',
            headers: { foo: 'Bar', xpto: 'Lalala', 'access-control-allow-origin': '*' },
            upstreamHeaders: { service: 'beta' },
          },
        },
        { path: '/b', method: 'OPTIONS', want: { status: 204, headers: { foo: 'Bar' } } },
        { path: '/none', want: { status: 503, headers: { foo: 'Bar' } } },
      ],
    },
    {
      name: 'a header is added to answers that nginx adds it to, and only when there is something to say',
      keys: ['configuration-snippet'],
      annotations: {
        'configuration-snippet':
          'add_header X-Usual "100% a\\b"; add_header X-Always $arg_say always; more_clear_input_headers X-Secret; proxy_set_header X-Said $arg_say;',
      },
      requests: [
        {
          path: '/?say=hey',
          headers: { 'X-Secret': 'mine', 'X-Said': 'mine' },
          want: {
            headers: { 'x-usual': '100% a\\b', 'x-always': 'hey' },
            upstreamHeaders: { 'x-secret': undefined, 'x-said': 'hey' },
          },
        },
        {
          headers: { 'x-want': '{"status":404}', 'X-Said': 'mine' },
          want: {
            status: 404,
            headers: { 'x-usual': undefined, 'x-always': undefined },
            upstreamHeaders: { 'x-said': undefined },
          },
        },
      ],
    },
    {
      name: 'a snippet with a directive that HAProxy has no word for is dropped as a whole',
      keys: ['configuration-snippet', 'server-snippet'],
      only: 'haproxy',
      annotations: {
        'configuration-snippet': 'more_set_headers "X-Set: yes"; return 418;',
        'server-snippet': 'more_set_headers "X-Host: yes"; client_max_body_size 1;',
      },
      requests: [{ want: { status: 200, backend: 'alpha', headers: { 'x-set': undefined, 'x-host': undefined } } }],
    },
    {
      name: 'a stream-snippet is dropped, and the Ingress served',
      keys: [],
      annotations: { 'stream-snippet': 'server {listen 8000; proxy_pass 127.0.0.1:80;}' },
      requests: [{ want: { backend: 'alpha' } }],
    },
    {
      name: 'a snippet with a directive that is not taken is dropped as a whole',
      keys: ['configuration-snippet'],
      annotations: { 'configuration-snippet': 'return 418; alias /etc/;' },
      requests: [{ path: '/', want: { status: 200, backend: 'alpha' } }],
    },
  ],
};
