import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startBackend, type Backend } from '../support/backend.ts';
import { echoOf, send } from '../support/client.ts';
import { ingress, service, tlsSecret, yaml } from '../support/manifests.ts';
import { installedProxies } from '../support/proxies.ts';
import { RunningSluice, type LogLine } from '../support/sluice.ts';
import { waitFor } from '../support/wait.ts';

/** Templates that write what users wrote without any care, so that objects can be bad. */
const CARELESS = {
  nginx: {
    'partials/http.hbs': `{{#each hosts}}{{#each routes}}{{#if (startsWith path "/zone/")}}
{{#owner source}}
    limit_req_zone $binary_remote_addr zone={{word (slice path 6)}}:1m rate=9r/s;
{{/owner}}
{{/if}}{{#if (startsWith path "/silent")}}
    silent on;
{{/if}}{{/each}}{{/each}}
`,
    'partials/location.hbs': `{{#if (startsWith path "/syntax")}}
        {{word (slice path 1)}} on;
{{/if}}
{{#if (startsWith path "/regex")}}
        if ($uri ~ {{nginxRegex path}}) { return 400; }
{{/if}}
{{#if (startsWith path "/long")}}
        proxy_pass http://unix:{{word path}};
{{/if}}
{{#if (and source (eq path "/"))}}{{#if (eq (objectName source) "shop/fallback")}}
        fallback on;
{{/if}}{{/if}}
`,
    'partials/upstream.hbs': `{{#if (eq upstream.service "broken")}}
    broken on;
{{/if}}
`,
  },
  haproxy: {
    'partials/defaults.hbs': `{{#each hosts}}{{#each routes}}{{#owner source}}
{{#if (startsWith path "/zone/")}}
backend {{word (concat "zone_" (slice path 6))}}
{{/if}}
{{#if (startsWith path "/long")}}
backend {{word (concat "long_" @root.proxy.name)}}
    server s {{word (concat "unix@" path)}}
{{/if}}
{{/owner}}{{#if (startsWith path "/silent")}}
silent on
{{/if}}{{/each}}{{/each}}
`,
    'partials/frontend.hbs': `{{#each hosts}}{{#each routes}}{{#owner source}}
{{#if (startsWith path "/syntax")}}
    {{word (slice path 1)}} on
{{/if}}
{{#if (startsWith path "/regex")}}
    http-request deny if { path -m reg {{haproxyString path}} }
{{/if}}
{{#if (and source (eq path "/"))}}{{#if (eq (objectName source) "shop/fallback")}}
    fallback on
{{/if}}{{/if}}
{{/owner}}{{/each}}{{/each}}
`,
    'partials/backend.hbs': `{{#if (eq upstream.service "broken")}}
    broken on
{{/if}}
`,
  },
} as const;

const CHECK_FLAG = { nginx: '-t', haproxy: '-c' } as const;

const one = (name: string, path: string, target = 'alpha') =>
  ingress({ name, rules: [{ host: `${name}.example.com`, paths: [{ path, service: target }] }] });

/** What is wrong, in whose object and field, and the word of the proxy that shows that it is about this. */
interface Bad {
  readonly object: string;
  readonly field: string;
  readonly says: RegExp;
  readonly manifests: readonly object[];
}

function badObjects(port: number): readonly Bad[] {
  const paths = (bad: string) => [
    { path: '/good', service: 'alpha' },
    { path: bad, service: 'alpha' },
  ];
  const path = 'spec.rules[0].http.paths[1]';
  const withPath = (name: string, bad: string) =>
    ingress({ name, rules: [{ host: `${name}.example.com`, paths: paths(bad) }] });
  const tls = [{ hosts: ['tls.example.com'], secretName: 'weak' }];
  const rules = (name: string) => [{ host: `${name}.example.com`, paths: paths('/other') }];
  return [
    { object: 'Ingress shop/syntax', field: path, says: /syntax-9/, manifests: [withPath('syntax', '/syntax-9')] },
    { object: 'Ingress shop/regex', field: path, says: /regex/, manifests: [withPath('regex', '/regex(')] },
    {
      object: 'Ingress shop/long',
      field: path,
      says: /too long/i,
      manifests: [withPath('long', `/long${'x'.repeat(300)}`)],
    },
    {
      object: 'Ingress shop/zone-b',
      field: path,
      says: /zone/,
      manifests: [withPath('zone-a', '/zone/same'), withPath('zone-b', '/zone/same')],
    },
    {
      object: 'Ingress shop/fallback',
      field: 'spec.defaultBackend',
      says: /fallback/,
      manifests: [
        ingress({ name: 'fallback', defaultBackend: { service: 'alpha', port: 80 }, rules: rules('fallback') }),
      ],
    },
    {
      object: 'Service shop/broken',
      field: '',
      says: /broken/,
      manifests: [...service('broken', [port]), one('to-broken', '/', 'broken')],
    },
    {
      object: 'Secret shop/weak',
      field: '',
      says: /too small|unable to load/,
      manifests: [tlsSecret('weak', weakPair()), ingress({ name: 'tls', tls, rules: rules('tls') })],
    },
  ];
}

/** A key that OpenSSL refuses at the security level that distributions set. */
function weakPair(): { readonly certificate: string; readonly key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-weak-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', '/CN=tls.example.com', '-addext', 'subjectAltName=DNS:tls.example.com', '-days', '30'];
  execFileSync('openssl', ['ecparam', '-name', 'prime192v1', '-genkey', '-noout', '-out', key]);
  execFileSync('openssl', ['req', '-x509', '-key', key, '-out', certificate, ...subject], { stdio: 'ignore' });
  const pair = { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
  rmSync(folder, { recursive: true });
  return pair;
}

for (const { name: proxy, binary, version } of installedProxies()) {
  describe(`what ${proxy} ${version} refuses`, function () {
    this.timeout(120_000);
    let alpha: Backend;
    let folder: string;
    let wrapper: string;
    let counter: string;
    let sluice: RunningSluice | undefined;

    before(async () => {
      alpha = await startBackend('alpha');
      folder = await mkdtemp(join(tmpdir(), 'sluice-quarantine-'));
      await chmod(folder, 0o755);
      [wrapper, counter] = [join(folder, proxy), join(folder, 'checks')];
      const count = `if [ "$1" = ${CHECK_FLAG[proxy]} ]; then echo check >> ${counter}; fi`;
      await writeFile(wrapper, `#!/bin/sh\n${count}\nexec ${binary} "$@"\n`, { mode: 0o755 });
    });

    beforeEach(async () => {
      await writeFile(counter, '');
      await chmod(counter, 0o666);
    });

    afterEach(async () => {
      await sluice?.stop();
      sluice = undefined;
    });

    after(async () => {
      await Promise.all([alpha.close(), rm(folder, { recursive: true })]);
    });

    const checks = async () => (await readFile(counter, 'utf8')).split('\n').length - 1;

    async function templates(name: string, files: Readonly<Record<string, string>>): Promise<readonly string[]> {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, name, path)), { recursive: true });
        await writeFile(join(folder, name, path), text);
      }
      return ['--templates', join(folder, name)];
    }

    const start = async (manifests: readonly object[], flags: readonly string[]) => {
      const files = { 'all.yaml': yaml(...service('alpha', [alpha.port]), ...manifests) };
      sluice = await RunningSluice.start({ manifests: files, proxy, binary: wrapper, flags, patienceMs: 60_000 });
      return sluice;
    };

    const quarantined = (log: readonly LogLine[]) => log.filter((line) => line['code'] === 'Quarantined');
    const ask = (port: number, host: string, path: string) => send({ port, host: `${host}.example.com`, path });

    it('of seven kinds holds up none of 500 others, which arrive at once, and each is told', async () => {
      const good = Array.from({ length: 500 }, (_, index) => one(`good-${index}`, `/app-${index}`));
      const bad = badObjects(alpha.port);
      const flags = await templates('careless', CARELESS[proxy]);
      const { httpPort, log } = await start([...good, ...bad.flatMap(({ manifests }) => manifests)], flags);
      const runs = await checks();
      for (const index of good.keys()) {
        const answer = await ask(httpPort, `good-${index}`, `/app-${index}`);
        assert.equal(answer.status, 200, `good-${index}`);
      }
      const told = quarantined(log);
      assert.deepEqual(
        told.map((line) => `${String(line['object'])} ${String(line['field'])}`).toSorted(),
        bad.map(({ object, field }) => `${object} ${field}`).toSorted(),
      );
      for (const { object, says } of bad) {
        const reason = told.find((line) => line['object'] === object)?.['reason'];
        assert.match(String(reason), says, object);
      }
      for (const host of ['syntax', 'regex', 'long', 'zone-a', 'zone-b']) {
        assert.equal(echoOf(await ask(httpPort, host, '/good')).backend, 'alpha', host);
      }
      assert.equal((await ask(httpPort, 'zone-a', '/zone/same')).status, 200);
      assert.equal((await ask(httpPort, 'zone-b', '/zone/same')).status, 404);
      assert.equal((await ask(httpPort, 'to-broken', '/')).status, 503);
      console.log(`      ${runs} runs of the checker`);
      assert.ok(runs <= 12, `${runs} runs of the checker`);
    });

    it('without saying whose it is, is found by trying, also at the first start; and comes back when it is corrected', async () => {
      const flags = await templates('careless', CARELESS[proxy]);
      const good = Array.from({ length: 60 }, (_, index) => one(`good-${index}`, '/'));
      const running = await start([...good, one('silent', '/silent'), one('syntax', '/syntax-9')], flags);
      await running.logged('the search to end', (line) => line['object'] === 'Ingress shop/silent');
      const names = () => quarantined(running.log).map((line) => line['object']);
      await waitFor('all good ones', async () => (await ask(running.httpPort, 'good-59', '/')).status === 200);
      assert.deepEqual(names().toSorted(), ['Ingress shop/silent', 'Ingress shop/syntax']);
      const [others, corrected] = [[...good, one('syntax', '/syntax-9')], one('silent', '/loud')];
      await running.write('all.yaml', yaml(...service('alpha', [alpha.port]), ...others, corrected));
      await waitFor('it to be served', async () => (await ask(running.httpPort, 'silent', '/loud')).status === 200);
      assert.deepEqual(names().toSorted(), ['Ingress shop/silent', 'Ingress shop/syntax']);
      console.log(`      ${await checks()} runs of the checker`);
    });

    it('of the templates is nobody’s fault, and keeps what runs', async () => {
      const bad =
        proxy === 'nginx'
          ? { 'partials/http.hbs': '    nonsense on;\n' }
          : { 'partials/global.hbs': '    nonsense on\n' };
      const flags = await templates('bad', bad);
      const files = { 'all.yaml': yaml(...service('alpha', [alpha.port]), one('good', '/'), one('other', '/')) };
      sluice = await RunningSluice.prepare({ manifests: files, proxy, binary: wrapper, flags });
      sluice.launch();
      const line = await sluice.logged('ConfigRefused', (item) => item['code'] === 'ConfigRefused');
      assert.match(String(line['reason']), /nonsense/);
      assert.deepEqual(quarantined(sluice.log), []);
    });
  });
}
