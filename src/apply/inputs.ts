import type { EndpointSlice, Ingress, IngressBackend } from '../model/objects.ts';
import { isRecord } from '../model/record.ts';
import { formatRef, objectKey, type ObjectRef } from '../model/refs.ts';
import type { Snapshot } from '../model/snapshot.ts';

/**
 * An object, what it refers to, and the templates: what has to change before the proxy can think better of it. Values of
 * snapshots, which stay the same as long as the objects do, so that no hash is needed; `undefined` for what is not there.
 */
export type Inputs = readonly (object | undefined)[];

/** The inputs of an object in one snapshot; `undefined` when the object is not there. */
export type InputsOf = (object: ObjectRef) => Inputs | undefined;

/** Keys `namespace/name` of what an Ingress refers to beside its backends and spec.tls: in its annotations. */
export interface Referred {
  readonly Service: Iterable<string>;
  readonly Secret: Iterable<string>;
  readonly ConfigMap: Iterable<string>;
}

const NOTHING_REFERRED: Referred = { Service: [], Secret: [], ConfigMap: [] };

export function createInputs(
  { objects }: Snapshot,
  templates: object,
  referredBy: (ingress: Ingress) => Referred = () => NOTHING_REFERRED,
): InputsOf {
  let slices: ReadonlyMap<string, readonly EndpointSlice[]> | undefined;

  const ofService = (key: string): Inputs => {
    slices ??= slicesByService(objects.EndpointSlice.values());
    return [objects.Service.get(key), objects.Endpoints.get(key), ...(slices.get(key) ?? [])];
  };

  function ofIngress(ingress: Ingress): Inputs {
    const { namespace } = ingress.metadata;
    const referred = referredBy(ingress);
    const services = backendsOf(ingress).flatMap((item) =>
      item?.type === 'service' ? objectKey(namespace, item.name) : [],
    );
    const secrets = ingress.tls.flatMap((entry) =>
      entry?.secretName === undefined ? [] : objectKey(namespace, entry.secretName),
    );
    return [
      ...unique([...services, ...referred.Service]).flatMap(ofService),
      ...unique([...secrets, ...referred.Secret]).map((key) => objects.Secret.get(key)),
      ...unique([...referred.ConfigMap]).map((key) => objects.ConfigMap.get(key)),
    ];
  }

  return ({ kind, namespace, name }) => {
    const key = objectKey(namespace, name);
    if (kind === 'Ingress') {
      const ingress = objects.Ingress.get(key);
      return ingress && [templates, ingress, ...ofIngress(ingress)];
    }
    if (kind === 'Service') return objects.Service.has(key) ? [templates, ...ofService(key)] : undefined;
    return objects.Secret.has(key) ? [templates, objects.Secret.get(key)] : undefined;
  };
}

export function sameInputs(left: Inputs | undefined, right: Inputs | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  return left.length === right.length && left.every((value, index) => value === right[index]);
}

/** The objects among them, by `formatRef`. */
export function objectsIn(inputs: Inputs | undefined): readonly string[] {
  return (inputs ?? []).flatMap((input) => {
    if (!isRecord(input) || !isRecord(input['metadata'])) return [];
    const { kind, metadata } = input;
    const { namespace = '', name } = metadata;
    const isNamed = typeof kind === 'string' && typeof namespace === 'string' && typeof name === 'string';
    return isNamed ? formatRef({ kind, namespace, name }) : [];
  });
}

function backendsOf({ rules, defaultBackend }: Ingress): readonly (IngressBackend | undefined)[] {
  return [defaultBackend, ...rules.flatMap((rule) => rule?.paths.map((path) => path?.backend) ?? [])];
}

function unique(keys: readonly string[]): readonly string[] {
  return [...new Set(keys)].sort();
}

function slicesByService(all: Iterable<EndpointSlice>): ReadonlyMap<string, readonly EndpointSlice[]> {
  const slices = new Map<string, EndpointSlice[]>();
  for (const slice of all) {
    const key = objectKey(slice.metadata.namespace, slice.serviceName);
    const known = slices.get(key);
    if (known === undefined) slices.set(key, [slice]);
    else known.push(slice);
  }
  // In an order of their own: a list that comes anew is no change.
  for (const list of slices.values()) list.sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
  return slices;
}
