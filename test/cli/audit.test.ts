import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditedIngress, AuditReport } from '../../src/cli/audit/report.ts';
import { catalogue } from '../../src/features/catalogue.ts';
import { FakeApiServer } from '../support/api-server/server.ts';
import { makeCertificate } from '../support/certificates.ts';
import { ingress, service, tlsSecret, yaml, type IngressSpec } from '../support/manifests.ts';
import { call, type Called } from './call.ts';

const OLD = '2025-01-01T00:00:00Z';
const PAIR = makeCertificate({ names: ['a.example.com'] });

/** An Ingress of ingress-nginx, with annotations under its prefix. */
function old(spec: IngressSpec): object {
  const annotations = Object.entries(spec.annotations ?? {}).map(([key, value]) => [
    key.includes('/') ? key : `nginx.ingress.kubernetes.io/${key}`,
    value,
  ]);
  return ingress({
    className: 'nginx',
    ...spec,
    annotations: Object.fromEntries(annotations) as Record<string, string>,
  });
}

const to = (path: string, host = 'a.example.com', pathType = 'Prefix') => [
  { host, paths: [{ path, pathType, service: 'web' }] },
];

/** As docs/annotations.md says. */
const statusOfKey = (key: string) => catalogue().find((entry) => entry.key === key)?.nginx.status;

describe('sluice audit', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-audit-'));
  });

  after(() => rm(folder, { recursive: true }));

  async function auditFiles(objects: readonly object[], ...flags: readonly string[]): Promise<Called> {
    const file = join(folder, 'input.yaml');
    await writeFile(file, yaml(...objects));
    return call('audit', '-f', file, '--proxy-version', '1.22.1', ...flags);
  }

  async function reportOf(objects: readonly object[], ...flags: readonly string[]): Promise<AuditReport> {
    const { stdout } = await auditFiles([...objects, ...service('web', [9001])], '--format', 'json', ...flags);
    return JSON.parse(stdout) as AuditReport;
  }

  const only = ({ ingresses: [first] }: AuditReport): AuditedIngress => first ?? assert.fail('no Ingress');
  const quirk = (item: AuditedIngress, id: string) => item.quirks.find((found) => found.id === id);

  it('says that all is well, and exits with 0', async () => {
    const { code, stdout } = await auditFiles([old({ name: 'a', rules: to('/') }), ...service('web', [9001])]);
    assert.deepEqual(
      [code, stdout],
      [0, '1 Ingress on nginx 1.22.1: 0 closed, 0 lost, 0 wrong, 0 differs, 1 honoured\n'],
    );
  });

  it('judges every annotation, names the nearest of an unknown one, and exits with 1 for a loss', async () => {
    const annotations = {
      'use-regex': 'true',
      'proxy-body-size': '8 potatoes',
      'enable-modsecurity': 'true',
      'ssl-redirekt': 'true',
      'app-root': '',
    };
    const objects = [old({ name: 'a', annotations, rules: to('/') })];
    const { annotations: judged, verdict } = only(await reportOf(objects));
    assert.deepEqual(Object.fromEntries(judged.map(({ key, status }) => [key, status])), {
      'app-root': 'unused',
      'enable-modsecurity': 'lost',
      'proxy-body-size': 'wrong',
      'ssl-redirekt': 'unknown',
      'use-regex': statusOfKey('use-regex'),
    });
    assert.equal(verdict, 'lost');
    assert.match(judged.find(({ key }) => key === 'ssl-redirekt')?.note ?? '', /did you mean ssl-redirect\?/);
    assert.equal((await auditFiles(objects)).code, 1);
  });

  it('counts what asks for nothing as no loss', async () => {
    const item = only(
      await reportOf([old({ name: 'a', annotations: { 'enable-modsecurity': 'false' }, rules: to('/') })]),
    );
    assert.deepEqual([item.annotations[0]?.status, item.verdict], ['unused', 'honoured']);
  });

  it('tells what is closed', async () => {
    const annotations = { 'auth-type': 'basic', 'auth-secret': 'elsewhere/users' };
    const { verdict, annotations: judged } = only(await reportOf([old({ name: 'a', annotations, rules: to('/') })]));
    assert.equal(verdict, 'closed');
    assert.ok(judged.some(({ status }) => status === 'closed'));
  });

  it('does not judge what depends on a Secret that is not among the manifests', async () => {
    const annotations = { 'auth-type': 'basic', 'auth-secret': 'users' };
    const spec = { name: 'a', annotations, rules: to('/'), tls: [{ hosts: ['a.example.com'], secretName: 'tls' }] };
    const report = await reportOf([old(spec)]);
    const { annotations: judged, problems, quirks, verdict } = only(report);
    assert.deepEqual(report.unread, ['shop/tls', 'shop/users']);
    assert.equal(judged.find(({ key }) => key === 'auth-secret')?.status, 'unread');
    assert.deepEqual(
      problems.map(({ status }) => status),
      ['unread'],
    );
    assert.ok(!quirks.some(({ id }) => id === 'redirect-without-certificate'));
    assert.ok(['honoured', 'differs'].includes(verdict));
  });

  it('finds what makes all paths of a host regular expressions, also for others on the host', async () => {
    const report = await reportOf([
      old({ name: 'a', created: OLD, annotations: { 'rewrite-target': '/$1' }, rules: to('/Api/(.*)') }),
      old({ name: 'b', namespace: 'team', rules: to('/Exact', 'a.example.com', 'Exact') }),
      ...service('web', [9002], 'team'),
    ]);
    const [a, b] = ['a', 'b'].map((name) => report.ingresses.find((item) => item.name === name) ?? assert.fail());
    assert.ok(a !== undefined && b !== undefined);
    assert.ok(quirk(a, 'implied-regex'));
    assert.match(quirk(a, 'regex-host')?.note ?? '', /because of this Ingress/);
    assert.ok(!quirk(b, 'implied-regex'));
    assert.match(quirk(b, 'regex-host')?.note ?? '', /because of shop\/a/);
    assert.match(quirk(b, 'case-insensitive')?.note ?? '', /"\/Exact"/);
    assert.match(quirk(b, 'shared-host')?.note ?? '', /the oldest goes first: shop\/a/);
  });

  it('tells who wins a path, and where the two controllers decide otherwise', async () => {
    const loser = async (created: string) => {
      const rules = to('/');
      const report = await reportOf([old({ name: 'a', created: OLD, rules }), old({ name: 'b', created, rules })]);
      return report.ingresses.find(({ name }) => name === 'b') ?? assert.fail();
    };
    const later = quirk(await loser('2026-01-01T00:00:00Z'), 'path-conflict');
    const tied = quirk(await loser(OLD), 'path-conflict');
    assert.match(later?.note ?? '', /already served for Ingress shop\/a/);
    assert.deepEqual([later?.status, tied?.status], ['same', 'differs']);
  });

  it('tells of redirects: their slash, and a host without a certificate', async () => {
    const spec = { name: 'a', rules: to('/'), tls: [{ hosts: ['a.example.com'] }] };
    const item = only(await reportOf([old(spec)]));
    assert.ok(quirk(item, 'trailing-slash'));
    assert.equal(quirk(item, 'redirect-without-certificate')?.status, 'differs');
    assert.equal(item.verdict, 'differs');
    const secret = tlsSecret('tls', PAIR);
    const tls = [{ hosts: ['a.example.com'], secretName: 'tls' }];
    const good = only(await reportOf([old({ ...spec, tls }), secret]));
    assert.equal(quirk(good, 'redirect-without-certificate'), undefined);
  });

  it('tells whose requests a canary takes', async () => {
    const report = await reportOf([
      old({ name: 'main', created: OLD, rules: to('/') }),
      old({ name: 'next', annotations: { canary: 'true', 'canary-weight': '10' }, rules: to('/') }),
      old({ name: 'lost', annotations: { canary: 'true' }, rules: to('/other') }),
    ]);
    const [main, next, lost] = ['main', 'next', 'lost'].map((name) =>
      report.ingresses.find((item) => item.name === name),
    );
    assert.match((main && quirk(main, 'has-canaries')?.note) ?? '', /shop\/next$/);
    assert.match((next && quirk(next, 'canary')?.note) ?? '', /takes requests from: shop\/main/);
    assert.match((lost && quirk(lost, 'canary')?.note) ?? '', /takes no requests/);
  });

  it('looks at the class of ingress-nginx, or at the one that is named', async () => {
    const objects = [old({ name: 'a', rules: to('/') }), old({ name: 'b', className: 'traefik', rules: to('/b') })];
    const usual = await reportOf(objects);
    assert.deepEqual([usual.summary.ingresses, usual.ignored[0]?.name], [1, 'b']);
    const other = await reportOf(objects, '--ingress-class', 'traefik');
    assert.deepEqual([other.summary.ingresses, other.ignored[0]?.name], [1, 'a']);
  });

  it('writes one page that loads nothing, with all text escaped', async () => {
    const evil = '"><script>alert(1)</script>\u202e';
    const annotations = { 'x`<img src=x>': evil, 'proxy-body-size': evil };
    const out = join(folder, 'audit.html');
    const objects = [old({ name: 'a', annotations, rules: to('/') }), ...service('web', [9001])];
    const { stdout } = await auditFiles(objects, '--format', 'html', '--out', out);
    const page = await readFile(out, 'utf8');
    assert.equal(stdout, '');
    assert.match(page, /^<!doctype html>/);
    assert.doesNotMatch(page, /<script>alert|<img|\u202e|https?:|<[^>]+(?:src|href)=|@import|url\(/);
    assert.match(page, /&lt;script&gt;alert\(1\)/);
  });

  it('prints neither Secrets nor what would paint a terminal', async () => {
    const hash = '$apr1$secrethash';
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'users', namespace: 'shop' },
      data: { auth: Buffer.from(`ann:${hash}\n`).toString('base64') },
    };
    const annotations = { 'auth-type': 'basic', 'auth-secret': 'users', 'x\u001b[31m': 'a' };
    const objects = [old({ name: 'a', annotations, rules: to('/') }), secret, tlsSecret('tls', PAIR)];
    for (const format of ['table', 'json', 'html']) {
      const { stdout } = await auditFiles(objects, '--format', format, '--proxy', 'haproxy');
      assert.ok(
        !stdout.includes(hash) && !stdout.includes('\u001b') && !stdout.includes(PAIR.key.slice(30, 60)),
        format,
      );
    }
  });

  it('exits with 2 for a format that it does not know', async () => {
    assert.equal((await call('audit', '-f', folder, '--format', 'xml')).code, 2);
  });

  describe('of a cluster', () => {
    let api: FakeApiServer;
    let kubeconfig: string;

    beforeEach(async () => {
      api = await FakeApiServer.start();
      kubeconfig = join(folder, 'kubeconfig');
      await writeFile(kubeconfig, api.kubeconfig({}));
      const tls = [{ hosts: ['a.example.com'], secretName: 'tls' }];
      const objects = [
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'IngressClass',
          metadata: { name: 'nginx' },
          spec: { controller: 'k8s.io/ingress-nginx' },
        },
        old({ name: 'a', tls, rules: to('/') }),
        ...service('web', [9001]),
        tlsSecret('tls', PAIR),
      ];
      for (const object of objects) api.put(object);
    });

    afterEach(() => api.close());

    const auditCluster = () =>
      call('audit', '--kubeconfig', kubeconfig, '--proxy-version', '1.22.1', '--format', 'json');

    it('reads it once, and ends', async () => {
      const { code, stdout } = await auditCluster();
      const report = JSON.parse(stdout) as AuditReport;
      assert.deepEqual([code, report.summary.ingresses, report.unread, report.general], [0, 1, [], []]);
    });

    it('goes on without the right to read Secrets, and says so', async () => {
      api.deny({ resource: 'secrets' });
      const report = JSON.parse((await auditCluster()).stdout) as AuditReport;
      assert.deepEqual([report.unread, report.general], [['shop/tls'], []]);
      assert.equal(only(report).problems[0]?.status, 'unread');
    });

    it('needs no right to watch', async () => {
      api.deny({ verb: 'watch' });
      const { code, stdout } = await auditCluster();
      assert.deepEqual([code, (JSON.parse(stdout) as AuditReport).general], [0, []]);
    });

    it('says what else it may not read', async () => {
      api.deny({ resource: 'ingresses' });
      const { code, stderr } = await auditCluster();
      assert.equal(code, 1);
      assert.match(stderr, /the cluster cannot be read: not allowed to list ingresses/);
    });
  });
});
