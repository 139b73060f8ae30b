import type { Diagnostic } from '../../model/diagnostics.ts';
import { isKind, CLUSTER_SCOPED, KINDS, type Kind, type KubernetesObject, type Metadata } from '../../model/objects.ts';
import { invalidField, invalidObject, unsupportedVersion } from '../../model/problems.ts';
import { readConfigMap, readSecret } from './decode-data.ts';
import { readEndpoints, readEndpointSlice } from './decode-endpoints.ts';
import { readIngress, readIngressClass } from './decode-ingress.ts';
import { readMetadata, readName } from './decode-metadata.ts';
import { readNode } from './decode-node.ts';
import { readService } from './decode-service.ts';
import { isRecord } from '../../model/record.ts';
import { Fields } from './fields.ts';

export interface Decoded {
  /** `undefined` when the value is of a kind that sluice does not read, or cannot be used at all. */
  readonly object: KubernetesObject | undefined;
  /** Without location: the caller knows where the value comes from. */
  readonly diagnostics: readonly Diagnostic[];
}

type Reader = (object: Fields, metadata: Metadata) => KubernetesObject | undefined;

const READERS: Readonly<Record<Kind, Reader>> = {
  Ingress: readIngress,
  IngressClass: readIngressClass,
  Service: readService,
  EndpointSlice: readEndpointSlice,
  Endpoints: readEndpoints,
  Secret: readSecret,
  ConfigMap: readConfigMap,
  Node: readNode,
};

/** An object with more faults than this is reported to have "more". */
const MAX_DIAGNOSTICS = 20;

const IGNORED: Decoded = { object: undefined, diagnostics: [] };

/**
 * Narrows one Kubernetes object, as parsed from JSON or YAML, to the trimmed type of its kind.
 *
 * Never throws. A kind or API group that sluice does not read gives nothing and no diagnostic. Of an object that is read,
 * the smallest part that holds the fault is dropped: an entry of a list becomes `undefined`, or is left out where the
 * model has no place for it. Only a name that Kubernetes would refuse, an old API version, or a broken field that decides
 * about the whole object (such as `spec.ingressClassName`) drops the object.
 *
 * @param defaultNamespace for objects of namespaced kinds that name none
 */
export function decodeObject(value: unknown, defaultNamespace: string): Decoded {
  const type = isRecord(value) ? readType(value) : undefined;
  if (type === undefined) return IGNORED;
  const diagnostics: Diagnostic[] = [];
  const object = readNamed(value, type, { defaultNamespace, diagnostics });
  return { object, diagnostics };
}

interface ObjectType {
  readonly kind: Kind;
  readonly apiVersion: string;
  /** The version that sluice reads. */
  readonly wanted: string;
}

function readType(value: Record<string, unknown>): ObjectType | undefined {
  const { kind, apiVersion } = value;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string' || !isKind(kind)) return undefined;
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  if (group !== KINDS[kind] && !(kind === 'Ingress' && group === 'extensions')) return undefined;
  return { kind, apiVersion, wanted: KINDS[kind] === '' ? 'v1' : `${KINDS[kind]}/v1` };
}

interface Target {
  readonly defaultNamespace: string;
  readonly diagnostics: Diagnostic[];
}

function readNamed(value: unknown, type: ObjectType, target: Target): KubernetesObject | undefined {
  const { kind, apiVersion, wanted } = type;
  const { diagnostics } = target;
  const header = Fields.of(value, 'the object is not used', (field, reason) =>
    diagnostics.push(invalidObject(kind, field, reason)),
  );
  const name = readName(header.child('metadata'), CLUSTER_SCOPED.has(kind) ? undefined : target.defaultNamespace);
  if (name === undefined) return undefined;
  const ref = { kind, ...name };
  if (apiVersion !== wanted) {
    diagnostics.push(unsupportedVersion(ref, apiVersion, wanted));
    return undefined;
  }
  const fields = Fields.of(value, 'the object is not used', (field, reason) => {
    if (diagnostics.length < MAX_DIAGNOSTICS) diagnostics.push(invalidField({ object: ref, field }, reason));
    else if (diagnostics.length === MAX_DIAGNOSTICS) diagnostics.push(invalidField({ object: ref, field: '' }, MORE));
  });
  const object = READERS[kind](fields, readMetadata(fields.child('metadata'), name));
  return fields.whole ? object : undefined;
}

const MORE = 'has more faults, which are not listed';
