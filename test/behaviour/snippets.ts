import type { BehaviourTable } from './case.ts';

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
      only: 'nginx',
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
      name: 'a snippet with a directive that is not taken is dropped as a whole',
      keys: ['configuration-snippet'],
      annotations: { 'configuration-snippet': 'return 418; alias /etc/;' },
      requests: [{ path: '/', want: { status: 200, backend: 'alpha' } }],
    },
  ],
};
