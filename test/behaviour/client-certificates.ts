import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { request, type RequestOptions } from 'node:https';
import { makeCertificate, type CertificatePair } from '../support/certificates.ts';
import type { Answer } from '../support/client.ts';
import type { Echo } from '../support/backend.ts';
import { ingress, tlsSecret } from '../support/manifests.ts';
import { visit } from './client-sessions.ts';
import type { BehaviourCase, BehaviourTable, CaseWorld, Reach } from './case.ts';

const AUTHORITY = makeCertificate({ names: [], commonName: 'clients', authority: true });
const OTHER_AUTHORITY = makeCertificate({ names: [], commonName: 'strangers', authority: true });
const CLIENT = makeCertificate({ names: [], commonName: 'client-1', issuer: AUTHORITY });
const STRANGER = makeCertificate({ names: [], commonName: 'client-2', issuer: OTHER_AUTHORITY });
const MIDDLE = makeCertificate({ names: [], commonName: 'middle', authority: true, issuer: AUTHORITY });
const DEEPER = makeCertificate({ names: [], commonName: 'deeper', authority: true, issuer: MIDDLE });
const DEEP = chained(makeCertificate({ names: [], commonName: 'deep', issuer: DEEPER }), DEEPER, MIDDLE);

function chained(pair: CertificatePair, ...issuers: readonly CertificatePair[]): CertificatePair {
  return { key: pair.key, certificate: [pair, ...issuers].map(({ certificate }) => certificate).join('') };
}

function authorities(name: string, authority: CertificatePair): object {
  const data = { 'ca.crt': Buffer.from(authority.certificate).toString('base64') };
  return { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: { name, namespace: 'shop' }, data };
}

interface Asked {
  readonly pair?: CertificatePair;
  /** Name of the host in the handshake; that of the request when left out. */
  readonly servername?: string;
  readonly host?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request over TLS, with a certificate of the client. */
async function ask({ host: own, httpsPort }: Reach, asked: Asked = {}): Promise<Answer> {
  const { pair, host = own, servername = host, path = '/', headers = {} } = asked;
  const options: RequestOptions = {
    host: '127.0.0.1',
    port: httpsPort,
    path,
    servername,
    headers: { host, ...headers },
    agent: false,
    rejectUnauthorized: false,
    ...(pair === undefined ? {} : { cert: pair.certificate, key: pair.key }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, fingerprint: undefined });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function status(reach: Reach, asked: Asked = {}): Promise<number> {
  return (await ask(reach, asked)).status;
}

async function echo(reach: Reach, asked: Asked = {}): Promise<Echo> {
  const answer = await ask(reach, asked);
  assert.equal(answer.status, 200, answer.body);
  return JSON.parse(answer.body) as Echo;
}

type Options = Omit<BehaviourCase, 'annotations' | 'tls'> & {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly authority?: CertificatePair;
};

let made = 0;

/** A host with TLS and a Secret of authorities of its own. */
function mutual({ annotations = {}, authority = AUTHORITY, objects, ...rest }: Options): BehaviourCase {
  const secret = `authorities-${(made += 1)}`;
  return {
    ...rest,
    tls: true,
    annotations: { 'auth-tls-secret': `shop/${secret}`, ...annotations },
    objects: (world) => [authorities(secret, authority), ...(objects?.(world) ?? [])],
  };
}

/** Another path of the same host, of an Ingress that says nothing of certificates. */
function plainPath({ host }: CaseWorld): object {
  const rules = [{ host, paths: [{ path: '/plain', service: 'beta' }] }];
  return ingress({ name: `${host.split('.')[0] ?? ''}-plain`, rules });
}

/** A host with certificates of other authorities. */
function otherHost({ host }: CaseWorld): readonly object[] {
  const name = `other-${host.split('.')[0] ?? ''}`;
  const other = `other.${host}`;
  const annotations = { 'nginx.ingress.kubernetes.io/auth-tls-secret': `shop/${name}` };
  return [
    ingress({
      name,
      annotations,
      rules: [{ host: other, paths: [{ path: '/', service: 'beta' }] }],
      tls: [{ hosts: [other], secretName: `${name}-tls` }],
    }),
    tlsSecret(`${name}-tls`, makeCertificate({ names: [other] })),
    authorities(name, OTHER_AUTHORITY),
  ];
}

export const CLIENT_CERTIFICATES: BehaviourTable = {
  family: 'client-certificates',
  cases: [
    mutual({
      name: 'a client needs a certificate of the authorities, on every path of the host',
      keys: ['auth-tls-secret'],
      objects: (world) => [plainPath(world)],
      run: async (reach) => {
        assert.equal(await status(reach), 400);
        assert.equal(await status(reach, { pair: CLIENT }), 200);
        assert.equal(await status(reach, { pair: STRANGER }), 400);
        assert.equal(await status(reach, { path: '/plain' }), 400);
        assert.equal(await status(reach, { path: '/plain', pair: CLIENT }), 200);
      },
      requests: [{ want: { status: 308 } }],
    }),
    mutual({
      name: 'plain HTTP is refused where it is not redirected',
      keys: ['auth-tls-secret'],
      annotations: { 'ssl-redirect': 'false' },
      requests: [{ want: { status: 403 } }],
    }),
    mutual({
      name: 'a handshake for another host lets nobody in',
      keys: ['auth-tls-secret'],
      objects: otherHost,
      run: async (reach) => {
        const other = `other.${reach.host}`;
        assert.equal(await status(reach, { pair: STRANGER, host: other }), 200);
        assert.equal(await status(reach, { pair: STRANGER, servername: other }), 421);
        assert.equal(await status(reach, { pair: CLIENT, servername: other }), 421);
        assert.equal(await status(reach, { pair: CLIENT, servername: reach.host.toUpperCase() }), 200);
      },
    }),
    mutual({
      name: 'a session of another host lets nobody in',
      keys: ['auth-tls-secret'],
      objects: otherHost,
      run: async (reach) => {
        for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
          const other = await visit(reach, { host: `other.${reach.host}`, version, pair: STRANGER });
          assert.equal(other.status, 200, version);
          const own = await visit(reach, { host: reach.host, version, session: other.session });
          assert.ok([0, 400, 421].includes(own.status), `${version}: ${own.status}`);
        }
      },
    }),
    {
      name: 'without the Secret the host is closed',
      keys: ['auth-tls-secret'],
      tls: true,
      annotations: { 'auth-tls-secret': 'shop/nowhere' },
      objects: (world) => [plainPath(world)],
      run: async (reach) => {
        assert.equal(await status(reach, { pair: CLIENT }), 503);
        assert.equal(await status(reach, { pair: CLIENT, path: '/plain' }), 403);
      },
    },
    mutual({
      name: 'auth-tls-verify-client: optional takes none, or a good one',
      keys: ['auth-tls-verify-client'],
      annotations: { 'auth-tls-verify-client': 'optional' },
      run: async (reach) => {
        assert.equal(await status(reach), 200);
        assert.equal(await status(reach, { pair: CLIENT }), 200);
        assert.equal(await status(reach, { pair: STRANGER }), 400);
      },
    }),
    mutual({
      name: 'auth-tls-verify-client: optional_no_ca takes any',
      keys: ['auth-tls-verify-client'],
      annotations: { 'auth-tls-verify-client': 'optional_no_ca' },
      run: async (reach) => {
        assert.equal(await status(reach), 200);
        const { headers } = await echo(reach, { pair: STRANGER });
        assert.match(String(headers['ssl-client-verify']), /^FAILED:/);
        assert.equal(headers['ssl-client-subject-dn'], 'CN=client-2');
      },
    }),
    mutual({
      name: 'auth-tls-verify-client: off asks for none',
      keys: ['auth-tls-verify-client'],
      annotations: { 'auth-tls-verify-client': 'off' },
      run: async (reach) => {
        assert.equal(await status(reach), 200);
        assert.equal(await status(reach, { pair: STRANGER }), 200);
      },
    }),
    mutual({
      name: 'auth-tls-verify-depth limits how many authorities are between',
      keys: ['auth-tls-verify-depth'],
      only: 'nginx',
      run: async (reach) => assert.equal(await status(reach, { pair: DEEP }), 400),
    }),
    mutual({
      name: 'auth-tls-verify-depth may be more',
      keys: ['auth-tls-verify-depth'],
      only: 'nginx',
      annotations: { 'auth-tls-verify-depth': '3' },
      run: async (reach) => assert.equal(await status(reach, { pair: DEEP }), 200),
    }),
    mutual({
      name: 'auth-tls-error-page is where clients without a certificate are sent',
      keys: ['auth-tls-error-page'],
      annotations: { 'auth-tls-error-page': 'http://errors.example.com/no-certificate' },
      run: async (reach) => {
        for (const asked of [{}, { pair: STRANGER }]) {
          const answer = await ask(reach, asked);
          assert.equal(answer.status, 302);
          assert.equal(answer.headers.location, 'http://errors.example.com/no-certificate');
        }
        assert.equal(await status(reach, { pair: CLIENT }), 200);
      },
    }),
    mutual({
      name: 'endpoints are told about the certificate, by nobody but the proxy',
      keys: ['auth-tls-pass-certificate-to-upstream'],
      annotations: { 'auth-tls-pass-certificate-to-upstream': 'true' },
      run: async (reach) => {
        const forged = { 'ssl-client-verify': 'FORGED', 'ssl-client-cert': 'FORGED' };
        const { headers } = await echo(reach, { pair: CLIENT, headers: forged });
        assert.equal(headers['ssl-client-verify'], 'SUCCESS');
        assert.equal(headers['ssl-client-subject-dn'], 'CN=client-1');
        assert.equal(headers['ssl-client-issuer-dn'], 'CN=clients');
        const written = String(headers['ssl-client-cert']);
        const certificate = new X509Certificate(decodeURIComponent(written));
        assert.equal(certificate.subject, 'CN=client-1');
        assert.equal(written, encodeURIComponent(new X509Certificate(CLIENT.certificate).toString()));
      },
    }),
    mutual({
      name: 'endpoints are told no certificate when nobody asks for it',
      keys: ['auth-tls-pass-certificate-to-upstream'],
      annotations: { 'auth-tls-verify-client': 'optional' },
      run: async (reach) => {
        const forged = { 'ssl-client-verify': 'SUCCESS', 'ssl-client-cert': 'FORGED', 'ssl-client-subject-dn': 'CN=x' };
        const { headers } = await echo(reach, { headers: forged });
        assert.equal(headers['ssl-client-verify'], 'NONE');
        assert.equal(headers['ssl-client-cert'], undefined);
        assert.equal(headers['ssl-client-subject-dn'], undefined);
      },
    }),
    mutual({
      name: 'auth-tls-match-cn refuses other subjects',
      keys: ['auth-tls-match-cn'],
      annotations: { 'auth-tls-match-cn': 'CN=(nobody|client-3)' },
      run: async (reach) => {
        const answer = await ask(reach, { pair: CLIENT });
        assert.equal(answer.status, 403);
        assert.equal(answer.body, 'client certificate unauthorized');
        assert.equal(await status(reach), 400);
      },
    }),
    mutual({
      name: 'auth-tls-match-cn takes what its expression finds',
      keys: ['auth-tls-match-cn'],
      annotations: { 'auth-tls-match-cn': String.raw`CN=(\w+-1|nobody)$` },
      run: async (reach) => assert.equal(await status(reach, { pair: CLIENT }), 200),
    }),
  ],
};
