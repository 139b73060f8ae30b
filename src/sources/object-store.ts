import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic } from '../model/diagnostics.ts';
import type { Kind, KubernetesObject, ObjectByKind } from '../model/objects.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { compareText, objectKey } from '../model/refs.ts';

/**
 * The one mutable place: the newest version of every object that a source reported. Sources write, `snapshot` reads.
 * `onChange` is called after every write that changed something, synchronously.
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
  readonly #diagnostics = new Map<string, readonly Diagnostic[]>();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
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
    this.#onChange();
  }

  delete(kind: Kind, namespace: string, name: string): void {
    if (this.#objects[kind].delete(objectKey(namespace, name))) this.#onChange();
  }

  /** Replaces all that `origin` (a file, an object) has to complain of; an empty list clears it. */
  report(origin: string, diagnostics: readonly Diagnostic[]): void {
    if (isDeepStrictEqual(this.#diagnostics.get(origin) ?? [], diagnostics)) return;
    if (diagnostics.length === 0) this.#diagnostics.delete(origin);
    else this.#diagnostics.set(origin, diagnostics);
    this.#onChange();
  }

  snapshot(): Snapshot {
    const o = this.#objects;
    const objects = {
      Ingress: new Map(o.Ingress),
      IngressClass: new Map(o.IngressClass),
      Service: new Map(o.Service),
      EndpointSlice: new Map(o.EndpointSlice),
      Endpoints: new Map(o.Endpoints),
      Secret: new Map(o.Secret),
      ConfigMap: new Map(o.ConfigMap),
      Node: new Map(o.Node),
    };
    return { objects, diagnostics: this.diagnostics };
  }

  /** What the sources complain of now, in the order of origins, not of events: equal worlds give equal lists. */
  get diagnostics(): readonly Diagnostic[] {
    const origins = [...this.#diagnostics].sort(([left], [right]) => compareText(left, right));
    return origins.flatMap(([, diagnostics]) => diagnostics);
  }
}
