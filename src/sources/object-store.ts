import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic } from '../model/diagnostics.ts';
import type { Kind, KubernetesObject, ObjectByKind } from '../model/objects.ts';
import type { ObjectMap, Snapshot } from '../model/snapshot.ts';
import { compareText, objectKey } from '../model/refs.ts';

/**
 * The one mutable place: the newest version of every object that a source reported. Sources write, `snapshot` reads.
 * `onChange` is called after every write that changed something, synchronously, with the kind of object that changed;
 * without one when it is a complaint.
 */
export class ObjectStore {
  readonly #objects: { readonly [K in Kind]: Map<string, ObjectByKind[K]> } = {
    Ingress: new Map(),
    IngressClass: new Map(),
    Service: new Map(),
    EndpointSlice: new Map(),
    Endpoints: new Map(),
    Secret: new Map(),
    ConfigMap: new Map(),
    Node: new Map(),
  };
  /** The maps as the last snapshot has them; `undefined` for a kind that has changed since. */
  readonly #copies: { [K in Kind]?: ObjectMap<K> | undefined } = {};
  readonly #diagnostics = new Map<string, readonly Diagnostic[]>();
  readonly #onChange: (kind?: Kind) => void;

  constructor(onChange: (kind?: Kind) => void) {
    this.#onChange = onChange;
  }

  get(kind: Kind, namespace: string, name: string): KubernetesObject | undefined {
    return this.#objects[kind].get(objectKey(namespace, name));
  }

  set(object: KubernetesObject): void {
    const { namespace, name } = object.metadata;
    const objects: Map<string, KubernetesObject> = this.#objects[object.kind];
    const key = objectKey(namespace, name);
    if (objects.get(key) === object) return;
    objects.set(key, object);
    this.#noteChange(object.kind);
  }

  delete(kind: Kind, namespace: string, name: string): void {
    if (this.#objects[kind].delete(objectKey(namespace, name))) this.#noteChange(kind);
  }

  /** Replaces all that `origin` (a file, an object) has to complain of; an empty list clears it. */
  report(origin: string, diagnostics: readonly Diagnostic[]): void {
    const before = this.#diagnostics.get(origin);
    // What most objects give, thousands of which arrive in one list.
    if (before === undefined && diagnostics.length === 0) return;
    if (isDeepStrictEqual(before, diagnostics)) return;
    if (diagnostics.length === 0) this.#diagnostics.delete(origin);
    else this.#diagnostics.set(origin, diagnostics);
    this.#onChange();
  }

  /** The map of a kind that has not changed is the same as in the last snapshot: copies of thousands of objects take time. */
  snapshot(): Snapshot {
    const objects = {
      Ingress: this.#copyOf('Ingress'),
      IngressClass: this.#copyOf('IngressClass'),
      Service: this.#copyOf('Service'),
      EndpointSlice: this.#copyOf('EndpointSlice'),
      Endpoints: this.#copyOf('Endpoints'),
      Secret: this.#copyOf('Secret'),
      ConfigMap: this.#copyOf('ConfigMap'),
      Node: this.#copyOf('Node'),
    };
    return { objects, diagnostics: this.diagnostics };
  }

  #copyOf<K extends Kind>(kind: K): ObjectMap<K> {
    const copies: { [P in K]?: ObjectMap<P> | undefined } = this.#copies;
    const copy = copies[kind] ?? new Map(this.#objects[kind]);
    copies[kind] = copy;
    return copy;
  }

  #noteChange(kind: Kind): void {
    this.#copies[kind] = undefined;
    this.#onChange(kind);
  }

  /** What the sources complain of now, in the order of origins, not of events: equal worlds give equal lists. */
  get diagnostics(): readonly Diagnostic[] {
    const origins = [...this.#diagnostics].sort(([left], [right]) => compareText(left, right));
    return origins.flatMap(([, diagnostics]) => diagnostics);
  }
}
