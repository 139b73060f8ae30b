import type { Diagnostic } from '../model/diagnostics.ts';
import { isEqual } from '../model/equal.ts';
import type { Exclusions } from '../model/exclusions.ts';
import type { IngressBackend, Service, ServicePort, ServicePortRef } from '../model/objects.ts';
import type { TranslateOptions } from '../model/options.ts';
import {
  externalNameRefused,
  resourceBackend,
  serviceMissing,
  servicePortMissing,
  servicePortProtocol,
  targetPortUsed,
} from '../model/problems.ts';
import { formatRef, objectKey, type Source } from '../model/refs.ts';
import type { ExternalName, Target, Upstream } from '../model/routing.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { EndpointFinder, type EndpointMemory } from './endpoint-finder.ts';
import { endpointOfClusterIP, hasClusterIP, type ResolvedEndpoints } from './endpoints.ts';
import { parseExternalName } from './external-name.ts';
import type { UpstreamOptions } from '../features/family.ts';
import { upstreamId } from './upstream-id.ts';

const CLOSED: Target = { type: 'status', status: 503 };
/** As ingress-nginx, which passes over a path without a Service. */
const NOTHING: Target = { type: 'status', status: 404 };

/** A target, and all that it follows from besides the options. */
export interface KnownTarget {
  readonly type: 'known';
  /** `namespace/name` of the Service. */
  readonly key: string;
  readonly service: Service;
  readonly resolution: Resolution;
}

interface Asked {
  readonly backend: IngressBackend;
  readonly namespace: string;
  /** The field that names the backend. */
  readonly source: Source;
  readonly how: UpstreamOptions | undefined;
}

/** What a Service port came to. */
interface Resolved {
  readonly upstream: Upstream;
  readonly target: Target;
  readonly diagnostics: readonly Diagnostic[];
}

/** It holds for as long as the Service and these are the same values. */
interface Resolution extends Resolved {
  readonly inputs: readonly object[];
}

/** Resolutions of earlier snapshots, by Service and upstream id; valid while the options stay the same. */
export type ResolutionMemory = WeakMap<Service, Map<string, Resolution>>;

/** What may be used again for the next snapshot, as long as the options stay the same. */
export interface BackendMemory extends EndpointMemory {
  readonly resolutions: ResolutionMemory;
}

interface BackendParts extends BackendMemory {
  readonly exclusions: Exclusions;
}

/** Resolves backends of one snapshot, and remembers every upstream that was asked for. */
export class BackendResolver {
  /** By id. */
  readonly upstreams = new Map<string, Upstream>();
  readonly #diagnostics: Diagnostic[] = [];
  readonly #snapshot: Snapshot;
  readonly #options: TranslateOptions;
  readonly #memory: ResolutionMemory;
  readonly #finder: EndpointFinder;
  readonly #excluded: ReadonlySet<string>;

  constructor(snapshot: Snapshot, options: TranslateOptions, { exclusions, ...memory }: BackendParts) {
    this.#snapshot = snapshot;
    this.#options = options;
    this.#memory = memory.resolutions;
    this.#finder = new EndpointFinder(snapshot, options, memory);
    this.#excluded = exclusions.objects;
  }

  get diagnostics(): readonly Diagnostic[] {
    return [...this.#diagnostics, ...this.#finder.diagnostics];
  }

  /** Where a backend leads; what is missing answers 503, what is no Service 404, and both are told with `source`, the field that names the backend. */
  resolve(backend: IngressBackend, namespace: string, source: Source, how?: UpstreamOptions): Target {
    if (backend.type === 'resource') {
      this.#diagnostics.push(resourceBackend(source, backend.kind));
      return NOTHING;
    }
    const service = this.#snapshot.objects.Service.get(objectKey(namespace, backend.name));
    if (service === undefined) return this.#close(serviceMissing(source, namespace, backend.name));
    return this.#isExcluded(service) ? CLOSED : this.#resolveService(service, backend.port, { source, how });
  }

  /**
   * As `resolve`, with what the target follows from: as long as that is the same in the next snapshot, so is the target.
   * `undefined` for a target that there is something to say about, which is to be said each time.
   */
  resolveKnown(asking: Asked): KnownTarget | Target {
    const told = this.#diagnostics.length;
    const target = this.resolve(asking.backend, asking.namespace, asking.source, asking.how);
    if (target.type !== 'upstream' || this.#diagnostics.length > told || asking.backend.type === 'resource')
      return target;
    const key = objectKey(asking.namespace, asking.backend.name);
    const service = this.#snapshot.objects.Service.get(key);
    const resolution = service && this.#memory.get(service)?.get(target.upstream);
    if (service === undefined || resolution === undefined || resolution.diagnostics.length > 0) return target;
    return { type: 'known', key, service, resolution };
  }

  /** The target of an earlier snapshot, if it still holds. */
  again({ key, service, resolution }: KnownTarget): Target | undefined {
    if (this.#snapshot.objects.Service.get(key) !== service || this.#isExcluded(service)) return undefined;
    if (
      resolution.upstream.externalName === undefined &&
      !sameValues(resolution.inputs, this.#finder.inputs(service, key))
    ) {
      return undefined;
    }
    this.upstreams.set(resolution.upstream.id, resolution.upstream);
    return resolution.target;
  }

  /** Where a Service leads that nobody has to have; `undefined` when there is no such Service or port. */
  find(namespace: string, name: string, port: number): Target | undefined {
    const service = this.#snapshot.objects.Service.get(objectKey(namespace, name));
    if (service === undefined || this.#isExcluded(service)) return undefined;
    const found = findPort(service, { number: port });
    if (found?.protocol !== 'TCP' || service.type === 'ExternalName') return undefined;
    return this.#target(service, found, { externalName: undefined, how: undefined });
  }

  /** That is told once, with the Service, not for each backend. */
  #isExcluded({ metadata: { namespace, name } }: Service): boolean {
    return this.#excluded.size > 0 && this.#excluded.has(formatRef({ kind: 'Service', namespace, name }));
  }

  #resolveService(service: Service, wanted: ServicePortRef, { source, how }: Asking): Target {
    const key = objectKey(service.metadata.namespace, service.metadata.name);
    const port = findPort(service, wanted);
    const text = 'number' in wanted ? String(wanted.number) : wanted.name;
    if (port === undefined) return this.#close(servicePortMissing(source, key, text, listPorts(service)));
    if (port.protocol !== 'TCP') return this.#close(servicePortProtocol(source, key, port.protocol));
    if (!isNamedBy(port, wanted)) this.#diagnostics.push(targetPortUsed(source, key, text));
    const external = this.#externalName(service, port, source);
    if (external === 'refused') return CLOSED;
    const refusal = external === undefined ? this.#finder.refuse(service, port, source) : undefined;
    if (refusal !== undefined) return this.#close(refusal);
    return this.#target(service, port, { externalName: external, how });
  }

  #externalName(service: Service, port: ServicePort, source: Source): ExternalName | undefined | 'refused' {
    if (service.type !== 'ExternalName') return undefined;
    const parsed = parseExternalName(service, this.#options);
    if (parsed.ok)
      return { name: parsed.value, port: typeof port.targetPort === 'number' ? port.targetPort : port.port };
    this.#diagnostics.push(externalNameRefused(source, parsed.problem));
    return 'refused';
  }

  #target(service: Service, port: ServicePort, way: Way): Target {
    const id = upstreamId(service, port, way.how);
    const inputs = way.externalName === undefined ? this.#finder.inputs(service) : [];
    const last = this.#memory.get(service)?.get(id);
    const isSame = last !== undefined && sameValues(last.inputs, inputs);
    const resolution = isSame ? last : { inputs, ...keep(last, this.#resolvePort(id, service, port, way)) };
    if (!isSame) this.#remember(service, id, resolution);
    if (!this.upstreams.has(id)) this.#diagnostics.push(...resolution.diagnostics);
    this.upstreams.set(id, resolution.upstream);
    return resolution.target;
  }

  #resolvePort(id: string, service: Service, port: ServicePort, { externalName, how }: Way): Resolved {
    const { namespace, name } = service.metadata;
    const { endpoints, diagnostics } = externalName === undefined ? this.#endpoints(service, port, how) : NONE;
    const source = { object: { kind: 'Service', namespace, name }, field: '' };
    const names = { id, namespace, service: name, port: String(port.port) };
    const upstream = { ...names, endpoints, externalName, balance: how?.balance, direct: true, source };
    const available = externalName !== undefined || endpoints.length > 0;
    return { upstream, target: { type: 'upstream', upstream: id, available, externalName }, diagnostics };
  }

  /** A headless Service has no address of its own: its endpoints are used, as in ingress-nginx. */
  #endpoints(service: Service, port: ServicePort, how: UpstreamOptions | undefined): ResolvedEndpoints {
    const viaClusterIp = how?.viaClusterIp === true && hasClusterIP(service);
    return viaClusterIp ? endpointOfClusterIP(service, port) : this.#finder.find(service, port);
  }

  #remember(service: Service, id: string, resolution: Resolution): void {
    const ofService = this.#memory.get(service) ?? new Map<string, Resolution>();
    this.#memory.set(service, ofService.set(id, resolution));
  }

  #close(diagnostic: Diagnostic): Target {
    this.#diagnostics.push(diagnostic);
    return CLOSED;
  }
}

interface Asking {
  readonly source: Source;
  readonly how: UpstreamOptions | undefined;
}

/** How a port is reached. */
interface Way {
  readonly externalName: ExternalName | undefined;
  readonly how: UpstreamOptions | undefined;
}

const NONE: ResolvedEndpoints = { endpoints: [], diagnostics: [] };

/** The values of last time where the new ones are equal: a node or a pod may come and change nothing for this port. */
function keep(last: Resolved | undefined, next: Resolved): Resolved {
  if (last === undefined) return next;
  const upstream = isEqual(last.upstream, next.upstream) ? last.upstream : next.upstream;
  const target = isEqual(last.target, next.target) ? last.target : next.target;
  return { upstream, target, diagnostics: next.diagnostics };
}

function sameValues(left: readonly object[], right: readonly object[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
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
