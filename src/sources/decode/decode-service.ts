import type { Metadata, Service, ServicePort } from '../../model/objects.ts';
import type { Fields } from './fields.ts';

export function readService(object: Fields, metadata: Metadata): Service {
  const spec = object.child('spec');
  return {
    kind: 'Service',
    metadata,
    type: spec.string('type') ?? 'ClusterIP',
    clusterIP: spec.string('clusterIP') ?? '',
    externalName: spec.string('externalName'),
    publishNotReadyAddresses: spec.boolean('publishNotReadyAddresses') ?? false,
    externalTrafficPolicy: spec.string('externalTrafficPolicy') ?? 'Cluster',
    ipFamilies: spec.strings('ipFamilies'),
    ports: spec.some('ports', 'this port is not used', readServicePort),
  };
}

function readServicePort(entry: Fields): ServicePort | undefined {
  const port = entry.required('port', entry.port('port'));
  if (port === undefined) return undefined;
  return {
    name: readPortName(entry),
    port,
    protocol: entry.string('protocol') ?? 'TCP',
    targetPort: readTargetPort(entry) ?? port,
    nodePort: entry.value('nodePort') === 0 ? undefined : entry.port('nodePort'),
    appProtocol: entry.string('appProtocol'),
  };
}

/** A number, or the name of a port of the pod. 0 stands for "not set", as in the API server. */
function readTargetPort(entry: Fields): number | string | undefined {
  const value = entry.value('targetPort');
  if (value === 0 || value === '') return undefined;
  return typeof value === 'string' ? entry.label('targetPort') : entry.port('targetPort');
}

/** Empty for an unnamed port. */
export function readPortName(entry: Fields): string {
  return entry.value('name') === '' ? '' : (entry.label('name') ?? '');
}
