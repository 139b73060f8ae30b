import assert from 'node:assert/strict';
import { startBackend, type Backend } from '../support/backend.ts';
import { INGRESS_CLASS, RunningCluster } from '../support/cluster.ts';
import { ingress, service, type IngressSpec } from '../support/manifests.ts';
import { installedNginx } from '../support/proxies.ts';
import { reach, untilReached } from '../support/reach.ts';

const [NGINX] = installedNginx();
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

function ingressClass(name: string, controller: string, isDefault = false): object {
  const annotations = { 'ingressclass.kubernetes.io/is-default-class': String(isDefault) };
  return { ...INGRESS_CLASS, metadata: { name, annotations }, spec: { controller } };
}

/** An Ingress for the host `<name>.example.com`; a class of null is none at all. */
function shop(name: string, className: string | null, spec: Partial<IngressSpec> = {}): object {
  const rules = [{ host: `${name}.example.com`, paths: [{ path: '/', service: 'alpha' }] }];
  const object = ingress({ name, rules, ...(className === null ? {} : { className }), ...spec }) as {
    readonly spec: object;
  };
  return className === null ? { ...object, spec: { ...object.spec, ingressClassName: undefined } } : object;
}

describe('what is chosen from a cluster', function () {
  this.timeout(120_000);
  let alpha: Backend;
  let cluster: RunningCluster;

  before(async () => {
    alpha = await startBackend('alpha');
  });

  after(() => alpha.close());

  afterEach(() => cluster.stop());

  const start = async (objects: readonly object[], ...flags: readonly string[]): Promise<void> => {
    const services = ['shop', 'other'].flatMap((namespace) => service('alpha', [alpha.port], namespace));
    cluster = await RunningCluster.start({ objects: [...services, ...objects], binary: NGINX?.binary ?? '', flags });
  };
  const at = (name: string) => ({ port: cluster.sluice.httpPort, host: `${name}.example.com` });
  const reached = async (...names: readonly string[]) => {
    const answers = await Promise.all(names.map(async (name) => [name, await reach(at(name))]));
    return Object.fromEntries(answers) as Record<string, unknown>;
  };

  it('is an Ingress of a class of ours', async () => {
    await start([
      ingressClass('second', 'sluice.dev/ingress-controller'),
      ingressClass('foreign', 'example.com/other'),
      shop('first', 'sluice'),
      shop('second', 'second'),
      shop('foreign', 'foreign'),
      shop('unknown', 'unknown'),
      shop('old', null, { annotations: { [CLASS_ANNOTATION]: 'sluice' } }),
      shop('old-foreign', null, { annotations: { [CLASS_ANNOTATION]: 'nginx' } }),
      shop('none', null),
    ]);
    const names = ['first', 'second', 'foreign', 'unknown', 'old', 'old-foreign', 'none'];
    assert.deepEqual(await reached(...names), {
      first: 'alpha',
      second: 'alpha',
      foreign: 404,
      unknown: 404,
      old: 'alpha',
      'old-foreign': 404,
      none: 404,
    });
  });

  it('follows IngressClasses that come, change hands, become the default, and go', async () => {
    await start([shop('none', null), shop('second', 'second')]);
    assert.deepEqual(await reached('none', 'second'), { none: 404, second: 404 });
    cluster.api.put(ingressClass('second', 'sluice.dev/ingress-controller', true));
    await untilReached(at('none'), 'alpha');
    await untilReached(at('second'), 'alpha');
    cluster.api.put(ingressClass('second', 'sluice.dev/ingress-controller', false));
    await untilReached(at('none'), 404);
    assert.equal(await reach(at('second')), 'alpha');
    cluster.api.put(ingressClass('second', 'example.com/other'));
    await untilReached(at('second'), 404);
    cluster.api.put(ingressClass('second', 'sluice.dev/ingress-controller'));
    await untilReached(at('second'), 'alpha');
    cluster.api.remove('IngressClass', undefined, 'second');
    await untilReached(at('second'), 404);
  });

  it('is an Ingress that names the class, where IngressClasses are not read', async () => {
    await start([shop('first', 'sluice'), shop('foreign', 'foreign')], '--watch-ingress-class=false');
    cluster.api.remove('IngressClass', undefined, 'sluice');
    cluster.api.put(shop('later', 'sluice'));
    await untilReached(at('later'), 'alpha');
    assert.deepEqual(await reached('first', 'foreign'), { first: 'alpha', foreign: 404 });
    const asked = cluster.api.requests.map(({ resource }) => resource);
    assert.ok(!asked.includes('ingressclasses'), asked.join());
  });

  it('is what is in the namespaces that are listed', async () => {
    await start(
      [
        shop('here', 'sluice'),
        shop('there', 'sluice', { namespace: 'other' }),
        shop('away', 'sluice', { namespace: 'x' }),
      ],
      ...['--namespaces', 'shop,other'],
    );
    assert.deepEqual(await reached('here', 'there', 'away'), { here: 'alpha', there: 'alpha', away: 404 });
    const wide = cluster.api.requests.filter(
      ({ verb, resource, namespace }) =>
        (verb === 'list' || verb === 'watch') && resource !== 'ingressclasses' && namespace === undefined,
    );
    assert.deepEqual(wide, []);
  });

  it('is what is in the namespaces that have a label, as long as they have it', async () => {
    const namespace = (name: string, labels: object) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels },
    });
    await start(
      [
        namespace('shop', { edge: 'yes' }),
        namespace('other', { edge: 'no' }),
        shop('here', 'sluice'),
        shop('there', 'sluice', { namespace: 'other' }),
      ],
      ...['--namespace-selector', 'edge=yes'],
    );
    assert.deepEqual(await reached('here', 'there'), { here: 'alpha', there: 404 });
    cluster.api.put(namespace('other', { edge: 'yes' }));
    await untilReached(at('there'), 'alpha');
    cluster.api.put(namespace('shop', {}));
    await untilReached(at('here'), 404);
    assert.equal(await reach(at('there')), 'alpha');
    cluster.api.remove('Namespace', undefined, 'other');
    await untilReached(at('there'), 404);
    cluster.api.put(namespace('shop', { edge: 'yes' }));
    await untilReached(at('here'), 'alpha');
  });

  it('are core v1 Endpoints', async () => {
    const endpoints = (port: number) => ({
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'core', namespace: 'shop' },
      subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ name: 'http', port, protocol: 'TCP' }] }],
    });
    const rules = [{ host: 'core.example.com', paths: [{ path: '/', service: 'core' }] }];
    await start(
      [ingress({ name: 'core', rules }), ...service('core', []), endpoints(alpha.port)],
      ...['--endpoints', 'endpoints'],
    );
    assert.equal(await reach(at('core')), 'alpha');
    cluster.api.remove('Endpoints', 'shop', 'core');
    await untilReached(at('core'), 503);
    cluster.api.put(endpoints(alpha.port));
    await untilReached(at('core'), 'alpha');
    assert.equal(cluster.api.openWatchesOf('endpointslices'), 0);
  });

  it('are nodes and their ports', async () => {
    const node = (ready: 'True' | 'False') => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'one' },
      status: {
        addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
        conditions: [{ type: 'Ready', status: ready }],
      },
    });
    const [plain = {}] = service('outside', []);
    const spec = {
      type: 'NodePort',
      clusterIP: '10.96.0.11',
      ports: [{ port: 80, targetPort: 8080, nodePort: alpha.port }],
    };
    const rules = [{ host: 'outside.example.com', paths: [{ path: '/', service: 'outside' }] }];
    await start(
      [ingress({ name: 'outside', rules }), { ...plain, spec }, node('True')],
      ...['--endpoints', 'node-port'],
    );
    assert.equal(await reach(at('outside')), 'alpha');
    cluster.api.put(node('False'));
    await untilReached(at('outside'), 503);
    cluster.api.put(node('True'));
    await untilReached(at('outside'), 'alpha');
    cluster.api.remove('Node', undefined, 'one');
    await untilReached(at('outside'), 503);
  });
});
