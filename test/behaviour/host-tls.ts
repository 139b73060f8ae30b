import assert from 'node:assert/strict';
import { connect, type ConnectionOptions } from 'node:tls';
import type { BehaviourTable, Reach } from './case.ts';

/** The cipher of a handshake; its error code when there is none. */
async function cipherOf({ host, httpsPort }: Reach, more: ConnectionOptions): Promise<string> {
  const options = { host: '127.0.0.1', port: httpsPort, servername: host, rejectUnauthorized: false } as const;
  const socket = connect({ ...options, maxVersion: 'TLSv1.2', ...more });
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'refused'));
    socket.on('secureConnect', () => {
      resolve(socket.getCipher().name);
      socket.destroy();
    });
  });
}

const STRONG = 'ECDHE-ECDSA-AES256-GCM-SHA384';
const USUAL = 'ECDHE-ECDSA-AES128-GCM-SHA256';

export const HOST_TLS: BehaviourTable = {
  family: 'host-tls',
  cases: [
    {
      name: 'ssl-ciphers are those of the host',
      keys: ['ssl-ciphers'],
      tls: true,
      annotations: { 'ssl-ciphers': `!aNULL:${STRONG}` },
      run: async (reach) => {
        assert.equal(await cipherOf(reach, { ciphers: `${USUAL}:${STRONG}` }), STRONG);
        assert.match(await cipherOf(reach, { ciphers: USUAL }), /^(ERR_|ECONN)/);
      },
    },
    {
      name: 'ssl-ciphers may name what OpenSSL has no more',
      keys: ['ssl-ciphers'],
      tls: true,
      paths: [{ path: '/something', service: 'alpha' }],
      annotations: {
        'ssl-ciphers': 'ALL:!aNULL:!EXPORT56:RC4+RSA:+HIGH:+MEDIUM:+LOW:+SSLv2:+EXP',
        'ssl-prefer-server-ciphers': 'false',
      },
      requests: [{ tls: true, path: '/something', want: { backend: 'alpha' } }],
    },
    {
      name: 'other hosts have the usual ciphers',
      keys: ['ssl-ciphers'],
      tls: true,
      run: async (reach) => {
        assert.equal(await cipherOf(reach, { ciphers: USUAL }), USUAL);
      },
    },
    {
      name: 'ssl-prefer-server-ciphers lets the host choose',
      keys: ['ssl-prefer-server-ciphers'],
      only: 'nginx',
      tls: true,
      annotations: { 'ssl-ciphers': `${STRONG}:${USUAL}`, 'ssl-prefer-server-ciphers': 'true' },
      run: async (reach) => {
        assert.equal(await cipherOf(reach, { ciphers: `${USUAL}:${STRONG}` }), STRONG);
      },
    },
    {
      name: 'the client chooses otherwise',
      keys: ['ssl-prefer-server-ciphers'],
      only: 'nginx',
      tls: true,
      annotations: { 'ssl-ciphers': `${STRONG}:${USUAL}`, 'ssl-prefer-server-ciphers': 'false' },
      run: async (reach) => {
        assert.equal(await cipherOf(reach, { ciphers: `${USUAL}:${STRONG}` }), USUAL);
      },
    },
    {
      name: 'ssl-passthrough closes the route',
      keys: [],
      tls: true,
      annotations: { 'ssl-passthrough': 'true' },
      requests: [{ tls: true, want: { status: 503 } }],
    },
  ],
};
