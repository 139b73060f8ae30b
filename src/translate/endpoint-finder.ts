import type { Diagnostic } from '../model/diagnostics.ts';
import type { Endpoints, EndpointSlice, Service, ServicePort } from '../model/objects.ts';
import type { TranslateOptions } from '../model/options.ts';
import { nodePortMissing } from '../model/problems.ts';
import { objectKey, type Source } from '../model/refs.ts';
import type { ObjectMap, Snapshot } from '../model/snapshot.ts';
import {
  endpointOfClusterIP,
  endpointsFromSlices,
  endpointsFromSubsets,
  hasClusterIP,
  type ResolvedEndpoints,
} from './endpoints.ts';
import { endpointsFromNodes, isLocal, nodePortFix, nodePortOf } from './node-ports.ts';
import type { NodeMemory, NodeSet, NodeView } from './nodes.ts';

/** What may be used again for the next snapshot. */
export interface EndpointMemory {
  readonly nodes: NodeMemory;
  /** For as long as the slices are the same. */
  readonly slices: WeakMap<ObjectMap<'EndpointSlice'>, SlicesByService>;
}

type SlicesByService = ReadonlyMap<string, readonly EndpointSlice[]>;

/** Finds the endpoints of Services in one snapshot, where the options say that they come from. */
export class EndpointFinder {
  readonly #snapshot: Snapshot;
  readonly #options: TranslateOptions;
  readonly #memory: NodeMemory;
  readonly #slices: SlicesByService;
  #nodes: NodeView | undefined;

  constructor(snapshot: Snapshot, options: TranslateOptions, memory: EndpointMemory) {
    const slices = snapshot.objects.EndpointSlice;
    this.#snapshot = snapshot;
    this.#options = options;
    this.#memory = memory.nodes;
    this.#slices = memory.slices.get(slices) ?? slicesByService(slices);
    memory.slices.set(slices, this.#slices);
  }

  /** What is wrong with the nodes, when a Service needs them; told once, not for each Service. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#nodes?.diagnostics ?? [];
  }

  /** Why a port of a Service cannot have endpoints at all. */
  refuse(service: Service, port: ServicePort, source: Source): Diagnostic | undefined {
    if (this.#options.endpointSource !== 'node-port' || nodePortOf(service, port) !== undefined) return undefined;
    const key = objectKey(service.metadata.namespace, service.metadata.name);
    return nodePortMissing(source, key, String(port.port), nodePortFix(service));
  }

  /** The values that `find` looks at besides the Service: as long as they are the same, so is what it finds. */
  inputs(service: Service, key = keyOf(service)): readonly object[] {
    switch (this.#options.endpointSource) {
      case 'slices':
        return this.#slices.get(key) ?? NO_SLICES;
      case 'endpoints':
        return this.#subsetsOf(service);
      case 'cluster-ip':
        return hasClusterIP(service) ? [] : this.#slicesOf(service);
      case 'node-port':
        return [this.#nodeSet(), ...(isLocal(service) ? this.#slicesOf(service) : [])];
    }
  }

  find(service: Service, port: ServicePort): ResolvedEndpoints {
    switch (this.#options.endpointSource) {
      case 'slices':
        return endpointsFromSlices(this.#slicesOf(service), port);
      case 'endpoints':
        return this.#subsetsOf(service).map((item) => endpointsFromSubsets(item, service, port))[0] ?? NONE;
      case 'cluster-ip':
        if (hasClusterIP(service)) return endpointOfClusterIP(service, port);
        return endpointsFromSlices(this.#slicesOf(service), port);
      case 'node-port':
        return endpointsFromNodes(this.#nodeSet(), this.#slicesOf(service), service, port);
    }
  }

  #slicesOf(service: Service): readonly EndpointSlice[] {
    return this.#slices.get(keyOf(service)) ?? NO_SLICES;
  }

  #subsetsOf({ metadata }: Service): readonly Endpoints[] {
    const item = this.#snapshot.objects.Endpoints.get(objectKey(metadata.namespace, metadata.name));
    return item === undefined ? [] : [item];
  }

  /** The nodes are looked at when the first Service needs them, and once. */
  #nodeSet(): NodeSet {
    this.#nodes ??= this.#memory.view(this.#snapshot.objects.Node, this.#options.nodeAddress);
    return this.#nodes.set;
  }
}

const NO_SLICES: readonly EndpointSlice[] = [];

function keyOf({ metadata }: Service): string {
  return objectKey(metadata.namespace, metadata.name);
}

const NONE: ResolvedEndpoints = { endpoints: [], diagnostics: [] };

function slicesByService(all: ObjectMap<'EndpointSlice'>): SlicesByService {
  const slices = new Map<string, EndpointSlice[]>();
  for (const slice of all.values()) {
    if (slice.serviceName === '') continue;
    const key = objectKey(slice.metadata.namespace, slice.serviceName);
    const known = slices.get(key);
    if (known === undefined) slices.set(key, [slice]);
    else known.push(slice);
  }
  return slices;
}
