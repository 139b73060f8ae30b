import type { Diagnostic } from '../model/diagnostics.ts';
import type {
  Endpoints,
  EndpointSlice,
  IngressBackend,
  Service,
  ServicePort,
  ServicePortRef,
} from '../model/objects.ts';
import type { TranslateOptions } from '../model/options.ts';
import {
  externalNameRefused,
  resourceBackend,
  serviceMissing,
  servicePortMissing,
  servicePortProtocol,
  targetPortUsed,
} from '../model/problems.ts';
import { objectKey, type Source } from '../model/refs.ts';
import type { ExternalName, Target, Upstream } from '../model/routing.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { endpointsFromSlices, endpointsFromSubsets, type ResolvedEndpoints } from './endpoints.ts';
import { parseExternalName } from './external-name.ts';

const CLOSED: Target = { type: 'status', status: 503 };

/** What a Service port came to, for as long as the Service and its endpoints are the same values. */
interface Resolution {
  readonly inputs: readonly object[];
  readonly upstream: Upstream;
  readonly target: Target;
  readonly diagnostics: readonly Diagnostic[];
}

/** Resolutions of earlier snapshots, by Service and upstream id; valid while the options stay the same. */
export type ResolutionMemory = WeakMap<Service, Map<string, Resolution>>;

/** Resolves backends of one snapshot, and remembers every upstream that was asked for. */
export class BackendResolver {
  /** By id. */
  readonly upstreams = new Map<string, Upstream>();
  readonly diagnostics: Diagnostic[] = [];
  readonly #snapshot: Snapshot;
  readonly #options: TranslateOptions;
  readonly #memory: ResolutionMemory;
  readonly #slices: ReadonlyMap<string, readonly EndpointSlice[]>;

  constructor(snapshot: Snapshot, options: TranslateOptions, memory: ResolutionMemory) {
    this.#snapshot = snapshot;
    this.#options = options;
    this.#memory = memory;
    this.#slices = slicesByService(snapshot);
  }

  /** Where a backend leads; what is missing answers 503 and is told with `source`, the field that names the backend. */
  resolve(backend: IngressBackend, namespace: string, source: Source): Target {
    if (backend.type === 'resource') return this.#close(resourceBackend(source, backend.kind));
    const service = this.#snapshot.objects.Service.get(objectKey(namespace, backend.name));
    if (service === undefined) return this.#close(serviceMissing(source, namespace, backend.name));
    return this.#resolveService(service, backend.port, source);
  }

  #resolveService(service: Service, wanted: ServicePortRef, source: Source): Target {
    const key = objectKey(service.metadata.namespace, service.metadata.name);
    const port = findPort(service, wanted);
    const text = 'number' in wanted ? String(wanted.number) : wanted.name;
    if (port === undefined) return this.#close(servicePortMissing(source, key, text, listPorts(service)));
    if (port.protocol !== 'TCP') return this.#close(servicePortProtocol(source, key, port.protocol));
    if (!isNamedBy(port, wanted)) this.diagnostics.push(targetPortUsed(source, key, text));
    const external = this.#externalName(service, port, source);
    if (external === 'refused') return CLOSED;
    return this.#target(service, port, external);
  }

  #externalName(service: Service, port: ServicePort, source: Source): ExternalName | undefined | 'refused' {
    if (service.type !== 'ExternalName') return undefined;
    const parsed = parseExternalName(service, this.#options);
    if (parsed.ok)
      return { name: parsed.value, port: typeof port.targetPort === 'number' ? port.targetPort : port.port };
    this.diagnostics.push(externalNameRefused(source, parsed.problem));
    return 'refused';
  }

  #target(service: Service, port: ServicePort, externalName: ExternalName | undefined): Target {
    const { namespace, name } = service.metadata;
    const id = `${namespace}_${name}_${port.port}`;
    const inputs = this.#inputs(objectKey(namespace, name));
    const remembered = this.#memory.get(service)?.get(id);
    const isSame = remembered !== undefined && sameValues(remembered.inputs, inputs);
    const { upstream, target, diagnostics } = isSame ? remembered : this.#resolvePort(id, service, port, externalName);
    if (!this.upstreams.has(id)) this.diagnostics.push(...diagnostics);
    this.upstreams.set(id, upstream);
    return target;
  }

  #resolvePort(id: string, service: Service, port: ServicePort, externalName: ExternalName | undefined): Resolution {
    const { namespace, name } = service.metadata;
    const inputs = this.#inputs(objectKey(namespace, name));
    const { endpoints, diagnostics } = externalName === undefined ? this.#endpoints(service, port, inputs) : NONE;
    const source = { object: { kind: 'Service', namespace, name }, field: '' };
    const upstream = { id, namespace, service: name, port: String(port.port), endpoints, externalName, source };
    const available = externalName !== undefined || endpoints.length > 0;
    const target: Target = { type: 'upstream', upstream: id, available, externalName };
    const resolution = { inputs, upstream, target, diagnostics };
    const ofService = this.#memory.get(service) ?? new Map<string, Resolution>();
    this.#memory.set(service, ofService.set(id, resolution));
    return resolution;
  }

  /** The objects that list the endpoints of a Service. */
  #inputs(key: string): readonly (EndpointSlice | Endpoints)[] {
    if (this.#options.endpointSource === 'slices') return this.#slices.get(key) ?? [];
    const item = this.#snapshot.objects.Endpoints.get(key);
    return item === undefined ? [] : [item];
  }

  #endpoints(service: Service, port: ServicePort, inputs: readonly (EndpointSlice | Endpoints)[]): ResolvedEndpoints {
    const [first] = inputs;
    if (first?.kind === 'Endpoints') return endpointsFromSubsets(first, service, port);
    return endpointsFromSlices(
      inputs.filter((item) => item.kind === 'EndpointSlice'),
      port,
    );
  }

  #close(diagnostic: Diagnostic): Target {
    this.diagnostics.push(diagnostic);
    return CLOSED;
  }
}

const NONE: ResolvedEndpoints = { endpoints: [], diagnostics: [] };

function sameValues(left: readonly object[], right: readonly object[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}

function slicesByService(snapshot: Snapshot): ReadonlyMap<string, readonly EndpointSlice[]> {
  const slices = new Map<string, EndpointSlice[]>();
  for (const slice of snapshot.objects.EndpointSlice.values()) {
    if (slice.serviceName === '') continue;
    const key = objectKey(slice.metadata.namespace, slice.serviceName);
    const known = slices.get(key);
    if (known === undefined) slices.set(key, [slice]);
    else known.push(slice);
  }
  return slices;
}

/**
 * By number or name of the Service port; else, as ingress-nginx does, by its targetPort. A number may be taken twice, for
 * TCP and for UDP (HTTP/3): then TCP is meant.
 */
function findPort(service: Service, wanted: ServicePortRef): ServicePort | undefined {
  const named = service.ports.filter((port) => isNamedBy(port, wanted));
  if (named.length > 0) return named.find((port) => port.protocol === 'TCP') ?? named[0];
  const target = 'number' in wanted ? wanted.number : wanted.name;
  return service.ports.find((port) => port.targetPort === target) ?? portOfPortless(service, wanted);
}

function isNamedBy(port: ServicePort, wanted: ServicePortRef): boolean {
  return 'number' in wanted ? port.port === wanted.number : port.name === wanted.name;
}

/** A headless or ExternalName Service needs no port list: the number in the Ingress is the port of the endpoints. */
function portOfPortless(service: Service, wanted: ServicePortRef): ServicePort | undefined {
  const mayLackPorts = service.clusterIP === 'None' || service.type === 'ExternalName';
  if (!mayLackPorts || service.ports.length > 0 || !('number' in wanted)) return undefined;
  const { number } = wanted;
  return { name: '', port: number, protocol: 'TCP', targetPort: number, nodePort: undefined, appProtocol: undefined };
}

function listPorts(service: Service): string {
  const ports = service.ports.map((port) => (port.name === '' ? String(port.port) : `${port.name}=${port.port}`));
  return ports.length === 0 ? 'none' : ports.join(', ');
}
