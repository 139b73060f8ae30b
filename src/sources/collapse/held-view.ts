import type { Endpoints, EndpointSlice } from '../../model/objects.ts';
import { objectKey } from '../../model/refs.ts';
import type { ObjectMap, Snapshot } from '../../model/snapshot.ts';
import { isCollapse, type CollapseGuard } from './guard.ts';

/** How the endpoints of a Service are kept. */
type EndpointKind = 'EndpointSlice' | 'Endpoints';

/** By `namespace/name` of the Service: the objects with its endpoints, by key. */
type ByService<K extends EndpointKind> = ReadonlyMap<string, ObjectMap<K>>;

/** What an object says of a Service. */
interface Reader<T> {
  readonly serviceOf: (object: T) => string;
  /** Has an endpoint that takes requests. */
  readonly isUsable: (object: T) => boolean;
}

const SLICES: Reader<EndpointSlice> = {
  serviceOf: ({ metadata, serviceName }) => objectKey(metadata.namespace, serviceName),
  isUsable: ({ endpoints }) => endpoints.some(({ ready, serving }) => ready || serving),
};

const SUBSETS: Reader<Endpoints> = {
  serviceOf: ({ metadata }) => objectKey(metadata.namespace, metadata.name),
  isUsable: ({ subsets }) => subsets.some(({ addresses }) => addresses.length > 0),
};

/**
 * Looks at snapshots one after another. When the endpoints of all Services are gone or not ready from one to the next, and
 * these Services are still there, it puts the last ones in their place, Service by Service until each has endpoints again.
 *
 * Secrets that vanish while anything is held are kept, too: each is watched on its own, so that only the others can tell.
 */
export class HeldView {
  readonly #guard: CollapseGuard;
  readonly #slices: KindHold<'EndpointSlice'>;
  readonly #subsets: KindHold<'Endpoints'>;
  #secrets: ObjectMap<'Secret'> = new Map();

  constructor(guard: CollapseGuard) {
    this.#guard = guard;
    this.#slices = new KindHold(guard, 'endpoints of Services, by EndpointSlices', SLICES);
    this.#subsets = new KindHold(guard, 'endpoints of Services, by Endpoints', SUBSETS);
  }

  /** The snapshot with what is held. */
  of({ objects, diagnostics }: Snapshot): Snapshot {
    const EndpointSlice = this.#slices.view(objects.EndpointSlice, objects.Service);
    const Endpoints = this.#subsets.view(objects.Endpoints, objects.Service);
    this.#secrets = this.#guard.isHolding ? withMissing(objects.Secret, this.#secrets) : objects.Secret;
    return { objects: { ...objects, EndpointSlice, Endpoints, Secret: this.#secrets }, diagnostics };
  }
}

/** The same map as before, or as given, whenever it holds all. */
function withMissing<T>(now: ReadonlyMap<string, T>, before: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  const missing = [...before].filter(([key]) => !now.has(key));
  if (missing.length === 0) return now;
  const isSame = [...now].every(([key, object]) => before.get(key) === object);
  return isSame ? before : new Map([...now, ...missing]);
}

interface Seen<K extends EndpointKind> {
  readonly objects: ObjectMap<K>;
  readonly services: ObjectMap<'Service'>;
  readonly view: ObjectMap<K>;
}

class KindHold<K extends EndpointKind> {
  readonly #guard: CollapseGuard;
  readonly #what: string;
  readonly #reader: Reader<ObjectOf<K>>;
  /** Of the last snapshot. */
  #usable: ByService<K> = new Map();
  #held: ByService<K> = new Map();
  #seen: Seen<K> | undefined;

  constructor(guard: CollapseGuard, what: string, reader: Reader<ObjectOf<K>>) {
    this.#guard = guard;
    this.#what = what;
    this.#reader = reader;
  }

  view(objects: ObjectMap<K>, services: ObjectMap<'Service'>): ObjectMap<K> {
    if (this.#seen?.objects === objects && this.#seen.services === services) return this.#seen.view;
    const usable = usableByService<K>(objects, this.#reader);
    const before = new Map([...this.#usable].filter(([service]) => services.has(service)));
    this.#usable = usable;
    if (this.#held.size === 0 && usable.size === 0 && this.#doubt(before)) this.#held = before;
    this.#held = new Map([...this.#held].filter(([service]) => services.has(service) && !usable.has(service)));
    if (this.#held.size === 0) this.#guard.end(this.#what);
    const view = this.#held.size === 0 ? objects : withHeld(objects, this.#held);
    this.#seen = { objects, services, view };
    return view;
  }

  #doubt({ size: before }: ByService<K>): boolean {
    const collapse = { before, left: 0 };
    return isCollapse(collapse) && this.#guard.hold(this.#what, collapse, () => this.#letGo());
  }

  #letGo(): void {
    this.#held = new Map();
    this.#seen = undefined;
  }
}

type ObjectOf<K extends EndpointKind> = ObjectMap<K> extends ReadonlyMap<string, infer T> ? T : never;

/** All objects of the Services that have a usable endpoint. */
function usableByService<K extends EndpointKind>(
  objects: ReadonlyMap<string, ObjectOf<K>>,
  { serviceOf, isUsable }: Reader<ObjectOf<K>>,
): ReadonlyMap<string, ReadonlyMap<string, ObjectOf<K>>> {
  const all = new Map<string, Map<string, ObjectOf<K>>>();
  const usable = new Set<string>();
  for (const [key, object] of objects) {
    const service = serviceOf(object);
    if (isUsable(object)) usable.add(service);
    const of = all.get(service) ?? new Map<string, ObjectOf<K>>();
    all.set(service, of.set(key, object));
  }
  return new Map([...all].filter(([service]) => usable.has(service)));
}

function withHeld<T>(
  objects: ReadonlyMap<string, T>,
  held: ReadonlyMap<string, ReadonlyMap<string, T>>,
): ReadonlyMap<string, T> {
  return new Map([...objects, ...[...held.values()].flatMap((of) => [...of])]);
}
