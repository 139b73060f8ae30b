import assert from 'node:assert/strict';
import type { BehaviourTable, Reach } from './case.ts';
import { configMap } from './external-auth-support.ts';
import { echoRaw } from './raw.ts';

/** Headers of test/e2e/settings/forwarded_headers.go of ingress-nginx. */
const TOLD = {
  'x-forwarded-port': '1234',
  'x-forwarded-proto': 'myproto',
  'x-forwarded-scheme': 'myproto',
  'x-forwarded-for': '1.2.3.4',
  'x-forwarded-host': 'myhost',
};

/** use-forwarded-headers: who connects is believed about everything. */
export const FORWARDED: BehaviourTable = {
  family: 'settings-forwarded',
  flags: ['--configmap', 'shop/settings'],
  objects: [configMap('settings', { 'use-forwarded-headers': 'true' })],
  cases: [
    {
      name: 'port, scheme, address and host are those that are told',
      keys: [],
      requests: [
        {
          headers: TOLD,
          want: {
            upstreamHeaders: {
              host: 'myhost',
              'x-forwarded-host': 'myhost',
              'x-forwarded-proto': 'myproto',
              'x-forwarded-scheme': 'myproto',
              'x-scheme': 'myproto',
              'x-forwarded-port': '1234',
              'x-forwarded-for': '1.2.3.4',
              'x-real-ip': '1.2.3.4',
            },
          },
        },
      ],
    },
    {
      name: 'of several hosts that are told, the first counts',
      keys: [],
      requests: [
        {
          headers: { ...TOLD, 'x-forwarded-host': 'myhost.com, another.host,example.net' },
          want: { upstreamHeaders: { host: 'myhost.com', 'x-forwarded-host': 'myhost.com' } },
        },
        {
          headers: { 'x-forwarded-host': 'not a host', 'x-forwarded-port': '12x', 'x-forwarded-proto': '1;2' },
          want: {
            upstreamHeaders: {
              host: /^settings-forwarded-1\./,
              'x-forwarded-host': /^settings-forwarded-1\./,
              'x-forwarded-port': /^\d+$/,
              'x-forwarded-proto': 'http',
            },
          },
        },
      ],
    },
    {
      name: 'the redirect to https goes to the host that is told, without a port, and only from http',
      keys: [],
      tls: true,
      requests: [
        {
          headers: { 'x-forwarded-host': 'example.com:80' },
          want: { status: 308, headers: { location: /^https:\/\/example\.com(?::\d+)?\/$/ } },
        },
        {
          path: '/a?b=c',
          want: {
            status: 308,
            headers: { location: /^https:\/\/settings-forwarded-2\.example\.com(?::\d+)?\/a\?b=c$/ },
          },
        },
        { headers: { 'x-forwarded-proto': 'https' }, want: { backend: 'alpha' } },
        {
          headers: { 'x-forwarded-proto': 'https, http' },
          want: { upstreamHeaders: { 'x-forwarded-proto': 'https' } },
        },
      ],
    },
    {
      name: 'the host of an annotation goes before the one that is told',
      keys: ['upstream-vhost'],
      annotations: { 'upstream-vhost': 'vhost.example.com' },
      requests: [
        {
          headers: TOLD,
          want: {
            upstreamHeaders: { host: 'vhost.example.com', 'x-forwarded-host': 'myhost', 'x-forwarded-port': '1234' },
          },
        },
      ],
    },
  ],
};

/** Headers of test/e2e/settings/enable_real_ip.go. */
const UNTRUSTED = { ...TOLD, 'x-forwarded-scheme': 'myproto' };

function ofItself(host: RegExp, address: string) {
  return {
    host,
    'x-forwarded-host': host,
    'x-forwarded-proto': 'http',
    'x-forwarded-scheme': 'http',
    'x-forwarded-port': /^(?!1234$)\d+$/,
    'x-forwarded-for': address,
    'x-original-forwarded-for': '1.2.3.4',
  };
}

/** enable-real-ip: believed about the address, and nothing else. */
export const REAL_IP: BehaviourTable = {
  family: 'settings-real-ip',
  flags: ['--configmap', 'shop/settings'],
  objects: [configMap('settings', { 'enable-real-ip': 'true', 'use-forwarded-headers': 'false' })],
  cases: [
    {
      name: 'enable-real-ip takes the address of X-Forwarded-For, and nothing else',
      keys: [],
      requests: [
        { headers: UNTRUSTED, want: { upstreamHeaders: ofItself(/^settings-real-ip-0\.example\.com$/, '1.2.3.4') } },
      ],
    },
  ],
};

const PREFACE = 'PROXY TCP4 192.168.0.1 192.168.0.11 56324';

function request({ host }: Reach, headers = ''): string {
  return `GET / HTTP/1.1\r\nHost: ${host}\r\n${headers}Connection: close\r\n\r\n`;
}

/** use-proxy-protocol, as test/e2e/settings/proxy_protocol.go has it. */
export const PROXIED: BehaviourTable = {
  family: 'settings-proxy-protocol',
  flags: ['--configmap', 'shop/settings'],
  objects: [configMap('settings', { 'use-proxy-protocol': 'true' })],
  cases: [
    {
      name: 'X-Forwarded-Port is the port that the PROXY protocol tells',
      keys: [],
      run: async (reach) => {
        const preface = `${PREFACE} 1234\r\n`;
        const { headers } = await echoRaw({ port: reach.httpPort, preface, text: request(reach) });
        assert.equal(headers['host'], reach.host);
        assert.equal(headers['x-forwarded-port'], '1234');
        assert.equal(headers['x-forwarded-proto'], 'http');
        assert.equal(headers['x-forwarded-for'], '192.168.0.1');
      },
    },
    {
      name: 'port 443 of the PROXY protocol is https',
      keys: [],
      run: async (reach) => {
        const preface = `${PREFACE} 443\r\n`;
        const { headers } = await echoRaw({ port: reach.httpPort, preface, text: request(reach) });
        assert.equal(headers['x-forwarded-port'], '443');
        assert.equal(headers['x-forwarded-proto'], 'https');
        assert.equal(headers['x-forwarded-for'], '192.168.0.1');
      },
    },
    {
      name: 'over TLS it tells the same, and headers of the client are not believed',
      keys: [],
      tls: true,
      run: async (reach) => {
        const preface = `${PREFACE} 1234\r\n`;
        const text = request(reach, 'X-Forwarded-For: 10.0.0.9\r\nX-Forwarded-Port: 5\r\nX-Forwarded-Proto: http\r\n');
        const { headers } = await echoRaw({ port: reach.httpsPort, preface, text, servername: reach.host });
        assert.equal(headers['x-forwarded-port'], '1234');
        assert.equal(headers['x-forwarded-proto'], 'https');
        assert.equal(headers['x-scheme'], 'https');
        assert.equal(headers['x-real-ip'], '192.168.0.1');
        assert.equal(headers['x-forwarded-for'], '192.168.0.1');
        assert.equal(headers['x-original-forwarded-for'], '10.0.0.9');
      },
    },
  ],
};
