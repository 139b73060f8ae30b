import assert from 'node:assert/strict';
import { freePort } from '../support/ports.ts';
import { service } from '../support/manifests.ts';
import { basicAuth, usersSecret } from './basic-auth.ts';
import type { BehaviourCase, BehaviourRequest, BehaviourTable, Reach, Want } from './case.ts';
import { configMap } from './external-auth-support.ts';

/** As `openssl passwd -crypt` and bcrypt make them of `bar`, made for tests. */
const BAR_DES = 'ab9VHpu2/1Qrs';
const BAR_BCRYPT = '$2b$04$abcdefghijklmnopqrstuuEnktNu4dNa/sMz6nY.lAbxawdTTajT2';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/68.0.3440.106 Safari/537.36';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 11_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/11.0 Mobile/15E148 Safari/604.1';

/** Asks the backend for an answer with these headers. */
export function wanting(headers: Readonly<Record<string, string>>, bytes?: number): Record<string, string> {
  return { 'x-want': JSON.stringify({ headers, bytes }) };
}

/** An answer of a media type, to a client that takes gzip. */
function compressed(
  type: string,
  more: Readonly<Record<string, string>>,
  encoding: string | undefined,
): BehaviourRequest {
  return {
    headers: { 'accept-encoding': 'gzip', ...wanting({ 'content-type': type }), ...more },
    want: { status: 200, headers: { 'content-encoding': encoding } },
  };
}

/** Where nobody listens. */
const DEAD = await freePort();

const IN: Want = { backend: 'alpha' };
const LOGIN = { authorization: `Basic ${btoa('foo:bar')}` };

/** So often each backend answers. */
export async function tally({ echo }: Reach, count: number): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (let index = 0; index < count; index += 1) {
    const { backend } = await echo({});
    counts[backend] = (counts[backend] ?? 0) + 1;
  }
  return counts;
}

/** Values that test/e2e/settings of ingress-nginx has, as far as they go together. */
export const MIXED: BehaviourTable = {
  family: 'settings-mixed',
  flags: ['--configmap', 'shop/settings', '--access-log', 'json'],
  objects: [
    configMap('settings', {
      'use-gzip': 'true',
      'gzip-level': '4',
      'gzip-disable': 'msie6',
      'block-cidrs': '172.16.0.0/12,192.168.0.0/16,10.0.0.0/8',
      'block-user-agents': '~*chrome\\/68\\.0\\.3440\\.106\\ safari\\/537\\.36,AlphaBot',
      'block-referers': '~*example\\.com,qwerty',
      'add-headers': 'shop/add-headers-configmap-two',
      'server-snippet': '\n\t\t\tmore_set_headers "Globalfoo: Foooo";',
      'location-snippet': 'add_header X-Asked $request_method always;',
      'allow-snippet-annotations': 'true',
      'annotations-risk-level': 'Critical',
      'annotation-value-word-blocklist': 'something_forbidden,otherthing_forbidden,{',
      'allow-cross-namespace-resources': 'true',
      'no-auth-locations': '/noauth',
      'no-tls-redirect-locations': '/check-no-tls',
      'worker-processes': '1',
      'limit-rate': '90',
      'server-name-hash-bucket-size': '512',
      'server-name-hash-max-size': '4096',
      'proxy-headers-hash-bucket-size': '512',
      'proxy-headers-hash-max-size': '4096',
      'variables-hash-bucket-size': '512',
      'variables-hash-max-size': '512',
      'map-hash-bucket-size': '512',
      'grpc-buffer-size-kb': '8',
      'keep-alive': '140',
      'keep-alive-requests': '200',
      'upstream-keepalive-connections': '128',
      'upstream-keepalive-timeout': '120',
      'upstream-keepalive-requests': '200',
      'proxy-connect-timeout': '50',
      'proxy-read-timeout': '20',
      'proxy-send-timeout': '20',
      'proxy-next-upstream': 'error timeout http_502',
      'proxy-next-upstream-timeout': '999999',
      'proxy-next-upstream-tries': '888888',
      'log-format-escape-json': 'false',
      'log-format-upstream': '"{"my_header3":"$http_header3", "my_header4":"$http_header4"}"',
      'error-log-level': 'debug',
      'enable-multi-accept': 'false',
      'reuse-port': 'false',
    }),
    configMap('add-headers-configmap-two', { 'X-First': 'Prepare for trouble!', 'X-Second': 'And make it double!' }),
  ],
  cases: [
    {
      name: 'add-headers adds several headers',
      keys: [],
      requests: [{ want: { headers: { 'x-first': 'Prepare for trouble!', 'x-second': 'And make it double!' } } }],
    },
    {
      name: 'snippets of the ConfigMap add headers, also in place of those of endpoints',
      keys: [],
      requests: [
        { headers: wanting({ globalfoo: 'bar' }), want: { headers: { globalfoo: 'Foooo', 'x-asked': 'GET' } } },
      ],
    },
    ...['# abc { }', '# something_forbidden'].map((text): BehaviourCase => ({
      name: `an Ingress with the snippet ${text} is not served: it holds what the ConfigMap forbids`,
      keys: [],
      annotations: { 'configuration-snippet': `\n\t\t\t${text}` },
      requests: [{ want: { status: 404 } }],
    })),
    {
      name: 'an Ingress with another snippet is served',
      keys: [],
      annotations: { 'configuration-snippet': '\n\t\t\t# bla_by_lua' },
      requests: [{ want: IN }],
    },
    {
      name: 'answers are compressed, but not for MSIE 6',
      keys: [],
      requests: [
        compressed('application/xml', {}, 'gzip'),
        compressed(
          'application/xml',
          { 'user-agent': 'Mozilla/45.0 (compatible; MSIE 6.0; Windows NT 5.1)' },
          undefined,
        ),
        compressed(
          'application/xml',
          { 'user-agent': 'Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)' },
          'gzip',
        ),
        compressed('application/x-unknown', {}, undefined),
      ],
    },
    {
      name: 'answers are compressed for Mozilla 4 by nginx, and not by HAProxy',
      keys: [],
      run: async ({ send, proxy }) => {
        const agent = { 'user-agent': 'Mozilla/4.8 [en] (Windows NT 5.1; U)', 'accept-encoding': 'gzip' };
        const { headers } = await send({ headers: { ...agent, ...wanting({ 'content-type': 'application/xml' }) } });
        assert.equal(headers['content-encoding'], proxy === 'nginx' ? 'gzip' : undefined);
      },
    },
    {
      name: 'clients are refused by User-Agent and Referer',
      keys: [],
      requests: [
        { headers: { 'user-agent': CHROME }, want: { status: 403 } },
        { headers: { 'user-agent': 'AlphaBot' }, want: { status: 403 } },
        { headers: { 'user-agent': IPHONE }, want: IN },
        { headers: { referer: 'example.com' }, want: { status: 403 } },
        { headers: { referer: 'qwerty' }, want: { status: 403 } },
        { headers: { referer: 'qwerty123' }, want: IN },
        { want: IN },
      ],
    },
    {
      name: 'nobody has to log in at no-auth-locations',
      keys: [],
      annotations: basicAuth('test-secret'),
      paths: [
        { path: '/', service: 'alpha' },
        { path: '/noauth', service: 'alpha' },
      ],
      objects: () => [usersSecret('test-secret', { auth: `foo:${BAR_DES}\n` })],
      requests: [
        { want: { status: 401, body: /401/ } },
        { headers: LOGIN, want: IN },
        { path: '/noauth', want: IN },
        { path: '/noauth/below', want: IN },
      ],
    },
    {
      name: 'a password may be in another namespace',
      keys: ['auth-secret'],
      annotations: basicAuth('otherns/test'),
      objects: () => [
        {
          ...usersSecret('test', { auth: `foo:${BAR_BCRYPT}\n` }),
          metadata: { name: 'test', namespace: 'otherns' },
        },
      ],
      requests: [{ want: { status: 401 } }, { headers: LOGIN, want: IN }],
    },
    {
      name: 'no-tls-redirect-locations stay on plain HTTP',
      keys: [],
      tls: true,
      paths: [
        { path: '/', service: 'alpha' },
        { path: '/check-no-tls', service: 'beta' },
      ],
      requests: [
        { path: '/x', want: { status: 308 } },
        { path: '/check-no-tls', want: { backend: 'beta' } },
        { path: '/check-no-tls/x', want: { backend: 'beta' } },
      ],
    },
    {
      name: 'one worker hands requests to endpoints in turn',
      keys: [],
      paths: [{ path: '/', service: 'replicas' }],
      objects: ({ backends: { alpha, beta, gamma } }) => service('replicas', [alpha.port, beta.port, gamma.port]),
      run: async (reach) => assert.deepEqual(await tally(reach, 60), { alpha: 20, beta: 20, gamma: 20 }),
    },
    {
      name: 'an endpoint that is not there is passed over, and tried once when there is no other',
      keys: [],
      paths: [
        { path: '/', service: 'half-dead' },
        { path: '/dead', service: 'dead' },
      ],
      objects: ({ backends: { alpha } }) => [...service('half-dead', [DEAD, alpha.port]), ...service('dead', [DEAD])],
      requests: [...Array.from({ length: 6 }, () => ({ want: IN })), { path: '/dead', want: { status: 502 } }],
    },
    {
      name: 'limit-rate is in kilobytes a second',
      keys: [],
      since: '3.2.0',
      only: 'haproxy',
      run: slowly,
    },
    { name: 'limit-rate is in kilobytes a second, in nginx', keys: [], only: 'nginx', run: slowly },
    {
      name: 'the access log has the format of the ConfigMap, and quotes are escaped',
      keys: [],
      run: async (reach) => {
        await reach.send({ headers: { header3: 'Here is "header3" with json escape' } });
        const expected = String.raw`"{"my_header3":"Here is \x22header3\x22 with json escape", "my_header4":"-"}"`;
        await logged(reach, expected);
        await reach.send({ headers: { header3: String.raw`a\b "]` } });
        await logged(reach, String.raw`"{"my_header3":"a\x5Cb \x22]", "my_header4":"-"}"`);
      },
    },
  ],
};

/** 180 kB at 90 kB a second. */
async function slowly({ send }: Reach): Promise<void> {
  const begun = performance.now();
  const { body } = await send({ headers: wanting({}, 180_000) });
  assert.equal(body.length, 180_000);
  const seconds = (performance.now() - begun) / 1000;
  assert.ok(seconds > 0.8, `${seconds} s`);
}

/** Waits for a text in the access log. */
export async function logged({ accessLog }: Reach, text: string): Promise<void> {
  let log = '';
  for (let turn = 0; turn < 100 && !log.includes(text); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    log = await accessLog();
  }
  assert.ok(log.includes(text), `no ${text} in ${log.slice(-1500)}`);
}
