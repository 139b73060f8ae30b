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
  /** As the last snapshot had them. */
  #last: ReadonlyMap<string, ObjectOf<K>> = new Map();
  #held: ByService<K> = new Map();
  #seen: Seen<K> | undefined;

  constructor(guard: CollapseGuard, what: string, reader: Reader<ObjectOf<K>>) {
    this.#guard = guard;
    this.#what = what;
    this.#reader = reader;
  }

  view(objects: ObjectMap<K>, services: ObjectMap<'Service'>): ObjectMap<K> {
    if (this.#seen?.objects === objects && this.#seen.services === services) return this.#seen.view;
    if (this.#held.size > 0) this.#held = this.#stillLost(this.#held, objects, services);
    else if (!hasUsable(objects, this.#reader)) this.#held = this.#lostSince(this.#last, services);
    this.#last = objects;
    if (this.#held.size === 0) this.#guard.end(this.#what);
    const view = this.#held.size === 0 ? objects : withHeld(objects, this.#held);
    this.#seen = { objects, services, view };
    return view;
  }

  /** What the Services that are still there had before, when it is to be doubted that they have nothing now. */
  #lostSince(before: ReadonlyMap<string, ObjectOf<K>>, services: ObjectMap<'Service'>): ByService<K> {
    const lost = [...usableByService<K>(before, this.#reader)].filter(([service]) => services.has(service));
    return this.#doubt(lost.length) ? new Map(lost) : new Map();
  }

  #stillLost(
    held: ByService<K>,
    objects: ReadonlyMap<string, ObjectOf<K>>,
    services: ObjectMap<'Service'>,
  ): ByService<K> {
    const usable = usableByService<K>(objects, this.#reader);
    return new Map([...held].filter(([service]) => services.has(service) && !usable.has(service)));
  }

  #doubt(before: number): boolean {
    const collapse = { before, left: 0 };
    return isCollapse(collapse) && this.#guard.hold(this.#what, collapse, () => this.#letGo());
  }

  #letGo(): void {
    this.#held = new Map();
    this.#seen = undefined;
  }
}

type ObjectOf<K extends EndpointKind> = ObjectMap<K> extends ReadonlyMap<string, infer T> ? T : never;

/** Whether any Service has one: the first object that is looked at tells nearly always, of thousands. */
function hasUsable<T>(objects: ReadonlyMap<string, T>, { isUsable }: Reader<T>): boolean {
  for (const object of objects.values()) if (isUsable(object)) return true;
  return false;
}

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
