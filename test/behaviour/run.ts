import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAtLeast } from '../../src/model/version.ts';
import { startBackend, type Backend, type Echo } from '../support/backend.ts';
import { makeCertificate } from '../support/certificates.ts';
import { echoOf, send, type Answer } from '../support/client.ts';
import { ingress, service, tlsSecret, yaml } from '../support/manifests.ts';
import { installedProxies, type InstalledProxy } from '../support/proxies.ts';
import { RunningSluice } from '../support/sluice.ts';
import type { BackendName, BehaviourCase, BehaviourTable, CaseRequest, CaseWorld, Reach, Want } from './case.ts';

const NAMES: readonly BackendName[] = ['alpha', 'beta', 'gamma'];

/** Which of the cases can run on a proxy. */
export function runsOn(
  { only, since, until }: BehaviourCase,
  proxy: Pick<InstalledProxy, 'name' | 'version'>,
): boolean {
  if (only !== undefined && only !== proxy.name) return false;
  if (until !== undefined && isAtLeast(proxy.version, until)) return false;
  return since === undefined || isAtLeast(proxy.version, since);
}

interface Placed {
  readonly item: BehaviourCase;
  readonly title: string;
  readonly host: string;
  readonly name: string;
}

/** Runs tables against every installed proxy: one `sluice run` for each proxy and set of flags. */
export function describeBehaviour(tables: readonly BehaviourTable[]): void {
  const groups = Map.groupBy(tables, ({ flags = [], objects = [] }) => JSON.stringify([flags, objects]));
  for (const [index, group] of [...groups.values()].entries()) {
    for (const proxy of installedProxies()) describeGroup(group, index, proxy);
  }
}

function describeGroup(tables: readonly BehaviourTable[], index: number, proxy: InstalledProxy): void {
  const placed = tables.flatMap(({ family, cases }) =>
    cases
      .filter((item) => runsOn(item, proxy))
      .map((item, place) => {
        const name = `${family}-${place}`;
        return { item, title: `${family}: ${item.name}`, name, host: `${name}.example.com` };
      }),
  );
  if (placed.length === 0) return;
  describe(`annotations on ${proxy.name} ${proxy.version}, group ${index}`, function () {
    this.timeout(60_000);
    let sluice: RunningSluice | undefined;
    let backends: Readonly<Record<BackendName, Backend>> | undefined;

    before(async () => {
      const [alpha, beta, gamma] = await Promise.all([
        startBackend('alpha'),
        startBackend('beta'),
        startBackend('gamma'),
      ]);
      backends = { alpha, beta, gamma };
      const world = { backends, proxy: proxy.name, version: proxy.version };
      const objects = [...(tables[0]?.objects ?? []), ...worldOf(placed, world)];
      const flags = [...(tables[0]?.flags ?? [])];
      const manifests = { 'world.yaml': yaml(...objects) };
      sluice = await RunningSluice.start({
        manifests,
        binary: proxy.binary,
        proxy: proxy.name,
        flags,
        keepOutput: true,
        patienceMs: 30_000,
      });
    });

    after(async () => {
      await sluice?.stop();
      await Promise.all(Object.values(backends ?? {}).map((backend) => backend.close()));
    });

    it('every case is expressed by the templates, and taken by the proxy', () => {
      const lost = sluice?.log.filter((line) => line['code'] === 'Quarantined' || line['code'] === 'RenderFailed');
      assert.deepEqual(lost, []);
    });

    for (const { item, title, host } of placed) {
      it(title, async () => {
        assert.ok(sluice !== undefined && backends !== undefined);
        const reach = reachOf(sluice, { host, backends, proxy: proxy.name, version: proxy.version });
        for (const { want, ...request } of item.requests ?? []) {
          check(await reach.send(request), want, `${request.method ?? 'GET'} ${request.path ?? '/'}`);
        }
        await item.run?.(reach);
      });
    }
  });
}

function worldOf(placed: readonly Placed[], world: Omit<CaseWorld, 'host'>): readonly object[] {
  const services = NAMES.flatMap((name) => service(name, [world.backends[name].port]));
  return [...services, ...service('empty', []), ...placed.flatMap((item) => objectsOf(item, world))];
}

function objectsOf({ item, host, name }: Placed, world: Omit<CaseWorld, 'host'>): readonly object[] {
  const { annotations = {}, paths = [{ path: '/', service: 'alpha' }], tls = false } = item;
  const prefixed = Object.entries(annotations).map(([key, text]) => [`nginx.ingress.kubernetes.io/${key}`, text]);
  const rules = [{ host, paths }];
  const main = { name, rules, annotations: Object.fromEntries(prefixed) as Record<string, string> };
  const secured = tls ? { ...main, tls: [{ hosts: [host], secretName: `${name}-tls` }] } : main;
  const secret = tls ? [tlsSecret(`${name}-tls`, makeCertificate({ names: [host] }))] : [];
  return [ingress(secured), ...secret, ...(item.objects?.({ ...world, host }) ?? [])];
}

function reachOf(sluice: RunningSluice, world: CaseWorld): Reach {
  const { httpPort, httpsPort } = sluice;
  const ask = ({ tls = false, host = world.host, ...request }: CaseRequest): Promise<Answer> =>
    send({ ...request, host, port: tls ? httpsPort : httpPort, ...(tls ? { servername: host } : {}) });
  const echo = async (request: CaseRequest): Promise<Echo> => echoOf(await ask(request));
  const accessLog = (): Promise<string> =>
    readFile(join(sluice.root, 'access.log'), 'utf8').catch(() => sluice.output.join('\n'));
  const add = (objects: readonly object[]): Promise<void> =>
    sluice.change(() => sluice.write(`${world.host}.yaml`, yaml(...objects)));
  const errorLog = (): string => sluice.log.map(({ msg }) => msg ?? '').join('\n');
  return { ...world, httpPort, httpsPort, send: ask, accessLog, errorLog, add, echo };
}

function check(answer: Answer, want: Want, what: string): void {
  const about = `${what}: ${answer.status} ${answer.body.slice(0, 300)}`;
  const statuses = typeof want.status === 'number' ? [want.status] : (want.status ?? [200]);
  assert.ok(statuses.includes(answer.status), `${about}; wanted ${statuses.join(' or ')}`);
  checkHeaders(answer.headers, want.headers, `answer to ${what}`);
  if (want.body !== undefined) checkText(answer.body, want.body, `body of ${what}`);
  const isAboutBackend = want.backend ?? want.url ?? want.upstreamHeaders;
  if (isAboutBackend === undefined) return;
  const echo = JSON.parse(answer.body) as Echo;
  if (want.backend !== undefined) assert.equal(echo.backend, want.backend, about);
  if (want.url !== undefined) assert.equal(echo.url, want.url, about);
  checkHeaders(echo.headers, want.upstreamHeaders, `upstream of ${what}`);
}

function checkHeaders(
  headers: Answer['headers'],
  want: Readonly<Record<string, string | RegExp | undefined>> = {},
  about: string,
): void {
  for (const [name, value] of Object.entries(want)) {
    const found = headers[name.toLowerCase()];
    const text = Array.isArray(found) ? found.join('; ') : found;
    if (value === undefined) assert.equal(text, undefined, `${about}: ${name}`);
    else checkText(text ?? '(none)', value, `${about}: ${name}`);
  }
}

function checkText(text: string, want: string | RegExp, about: string): void {
  if (typeof want === 'string') assert.equal(text, want, about);
  else assert.match(text, want, about);
}
