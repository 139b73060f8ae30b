import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { startBackend, type Backend } from '../support/backend.ts';
import { makeCertificate, type CertificatePair } from '../support/certificates.ts';
import { send } from '../support/client.ts';
import { RunningCluster } from '../support/cluster.ts';
import { ingress, service, tlsSecret } from '../support/manifests.ts';
import { installedHaproxy, installedNginx } from '../support/proxies.ts';
import { reach, untilReached } from '../support/reach.ts';
import { waitFor } from '../support/wait.ts';

const HOST = 'shop.example.com';
const SECURE = 'secure.example.com';
const OLD = makeCertificate({ names: [SECURE] });
const NEW = makeCertificate({ names: [SECURE], days: 60 });

function web(path: string): object {
  return ingress({ name: 'web', rules: [{ host: HOST, paths: [{ path, service: 'alpha' }] }] });
}

const SECURE_INGRESS = ingress({
  name: 'secure',
  tls: [{ hosts: [SECURE], secretName: 'tls' }],
  rules: [{ host: SECURE, paths: [{ path: '/', service: 'beta' }] }],
});

const PROXIES = [...installedNginx().slice(0, 1), ...installedHaproxy().slice(-1)];

for (const { name: proxy, binary, version } of PROXIES) {
  describe(`changes in a cluster that ${proxy} ${version} serves`, function () {
    this.timeout(120_000);
    let alpha: Backend;
    let beta: Backend;
    let cluster: RunningCluster;

    before(async () => {
      [alpha, beta] = [await startBackend('alpha'), await startBackend('beta')];
      const objects = [
        web('/'),
        SECURE_INGRESS,
        ...service('alpha', [alpha.port]),
        ...service('beta', [beta.port]),
        tlsSecret('tls', OLD),
      ];
      cluster = await RunningCluster.start({ objects, proxy, binary });
    });

    after(async () => {
      await cluster.stop();
      await Promise.all([alpha.close(), beta.close()]);
    });

    const at = (path: string, host = HOST) => ({ port: cluster.sluice.httpPort, host, path });
    const put = (...objects: readonly object[]): void => {
      for (const object of objects) cluster.api.put(object);
    };

    it('an Ingress is added, changed and deleted', async () => {
      const added = (path: string) =>
        ingress({ name: 'new', rules: [{ host: 'new.example.com', paths: [{ path, service: 'beta' }] }] });
      assert.equal(await reach(at('/one', 'new.example.com')), 404);
      put(added('/one'));
      await untilReached(at('/one', 'new.example.com'), 'beta');
      put(added('/two'));
      await untilReached(at('/two', 'new.example.com'), 'beta');
      // For a moment, workers of before accept connections, too.
      await untilReached(at('/one', 'new.example.com'), 404);
      cluster.api.remove('Ingress', 'shop', 'new');
      await untilReached(at('/two', 'new.example.com'), 404);
    });

    it('an Ingress is deleted and comes anew under its name', async () => {
      cluster.api.remove('Ingress', 'shop', 'web');
      put(web('/anew'));
      await untilReached(at('/'), 404);
      await untilReached(at('/anew'), 'alpha');
      put(web('/'));
      await untilReached(at('/'), 'alpha');
    });

    it('a Service loses the port, is deleted, and comes back', async () => {
      const [object = {}] = service('alpha', []);
      put({ ...object, spec: { clusterIP: '10.96.0.10', ports: [{ name: 'other', port: 81, targetPort: 'web' }] } });
      await untilReached(at('/'), 503);
      put(object);
      await untilReached(at('/'), 'alpha');
      cluster.api.remove('Service', 'shop', 'alpha');
      await untilReached(at('/'), 503);
      put(object);
      await untilReached(at('/'), 'alpha');
    });

    it('endpoints move, are not ready, and are deleted', async () => {
      const [, slice = {}] = service('alpha', [beta.port]);
      put(slice);
      await untilReached(at('/'), 'beta');
      put({ ...slice, endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: false } }] });
      await untilReached(at('/'), 503);
      put(...service('alpha', [alpha.port]));
      await untilReached(at('/'), 'alpha');
      cluster.api.remove('EndpointSlice', 'shop', 'alpha-0');
      await untilReached(at('/'), 503);
      put(...service('alpha', [alpha.port]));
      await untilReached(at('/'), 'alpha');
    });

    /** The generation, once what is installed is acknowledged, which is logged after clients notice. */
    const settled = (): Promise<number> =>
      waitFor('the last change to be acknowledged', async () => {
        const current = Number(basename(await readlink(join(cluster.sluice.configDir, 'current'))));
        return current === cluster.sluice.lastGeneration && current;
      });

    /** Fingerprint; `undefined` when the handshake is refused. */
    const presented = async (): Promise<string | undefined> => {
      const sent = send({ port: cluster.sluice.httpsPort, host: SECURE, servername: SECURE });
      return sent.then(({ fingerprint }) => fingerprint).catch(() => undefined);
    };
    const untilPresented = async (pair: CertificatePair | undefined): Promise<void> => {
      const want = pair && new X509Certificate(pair.certificate).fingerprint256;
      await waitFor('the certificate', async () => (await presented()) === want);
    };

    it('a certificate is renewed, goes away, and comes back', async () => {
      await untilPresented(OLD);
      put(tlsSecret('tls', NEW));
      await untilPresented(NEW);
      cluster.api.remove('Secret', 'shop', 'tls');
      await untilPresented(undefined);
      put(tlsSecret('tls', OLD));
      await untilPresented(OLD);
    });

    it('nothing is done for a change that means nothing to the proxy', async () => {
      const generation = await settled();
      const seen = cluster.sluice.log.length;
      const object = web('/') as { readonly metadata: object };
      put({ ...object, metadata: { ...object.metadata, labels: { team: 'web' } } });
      // Whatever came of it is known when a later change is served.
      put(ingress({ name: 'later', rules: [{ host: 'later.example.com', paths: [{ path: '/', service: 'beta' }] }] }));
      await untilReached(at('/', 'later.example.com'), 'beta');
      await settled();
      const applied = cluster.sluice.log.slice(seen).filter((line) => line['type'] === 'applied');
      assert.equal(applied.length, 1);
      assert.equal(cluster.sluice.lastGeneration, generation + 1);
    });
  });
}
