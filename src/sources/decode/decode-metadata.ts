import type { Metadata } from '../../model/objects.ts';
import type { Fields } from './fields.ts';
import { isUid, normaliseTime } from './names.ts';
import { readStrings } from './string-map.ts';

/** Holds the whole object a second time, as text. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Namespace and name, `undefined` when one of them is not what Kubernetes allows: such an object cannot even be referred to.
 * @param defaultNamespace for objects that name none; `undefined` for kinds without namespace
 */
export function readName(metadata: Fields, defaultNamespace: string | undefined): ObjectName | undefined {
  const name = metadata.required('name', metadata.subdomain('name'));
  if (defaultNamespace === undefined) return name === undefined ? undefined : { namespace: '', name };
  const namespace = metadata.value('namespace') === '' ? undefined : metadata.label('namespace');
  return name !== undefined && metadata.whole ? { namespace: namespace ?? defaultNamespace, name } : undefined;
}

/** The rest of the metadata. Nothing in it is worth losing the object for, so what cannot be read is left out. */
export function readMetadata(metadata: Fields, { namespace, name }: ObjectName): Metadata {
  const uid = metadata.value('uid');
  const created = metadata.value('creationTimestamp');
  const annotations = Object.entries(readStrings(metadata, 'annotations')).filter(([key]) => key !== LAST_APPLIED);
  return {
    namespace,
    name,
    uid: typeof uid === 'string' && isUid(uid) ? uid : '',
    creationTimestamp: typeof created === 'string' ? normaliseTime(created) : '',
    labels: readStrings(metadata, 'labels'),
    annotations: Object.fromEntries(annotations),
  };
}
