import type { Metadata, Node, NodeAddress } from '../../model/objects.ts';
import type { Fields } from './fields.ts';

/** The labels that are read; all others would only make one node differ from what it was. */
const LABELS = ['node.kubernetes.io/exclude-from-external-load-balancers'];

export function readNode(object: Fields, metadata: Metadata): Node {
  const status = object.child('status');
  const labels = Object.entries(metadata.labels).filter(([key]) => LABELS.includes(key));
  const conditions = status.some('conditions', 'this condition is not used', readCondition);
  return {
    kind: 'Node',
    metadata: { ...metadata, labels: Object.fromEntries(labels), annotations: {} },
    addresses: status.some('addresses', 'this address is not used', readAddress),
    ready: conditions.find(({ type }) => type === 'Ready')?.status === 'True',
  };
}

function readAddress(entry: Fields): NodeAddress | undefined {
  const type = entry.required('type', entry.string('type'));
  const address = entry.required('address', entry.string('address'));
  return type === undefined || address === undefined ? undefined : { type, address };
}

function readCondition(entry: Fields): { readonly type: string; readonly status: string } | undefined {
  const type = entry.required('type', entry.string('type'));
  const status = entry.required('status', entry.string('status'));
  return type === undefined || status === undefined ? undefined : { type, status };
}
