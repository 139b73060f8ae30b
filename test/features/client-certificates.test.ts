import assert from 'node:assert/strict';
import { CLIENT_CERTIFICATES } from '../../src/features/client-certificates.ts';
import { makeCertificate } from '../support/certificates.ts';
import { ask, HOSTILE, keysOf, secret } from './guards-support.ts';

const AUTHORITY = makeCertificate({ names: [], commonName: 'clients', authority: true });
const GOOD = secret('ca', { 'ca.crt': AUTHORITY.certificate });
const SECRET = { 'auth-tls-secret': 'shop/ca' } as const;

function asked(annotations: Readonly<Record<string, string>>, secrets = [GOOD], proxy: 'nginx' | 'haproxy' = 'nginx') {
  const answered = ask({ annotations, secrets, proxy });
  return { ...answered, clients: answered.host?.clientCertificates };
}

describe('client certificates', () => {
  it('are asked for with the authorities of the Secret, and the usual settings', () => {
    const { clients, files, route, told } = asked(SECRET);
    assert.deepEqual(clients, {
      authorities: 'file.pem',
      revoked: undefined,
      verify: 'on',
      depth: 1,
      errorPage: undefined,
      passToUpstream: false,
      matchSubject: undefined,
      openPaths: ['/.well-known/acme-challenge'],
    });
    assert.equal(files[0]?.text, AUTHORITY.certificate);
    assert.equal(route, undefined);
    assert.deepEqual(told, []);
  });

  it('take a Secret of the own namespace by its name alone', () => {
    assert.equal(asked({ 'auth-tls-secret': 'ca' }).clients?.authorities, 'file.pem');
  });

  it('take nothing else of a Secret than its certificates', () => {
    const text = `comment\n${AUTHORITY.certificate}\n${AUTHORITY.key}`;
    const { files } = asked(SECRET, [secret('ca', { 'ca.crt': text })]);
    assert.equal(files[0]?.text, AUTHORITY.certificate);
  });

  const BROKEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'no key': {},
    'an empty one': { 'ca.crt': '' },
    'no PEM': { 'ca.crt': 'hello' },
    'a certificate that cannot be read': {
      'ca.crt': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    },
    'a list of revoked ones that is none': { 'ca.crt': AUTHORITY.certificate, 'ca.crl': 'hello' },
    'a list of revoked ones that cannot be read': {
      'ca.crt': AUTHORITY.certificate,
      'ca.crl': '-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n',
    },
  };
  for (const [what, data] of Object.entries(BROKEN)) {
    it(`close the host when the Secret has ${what}`, () => {
      const { clients, route, told } = asked(SECRET, [secret('ca', data)]);
      assert.notEqual(clients, undefined);
      assert.equal(clients?.authorities, undefined);
      assert.match(route?.closed ?? '', /^Secret shop\/ca has /);
      assert.match(told.join(), /^RouteClosed: /);
    });
  }

  it('close the host when there is no Secret, or one of another namespace', () => {
    for (const name of ['shop/nowhere', 'other/ca', '../ca', 'shop/ca/x', 'CA!']) {
      const { clients, route } = asked({ 'auth-tls-secret': name }, [GOOD, secret('ca', {}, 'other')]);
      assert.notEqual(clients, undefined, name);
      assert.equal(clients?.authorities, undefined, name);
      assert.notEqual(route?.closed, undefined, name);
    }
  });

  it('take a Secret of another namespace where that is allowed', () => {
    const foreign = secret('ca', { 'ca.crt': AUTHORITY.certificate }, 'other');
    const globals = { allowCrossNamespaceResources: true };
    const { host } = ask({ annotations: { 'auth-tls-secret': 'other/ca' }, secrets: [foreign], globals });
    assert.equal(host?.clientCertificates?.authorities, 'file.pem');
  });

  it('are required when how to verify them is not known', () => {
    for (const text of ['', 'ON', 'of', 'optional no ca', ...HOSTILE]) {
      assert.equal(asked({ ...SECRET, 'auth-tls-verify-client': text }).clients?.verify, 'on', text.slice(0, 20));
    }
  });

  it('may have no more than one authority between when the depth is wrong or 0', () => {
    for (const text of ['0', '-1', '1.5', '1e3', '101', '99999999999999999999', ...HOSTILE]) {
      assert.equal(asked({ ...SECRET, 'auth-tls-verify-depth': text }).clients?.depth, 1, text.slice(0, 20));
    }
    assert.equal(asked({ ...SECRET, 'auth-tls-verify-depth': '3' }).clients?.depth, 3);
  });

  it('close the host when the subject cannot be matched', () => {
    for (const text of ['client', 'CN=', 'CN=(', 'CN=a\nb', 'CN=a\0', 'CN=\u2028', `CN=${'x'.repeat(5000)}`, 'cn=a']) {
      const { clients, route } = asked({ ...SECRET, 'auth-tls-match-cn': text });
      assert.equal(clients?.authorities, undefined, text.slice(0, 20));
      assert.notEqual(route?.closed, undefined, text.slice(0, 20));
    }
  });

  it('keep a subject as it is: templates quote it', () => {
    const text = 'CN=abc #(;)}} "ssl_engine" $x';
    assert.equal(asked({ ...SECRET, 'auth-tls-match-cn': text }).clients?.matchSubject, text);
  });

  it('have an error page only where it is a URL or a path', () => {
    for (const text of ['@named', ' ', '/a b', 'https://x/?a=b', 'javascript:alert(1)', '//', ...HOSTILE]) {
      const { errorPage } = asked({ ...SECRET, 'auth-tls-error-page': text }).clients ?? {};
      assert.equal(errorPage, undefined, text.slice(0, 20));
    }
    for (const text of ['/error', 'https://errors.example.com:8443/no/cert.html', 'errors.example.com/']) {
      assert.equal(asked({ ...SECRET, 'auth-tls-error-page': text }).clients?.errorPage, text);
    }
    const { clients, told } = asked({ ...SECRET, 'auth-tls-error-page': '/error' }, [GOOD], 'haproxy');
    assert.equal(clients?.errorPage, undefined);
    assert.match(told.join(), /InvalidAnnotation: .*no URL/);
  });

  it('are not asked for without a Secret, which is told', () => {
    const { clients, told } = asked({ 'auth-tls-verify-client': 'on' });
    assert.equal(clients, undefined);
    assert.match(told.join(), /^AnnotationIgnored: .*no auth-tls-secret/);
  });

  it('never have a hostile text in a value', () => {
    for (const key of keysOf(CLIENT_CERTIFICATES)) {
      for (const text of HOSTILE) {
        if (key === 'auth-tls-match-cn') continue;
        const { clients } = asked({ ...SECRET, [key]: text });
        assert.ok(!JSON.stringify(clients).includes(JSON.stringify(text)), `${key} ${text.slice(0, 20)}`);
      }
    }
  });
});
