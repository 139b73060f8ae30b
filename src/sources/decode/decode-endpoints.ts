import type {
  EndpointPort,
  Endpoints,
  EndpointSlice,
  EndpointSubset,
  Metadata,
  SliceEndpoint,
} from '../../model/objects.ts';
import { readPortName } from './decode-service.ts';
import type { Fields } from './fields.ts';

const NO_PORT = 'this port is not used';
const NO_ADDRESS = 'this address is not used';

const SERVICE_LABEL = 'kubernetes.io/service-name';

export function readEndpointSlice(object: Fields, metadata: Metadata): EndpointSlice {
  return {
    kind: 'EndpointSlice',
    metadata,
    addressType: object.string('addressType') ?? '',
    serviceName: metadata.labels[SERVICE_LABEL] ?? '',
    ports: object.some('ports', NO_PORT, readEndpointPort),
    endpoints: object.some('endpoints', 'this endpoint is not used', readEndpoint),
  };
}

export function readEndpoints(object: Fields, metadata: Metadata): Endpoints {
  const subsets = object.some('subsets', 'these endpoints are not used', readSubset);
  return { kind: 'Endpoints', metadata, subsets };
}

function readEndpointPort(entry: Fields): EndpointPort {
  return { name: readPortName(entry), port: entry.port('port'), protocol: entry.string('protocol') ?? 'TCP' };
}

/** Unknown conditions count as the API documentation of EndpointSlice says. */
function readEndpoint(endpoint: Fields): SliceEndpoint {
  const conditions = endpoint.child('conditions');
  const ready = conditions.boolean('ready') ?? true;
  return {
    addresses: endpoint.strings('addresses'),
    ready,
    serving: conditions.boolean('serving') ?? ready,
    terminating: conditions.boolean('terminating') ?? false,
    nodeName: endpoint.string('nodeName'),
  };
}

function readSubset(subset: Fields): EndpointSubset {
  return {
    addresses: subset.some('addresses', NO_ADDRESS, readAddress),
    notReadyAddresses: subset.some('notReadyAddresses', NO_ADDRESS, readAddress),
    ports: subset.some('ports', NO_PORT, readEndpointPort),
  };
}

function readAddress(address: Fields): string | undefined {
  return address.required('ip', address.string('ip'));
}
