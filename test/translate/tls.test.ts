import assert from 'node:assert/strict';
import type { IngressTls, KubernetesObject } from '../../src/model/objects.ts';
import type { TranslateOptions } from '../../src/model/options.ts';
import type { RoutingModel } from '../../src/model/routing.ts';
import { makeCertificate } from '../support/certificates.ts';
import { ingress, path, problemsOf, rule, secret, tlsSecret, translate, WEB } from './world.ts';

const EXACT = tlsSecret('exact', makeCertificate({ names: ['a.example.com'] }));
const OTHER = tlsSecret('other', makeCertificate({ names: ['b.example.com'] }));
const WILDCARD = tlsSecret('wildcard', makeCertificate({ names: ['*.example.com'] }));
const DEFAULT = tlsSecret('default', makeCertificate({ names: ['default.example.com'] }), 'ingress');
const OWN = tlsSecret('own', makeCertificate({ names: ['ingress.local'] }), '');
const EXPIRED = tlsSecret('expired', makeCertificate({ names: ['a.example.com'], expired: true }));
const BROKEN = secret('broken', { 'tls.crt': 'x', 'tls.key': 'y' });
const WITH_DEFAULT: Partial<TranslateOptions> = { defaultCertificate: { namespace: 'ingress', name: 'default' } };

interface Case {
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
  readonly options?: Partial<TranslateOptions>;
  /** Name of the Secret by host; empty: none, the handshake is refused. */
  readonly certificates: Readonly<Record<string, string>>;
  readonly problems?: readonly string[];
}

function tls(secretName: string | undefined, ...hosts: readonly string[]): IngressTls {
  return { secretName, hosts };
}

/** An Ingress `web` for some hosts, with TLS entries. */
function web(hosts: readonly string[], ...entries: readonly IngressTls[]): KubernetesObject {
  return ingress('web', { tls: entries, rules: hosts.map((host) => rule(host, '/')) });
}

const CASES: readonly Case[] = [
  {
    name: 'is that of the entry that lists the host',
    objects: [web(['a.example.com'], tls('other', 'b.example.com'), tls('exact', 'a.example.com')), EXACT, OTHER],
    certificates: { '': '', 'a.example.com': 'exact' },
  },
  {
    name: 'is that of the entry whose wildcard covers the host',
    objects: [web(['a.example.com', 'a.b.example.com'], tls('wildcard', '*.example.com')), WILDCARD],
    certificates: { 'a.example.com': 'wildcard', 'a.b.example.com': '' },
  },
  {
    name: 'is that of the exact entry before that of the wildcard',
    objects: [
      web(['a.example.com', 'c.example.com'], tls('wildcard', '*.example.com'), tls('exact', 'a.example.com')),
      EXACT,
      WILDCARD,
    ],
    certificates: { 'a.example.com': 'exact', 'c.example.com': 'wildcard' },
  },
  {
    name: 'is that of an entry whose certificate is valid for a host that no entry lists',
    objects: [web(['a.example.com'], tls('exact')), EXACT],
    certificates: { 'a.example.com': 'exact' },
  },
  {
    name: 'is found whatever the case of the host in the entry',
    objects: [web(['a.example.com'], tls('exact', 'A.Example.com')), EXACT],
    certificates: { 'a.example.com': 'exact' },
  },
  {
    name: 'of a wildcard host is that of the entry that lists the wildcard',
    objects: [web(['*.example.com'], tls('wildcard', '*.example.com')), WILDCARD],
    certificates: { '*.example.com': 'wildcard' },
  },
  {
    name: 'of a host without its own is that of the wildcard host over it, even from another Ingress',
    objects: [
      web(['*.example.com'], tls('wildcard', '*.example.com')),
      ingress('plain', { rules: [rule('c.example.com', '/')] }),
      WILDCARD,
    ],
    certificates: { '*.example.com': 'wildcard', 'c.example.com': 'wildcard' },
  },
  {
    name: 'of a host is that of the oldest Ingress that brings one',
    objects: [
      ingress('a', { rules: [rule('a.example.com', '/a')] }),
      ingress('b', { tls: [tls('exact', 'a.example.com')], rules: [rule('a.example.com', '/b')] }),
      ingress('c', { tls: [tls('wildcard', 'a.example.com')], rules: [rule('a.example.com', '/c')] }),
      EXACT,
      WILDCARD,
    ],
    certificates: { 'a.example.com': 'exact' },
  },
  {
    name: 'of the default host is that of an entry without hosts',
    objects: [ingress('web', { tls: [tls('exact')], rules: [rule('', '/')] }), EXACT],
    certificates: { '': 'exact' },
  },
  {
    name: 'is the default certificate for hosts without their own',
    objects: [web(['a.example.com', 'c.example.com'], tls('exact', 'a.example.com')), EXACT, DEFAULT],
    options: WITH_DEFAULT,
    certificates: { '': 'default', 'a.example.com': 'exact', 'c.example.com': 'default' },
  },
  {
    name: 'is the default certificate for an entry without Secret',
    objects: [web(['a.example.com'], tls(undefined, 'a.example.com')), DEFAULT],
    options: WITH_DEFAULT,
    certificates: { 'a.example.com': 'default' },
  },
  {
    name: 'is none for an entry without Secret when there is no default, and the Ingress is told',
    objects: [web(['a.example.com'], tls(undefined, 'a.example.com'))],
    certificates: { 'a.example.com': '' },
    problems: ['TlsWithoutCertificate Ingress shop/web spec.tls[0].secretName'],
  },
  {
    name: 'is none when the Secret does not exist, and the Ingress is told',
    objects: [web(['a.example.com'], tls('exact', 'a.example.com'))],
    certificates: { 'a.example.com': '' },
    problems: ['SecretMissing Ingress shop/web spec.tls[0].secretName'],
  },
  {
    name: 'is the default certificate when the Secret does not exist, and the Ingress is told',
    objects: [web(['a.example.com'], tls('exact', 'a.example.com')), DEFAULT],
    options: WITH_DEFAULT,
    certificates: { 'a.example.com': 'default' },
    problems: ['SecretMissing Ingress shop/web spec.tls[0].secretName'],
  },
  {
    name: 'is not that of a Secret in another namespace',
    objects: [ingress('web', { tls: [tls('default', 'a.example.com')], rules: [rule('a.example.com', '/')] }), DEFAULT],
    certificates: { 'a.example.com': '' },
    problems: ['SecretMissing Ingress shop/web spec.tls[0].secretName'],
  },
  {
    name: 'is the next best when the Secret is broken, and the Ingress is told',
    objects: [
      web(['a.example.com'], tls('broken', 'a.example.com'), tls('wildcard', '*.example.com')),
      BROKEN,
      WILDCARD,
    ],
    certificates: { 'a.example.com': 'wildcard' },
    problems: ['InvalidCertificate Ingress shop/web spec.tls[0].secretName'],
  },
  {
    name: 'is served although it expired, and the Ingress is told',
    objects: [web(['a.example.com'], tls('expired', 'a.example.com')), EXPIRED],
    options: { now: Date.UTC(2020, 1, 1) },
    certificates: { 'a.example.com': 'expired' },
    problems: ['CertificateExpired Ingress shop/web spec.tls[0].secretName'],
  },
  {
    name: 'is not expired in the moment of its end',
    objects: [web(['a.example.com'], tls('expired', 'a.example.com')), EXPIRED],
    options: { now: Date.UTC(2020, 0, 31) },
    certificates: { 'a.example.com': 'expired' },
  },
  {
    name: 'is served although it is for another host, and the Ingress is told',
    objects: [web(['a.example.com'], tls('other', 'a.example.com')), OTHER],
    certificates: { 'a.example.com': 'other' },
    problems: ['CertificateHostMismatch Ingress shop/web spec.tls[0].secretName'],
  },
  {
    name: 'is the default one where that of the entry is for another host, and the Ingress is told',
    objects: [web(['a.example.com'], tls('other', 'a.example.com')), OTHER, DEFAULT],
    options: WITH_DEFAULT,
    certificates: { 'a.example.com': 'default' },
    problems: ['CertificateHostMismatch Ingress shop/web spec.tls[0].secretName'],
  },
  {
    name: 'is not that of an entry that lists a host which is none',
    objects: [web(['a.example.com'], tls('exact', 'a;b')), EXACT],
    certificates: { 'a.example.com': '' },
    problems: ['InvalidHost Ingress shop/web spec.tls[0].hosts[0]'],
  },
  {
    name: 'is none when the Secret of the flag does not exist, and that is told',
    objects: [web(['a.example.com'])],
    options: WITH_DEFAULT,
    certificates: { '': '', 'a.example.com': '' },
    problems: ['SecretMissing Secret ingress/default --default-certificate'],
  },
  {
    name: 'of a host in spec.tls that no rule names is of no use',
    objects: [web(['a.example.com'], tls('other', 'b.example.com')), OTHER],
    certificates: { 'a.example.com': '' },
  },
];

function secretsByHost(model: RoutingModel): Readonly<Record<string, string>> {
  const names = new Map(model.certificates.map(({ id, source }) => [id, source.object.name]));
  return Object.fromEntries(model.hosts.map((host) => [host.name, names.get(host.certificate ?? '') ?? '']));
}

describe('the certificate of a host', () => {
  for (const { name, objects, options = {}, certificates, problems = [] } of CASES) {
    it(name, () => {
      const translation = translate([...objects, ...WEB], options);
      const all = secretsByHost(translation.model);
      const asked = Object.keys(certificates).map((host) => [host, all[host]]);
      assert.deepEqual(Object.fromEntries(asked), certificates);
      assert.deepEqual(problemsOf(translation), problems);
      const used = new Set(Object.values(all).filter((secretName) => secretName !== ''));
      assert.equal(translation.model.certificates.length, used.size, 'only what a host uses is in the model');
    });
  }

  it('is in the model once, however many hosts use it', () => {
    const { model } = translate([web(['a.example.com', 'c.example.com'], tls('wildcard', '*.example.com')), WILDCARD]);
    assert.equal(model.certificates.length, 1);
  });

  it('never shows its key in a diagnostic', () => {
    const { diagnostics } = translate([web(['a.example.com'], tls('other', 'a.example.com')), OTHER, ...WEB]);
    assert.doesNotMatch(JSON.stringify(diagnostics), /PRIVATE|BEGIN/);
  });
});

describe('a certificate of our own', () => {
  const GONE = web(['a.example.com', 'b.example.com'], tls('gone', 'a.example.com'), tls('exact', 'b.example.com'));

  /** Name of the Secret by host. */
  function presented(options: Partial<TranslateOptions>): readonly string[] {
    const { hosts, certificates } = translate([GONE, OTHER, DEFAULT, ...WEB], options).model;
    const nameOf = (id: string | undefined) => certificates.find((item) => item.id === id)?.source.object.name ?? '';
    return hosts.map(({ name, certificate }) => `${name} ${nameOf(certificate)}`);
  }

  it('is presented where there is no other', () => {
    assert.deepEqual(presented({ ownCertificate: OWN }), [' own', 'a.example.com own', 'b.example.com own']);
  });

  it('makes place for the default one, but not for one that is not there', () => {
    const both = { ...WITH_DEFAULT, ownCertificate: OWN };
    assert.deepEqual(presented(both), [' default', 'a.example.com default', 'b.example.com default']);
    const gone = { ownCertificate: OWN, defaultCertificate: { namespace: 'ingress', name: 'none' } };
    assert.deepEqual(presented(gone), [' own', 'a.example.com own', 'b.example.com own']);
  });
});

interface RedirectCase {
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
  readonly options?: Partial<TranslateOptions>;
  /** Routes that redirect, as `host path`. */
  readonly redirects: readonly string[];
}

const SECURE = ingress('web', { tls: [tls('exact', 'a.example.com')], rules: [rule('a.example.com', '/cart')] });

const REDIRECTS: readonly RedirectCase[] = [
  {
    name: 'redirects all paths of a host with TLS, the way to the default backend too',
    objects: [SECURE, ingress('plain', { rules: [rule('b.example.com', '/')] }), EXACT],
    redirects: ['a.example.com /cart', 'a.example.com /'],
  },
  {
    name: 'redirects the paths of other Ingresses for a host with TLS',
    objects: [SECURE, ingress('plain', { rules: [rule('a.example.com', '/plain')] }), EXACT],
    redirects: ['a.example.com /plain', 'a.example.com /cart', 'a.example.com /'],
  },
  {
    name: 'does not redirect when that is off',
    objects: [SECURE, EXACT],
    options: { redirectToHttps: false },
    redirects: [],
  },
  {
    name: 'does not redirect a host that only a default certificate makes secure',
    objects: [web(['a.example.com']), DEFAULT],
    options: WITH_DEFAULT,
    redirects: [],
  },
  {
    name: 'redirects the default host only when an entry without hosts has a certificate',
    objects: [ingress('web', { tls: [tls('exact')], rules: [rule('', '/')] }), EXACT],
    redirects: [' /'],
  },
  {
    name: 'does not redirect the default host into a refused handshake',
    objects: [ingress('web', { tls: [tls('gone')], rules: [rule('', '/')] })],
    redirects: [],
  },
  {
    name: 'never redirects a challenge of ACME, which must be answered in plain HTTP',
    objects: [
      ingress('web', {
        tls: [tls('exact', 'a.example.com')],
        rules: [
          rule(
            'a.example.com',
            path('/.well-known/acme-challenge/token', 'Exact'),
            '/.well-known/acme-challenge/other/token',
            '/.well-known/acme-challenge/',
            '/.well-known/acme-challenges',
          ),
        ],
      }),
      EXACT,
    ],
    redirects: ['a.example.com /.well-known/acme-challenges', 'a.example.com /'],
  },
];

describe('the redirect to https', () => {
  for (const { name, objects, options = {}, redirects } of REDIRECTS) {
    it(name, () => {
      const { hosts } = translate([...objects, ...WEB], options).model;
      const found = hosts.flatMap((host) =>
        host.routes.filter((route) => route.redirectToHttps).map((route) => `${host.name} ${route.path}`),
      );
      assert.deepEqual(found, redirects);
    });
  }
});
