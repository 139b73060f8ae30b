import type { ConfigBundle } from '../../../src/model/bundle.ts';
import type { ProxySettings } from '../../../src/model/options.ts';
import { EMPTY_MODEL } from '../../../src/model/routing.ts';
import type { Endpoint, Host, RoutingModel, Target, Upstream } from '../../../src/model/routing.ts';
import type { Renderer } from '../../../src/render/render.ts';
import { SETTINGS } from '../../support/objects.ts';
import type { HaproxySandbox } from './haproxy.ts';

/** Endpoints by the name of a Service: ports of 127.0.0.1, or addresses with a port. */
export type World = Readonly<Record<string, readonly (number | string)[]>>;

/** What the templates make of a world in which `NAME.example.com` leads to the Service `NAME`. */
export function worldBundle(
  world: World,
  {
    sandbox,
    render,
    httpPort,
  }: { readonly sandbox: HaproxySandbox; readonly render: Renderer; readonly httpPort: number },
): ConfigBundle {
  const { runDirectory, acknowledgeSocket } = sandbox;
  const run = { runDirectory, acknowledgeSocket, httpPort, workerShutdownTimeout: 2 };
  const settings: ProxySettings = { ...SETTINGS, ...run, accessLog: 'off', workerProcesses: '2' };
  return render(modelOf(world), settings).bundle;
}

function modelOf(world: World): RoutingModel {
  const upstreams = Object.entries(world).map(([name, places]) => upstreamOf(name, places.map(endpointOf)));
  const hosts = upstreams.map((upstream) => {
    const available = upstream.endpoints.length > 0;
    const target = { type: 'upstream', upstream: upstream.id, available, externalName: undefined } as const;
    return hostOf(`${upstream.service}.example.com`, target);
  });
  return { ...EMPTY_MODEL, hosts: [hostOf('', { type: 'status', status: 404 }), ...hosts], upstreams };
}

function upstreamOf(service: string, endpoints: readonly Endpoint[]): Upstream {
  const source = { object: { kind: 'Service', namespace: 'shop', name: service }, field: '' };
  const id = `shop_${service}_http`;
  return {
    id,
    namespace: 'shop',
    service,
    port: 'http',
    endpoints,
    externalName: undefined,
    balance: undefined,
    direct: true,
    source,
  };
}

function endpointOf(place: number | string): Endpoint {
  const [, address = '127.0.0.1', port = ''] = /^(.*):(\d+)$/.exec(String(place)) ?? [];
  return { address, port: Number(port === '' ? place : port) };
}

function hostOf(name: string, target: Target): Host {
  const object = { kind: 'Ingress', namespace: 'shop', name: 'web' };
  const source = name === '' ? undefined : { object, field: 'spec.rules[0]' };
  const rest = { features: undefined, featured: undefined, exactTwin: false, redirectToHttps: false, target, source };
  const kind = name === '' ? 'default' : 'exact';
  return {
    name,
    kind,
    certificate: undefined,
    features: undefined,
    routes: [{ path: '/', match: 'prefix', ...rest }],
    source,
  };
}
