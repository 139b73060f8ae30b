import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../src/model/objects.ts';
import type { TranslateOptions } from '../../src/model/options.ts';
import {
  backend,
  endpointPort,
  endpoints,
  formatEndpoints,
  ingress,
  path,
  port,
  problemsOf,
  routesOf,
  rule,
  service,
  slice,
  translate,
} from './world.ts';

interface Case {
  readonly name: string;
  /** The port in the Ingress, by number or name. */
  readonly wanted?: number | string;
  readonly objects: readonly KubernetesObject[];
  readonly options?: Partial<TranslateOptions>;
  readonly target: string;
  readonly upstreams?: Readonly<Record<string, readonly string[]>>;
  readonly problems?: readonly string[];
}

const FIELD = 'Ingress shop/web spec.rules[0].http.paths[0].backend';
const TWO_PORTS = [port(80, { name: 'http', targetPort: 8080 }), port(9090, { name: 'metrics', targetPort: 'prom' })];
const TWO_ENDPOINT_PORTS = [endpointPort(8080, 'http'), endpointPort(9102, 'metrics')];

const CASES: readonly Case[] = [
  {
    name: 'finds a port by its number',
    wanted: 9090,
    objects: [service('web', { ports: TWO_PORTS }), slice('web', ['10.0.0.1'], { ports: TWO_ENDPOINT_PORTS })],
    target: 'shop_web_9090',
    upstreams: { shop_web_9090: ['10.0.0.1:9102'] },
  },
  {
    name: 'finds a port by its name, and names the upstream by its number',
    wanted: 'http',
    objects: [service('web', { ports: TWO_PORTS }), slice('web', ['10.0.0.1'], { ports: TWO_ENDPOINT_PORTS })],
    target: 'shop_web_80',
    upstreams: { shop_web_80: ['10.0.0.1:8080'] },
  },
  {
    name: 'takes the number of the endpoints for a targetPort that is a name',
    wanted: 'metrics',
    objects: [service('web', { ports: TWO_PORTS }), slice('web', ['10.0.0.1'], { ports: TWO_ENDPOINT_PORTS })],
    target: 'shop_web_9090',
    upstreams: { shop_web_9090: ['10.0.0.1:9102'] },
  },
  {
    name: 'lets one named targetPort be different numbers in different slices',
    wanted: 'metrics',
    objects: [
      service('web', { ports: TWO_PORTS }),
      slice('web', ['10.0.0.1'], { ports: [endpointPort(9102, 'metrics')] }),
      slice('web', ['10.0.0.2'], { name: 'web-2', ports: [endpointPort(9103, 'metrics')] }),
    ],
    target: 'shop_web_9090',
    upstreams: { shop_web_9090: ['10.0.0.1:9102', '10.0.0.2:9103'] },
  },
  {
    name: 'prefers TCP when a number is taken for UDP, too',
    wanted: 443,
    objects: [
      service('web', {
        ports: [port(443, { name: 'h3', protocol: 'UDP' }), port(443, { name: 'https', targetPort: 8443 })],
      }),
      slice('web', ['10.0.0.1'], { ports: [endpointPort(8443, 'h3', 'UDP'), endpointPort(8443, 'https')] }),
    ],
    target: 'shop_web_443',
    upstreams: { shop_web_443: ['10.0.0.1:8443'] },
  },
  {
    name: 'uses a targetPort that an Ingress names by mistake, as ingress-nginx does, and warns',
    wanted: 8080,
    objects: [service('web'), slice('web', ['10.0.0.1'])],
    target: 'shop_web_80',
    upstreams: { shop_web_80: ['10.0.0.1:8080'] },
    problems: [`TargetPortUsed ${FIELD}`],
  },
  {
    name: 'uses a targetPort by its name, and warns',
    wanted: 'prom',
    objects: [service('web', { ports: TWO_PORTS }), slice('web', ['10.0.0.1'], { ports: TWO_ENDPOINT_PORTS })],
    target: 'shop_web_9090',
    upstreams: { shop_web_9090: ['10.0.0.1:9102'] },
    problems: [`TargetPortUsed ${FIELD}`],
  },
  {
    name: 'answers 503 for a Service that does not exist, and says so',
    objects: [],
    target: '503',
    problems: [`ServiceMissing ${FIELD}`],
  },
  {
    name: 'does not look for a Service in another namespace',
    objects: [service('web', { namespace: 'pay' }), slice('web', ['10.0.0.1'], { namespace: 'pay' })],
    target: '503',
    problems: [`ServiceMissing ${FIELD}`],
  },
  {
    name: 'answers 503 for a port number that the Service does not have, and says so',
    wanted: 81,
    objects: [service('web'), slice('web', ['10.0.0.1'])],
    target: '503',
    problems: [`ServicePortMissing ${FIELD}`],
  },
  {
    name: 'answers 503 for a port name that the Service does not have, and says so',
    wanted: 'https',
    objects: [service('web', { ports: TWO_PORTS }), slice('web', ['10.0.0.1'], { ports: TWO_ENDPOINT_PORTS })],
    target: '503',
    problems: [`ServicePortMissing ${FIELD}`],
  },
  {
    name: 'answers 503 for a port that is not TCP, and says so',
    wanted: 53,
    objects: [service('web', { ports: [port(53, { protocol: 'UDP' })] })],
    target: '503',
    problems: [`ServicePortProtocol ${FIELD}`],
  },
  {
    name: 'answers 503 without a complaint for a Service without endpoints',
    objects: [service('web')],
    target: 'shop_web_80 (no endpoints)',
    upstreams: { shop_web_80: [] },
  },
  {
    name: 'answers 503 for a Service whose slices have no endpoints',
    objects: [service('web'), slice('web', [])],
    target: 'shop_web_80 (no endpoints)',
    upstreams: { shop_web_80: [] },
  },
  {
    name: 'treats a headless Service as any other',
    objects: [service('web', { clusterIP: 'None' }), slice('web', ['10.0.0.1', '10.0.0.2'])],
    target: 'shop_web_80',
    upstreams: { shop_web_80: ['10.0.0.1:8080', '10.0.0.2:8080'] },
  },
  {
    name: 'takes the number in the Ingress for a headless Service without ports',
    wanted: 9000,
    objects: [service('web', { clusterIP: 'None', ports: [] }), slice('web', ['10.0.0.1'], { ports: [] })],
    target: 'shop_web_9000',
    upstreams: { shop_web_9000: ['10.0.0.1:9000'] },
  },
  {
    name: 'finds no name in a headless Service without ports',
    wanted: 'http',
    objects: [service('web', { clusterIP: 'None', ports: [] })],
    target: '503',
    problems: [`ServicePortMissing ${FIELD}`],
  },
  {
    name: 'finds no number in a Service without ports that is not headless',
    wanted: 80,
    objects: [service('web', { ports: [] })],
    target: '503',
    problems: [`ServicePortMissing ${FIELD}`],
  },
  {
    name: 'reads the core Endpoints of the same name when that is the source',
    objects: [service('web'), endpoints('web', { addresses: ['10.0.0.1'] }), slice('web', ['10.0.0.9'])],
    options: { endpointSource: 'endpoints' },
    target: 'shop_web_80',
    upstreams: { shop_web_80: ['10.0.0.1:8080'] },
  },
  {
    name: 'does not read core Endpoints when slices are the source',
    objects: [service('web'), endpoints('web', { addresses: ['10.0.0.1'] })],
    target: 'shop_web_80 (no endpoints)',
    upstreams: { shop_web_80: [] },
  },
  {
    name: 'serves a Service of type NodePort or LoadBalancer through its endpoints',
    objects: [service('web', { type: 'LoadBalancer' }), slice('web', ['10.0.0.1'])],
    target: 'shop_web_80',
    upstreams: { shop_web_80: ['10.0.0.1:8080'] },
  },
];

describe('the backend of a path', () => {
  for (const { name, wanted = 80, objects, options = {}, target, upstreams = {}, problems = [] } of CASES) {
    it(name, () => {
      const item = ingress('web', { rules: [rule('h', path('/', 'Prefix', backend('web', wanted)))] });
      const translation = translate([item, ...objects], options);
      assert.deepEqual(routesOf(translation, 'h'), [`prefix / → ${target}`]);
      const found = translation.model.upstreams.map((upstream) => [upstream.id, formatEndpoints(upstream)]);
      assert.deepEqual(Object.fromEntries(found), upstreams);
      assert.deepEqual(problemsOf(translation), problems);
    });
  }

  it('shares one upstream between all routes to a port', () => {
    const byNumber = ingress('a', { rules: [rule('h', path('/', 'Prefix', backend('web', 80)))] });
    const byName = ingress('b', { rules: [rule('i', path('/', 'Prefix', backend('web', 'http')))] });
    const objects = [service('web', { ports: TWO_PORTS }), slice('web', ['10.0.0.1'], { ports: TWO_ENDPOINT_PORTS })];
    const { upstreams } = translate([byNumber, byName, ...objects]).model;
    assert.deepEqual(
      upstreams.map(({ id }) => id),
      ['shop_web_80'],
    );
  });

  it('leaves out the upstreams of paths that lost a conflict', () => {
    const winner = ingress('a', { rules: [rule('h', path('/'))] });
    const loser = ingress('b', { rules: [rule('h', path('/', 'Prefix', backend('api')))] });
    const { upstreams } = translate([winner, loser, service('web'), service('api')]).model;
    assert.deepEqual(
      upstreams.map(({ id }) => id),
      ['shop_web_80'],
    );
  });

  it('says which ports the Service has', () => {
    const item = ingress('web', { rules: [rule('h', path('/', 'Prefix', backend('web', 81)))] });
    const [diagnostic] = translate([item, service('web', { ports: TWO_PORTS })]).diagnostics;
    assert.equal(diagnostic?.message, 'Service shop/web has no port "81" (it has http=80, metrics=9090): answers 503');
  });

  it('that is a resource answers 404, as in ingress-nginx, and says so', () => {
    const bucket = { path: '/', pathType: 'Prefix', backend: { type: 'resource', kind: 'Bucket', name: 'b' } } as const;
    const translation = translate([ingress('web', { rules: [rule('h', bucket)] })]);
    assert.deepEqual(routesOf(translation, 'h'), ['prefix / → 404']);
    assert.deepEqual(problemsOf(translation), [`ResourceBackend ${FIELD}`]);
  });
});
