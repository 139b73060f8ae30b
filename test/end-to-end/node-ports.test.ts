import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { startBackend, type Backend } from '../support/backend.ts';
import { echoOf, send, type Answer } from '../support/client.ts';
import { ingress, yaml } from '../support/manifests.ts';
import { installedProxies } from '../support/proxies.ts';
import { RunningSluice } from '../support/sluice.ts';

const HOST = 'shop.example.com';
const ADDRESSES = { one: '127.0.0.2', two: '127.0.0.3' } as const;

/** What listens on the node port of a node here is a backend, there is no kube-proxy. */
function node(name: keyof typeof ADDRESSES, ready: boolean): object {
  const addresses = [
    { type: 'InternalIP', address: ADDRESSES[name] },
    { type: 'ExternalIP', address: '127.0.0.9' },
  ];
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }];
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, status: { addresses, conditions } };
}

function service(nodePort: number): object {
  const spec = { type: 'NodePort', clusterIP: '10.96.0.10', ports: [{ port: 80, targetPort: 8080, nodePort }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' }, spec };
}

for (const { name, binary, version } of installedProxies()) {
  describe(`${name} ${version} outside of the pod network`, function () {
    this.timeout(120_000);
    let one: Backend;
    let two: Server;
    let sluice: RunningSluice;

    before(async () => {
      one = await startBackend('one', ADDRESSES.one);
      two = createServer((_, response) => response.end(JSON.stringify({ backend: 'two' })));
      // A node port is the same on every node.
      await new Promise<void>((resolve) => two.listen(one.port, ADDRESSES.two, resolve));
      const manifests = {
        'shop.yaml': yaml(
          ingress({ name: 'web', rules: [{ host: HOST, paths: [{ path: '/', service: 'web' }] }] }),
          service(one.port),
        ),
        'nodes.yaml': yaml(node('one', true), node('two', false)),
      };
      sluice = await RunningSluice.start({ manifests, proxy: name, binary, flags: ['--endpoints', 'node-port'] });
    });

    after(async () => {
      await sluice.stop();
      await one.close();
      two.closeAllConnections();
      await new Promise((resolve) => two.close(resolve));
    });

    const ask = (): Promise<Answer> => send({ port: sluice.httpPort, host: HOST });
    const nodes = (...objects: readonly object[]) => sluice.change(() => sluice.write('nodes.yaml', yaml(...objects)));

    it('is answered through the node port of a ready node', async () => {
      assert.equal(echoOf(await ask()).backend, 'one');
    });

    it('follows the nodes', async () => {
      await nodes(node('one', false), node('two', true));
      assert.equal(echoOf(await ask()).backend, 'two');
    });

    it('answers 503 when no node is ready, and says so once', async () => {
      await nodes(node('one', false), node('two', false));
      assert.equal((await ask()).status, 503);
      const told = sluice.log.filter((line) => line['code'] === 'NodeMissing');
      assert.equal(told.length, 1);
    });
  });
}
