import { INGRESS_CLASS } from '../support/cluster.ts';
import { ingress } from '../support/manifests.ts';

/*
 * Objects as an API server has them: with managedFields and status, which are most of their bytes, and which sluice reads
 * and drops.
 */

/** Stands in the status of every Ingress already, as when sluice is restarted. */
export const PUBLISHED_ADDRESS = '192.0.2.10';
const NAMESPACE = 'shop';

/** An IngressClass, and so many Ingresses with a host and two paths, each with a Service of three endpoints. */
export function benchObjects(count: number): readonly object[] {
  const apps = Array.from({ length: count }, (_, index) => {
    const name = `app-${index}`;
    const addresses = [1, 2, 3].map((last) => `10.${index >> 8}.${index & 255}.${last}`);
    return [benchIngress(name, name), benchService(name), benchSlice(name, addresses, 8080)];
  });
  return [INGRESS_CLASS, ...apps.flat()];
}

export function hostOf(name: string): string {
  return `${name}.example.com`;
}

export function benchIngress(name: string, service: string): object {
  const paths = [
    { path: '/', service },
    { path: '/api', service },
  ];
  const object = ingress({ name, namespace: NAMESPACE, rules: [{ host: hostOf(name), paths }] });
  const status = { loadBalancer: { ingress: [{ ip: PUBLISHED_ADDRESS }] } };
  return { ...withManagedFields(object, { 'f:spec': { 'f:ingressClassName': {}, 'f:rules': {} } }), status };
}

export function benchService(name: string): object {
  const spec = {
    type: 'ClusterIP',
    clusterIP: '10.96.0.10',
    clusterIPs: ['10.96.0.10'],
    internalTrafficPolicy: 'Cluster',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'web' }],
    selector: { 'app.kubernetes.io/name': name },
    sessionAffinity: 'None',
  };
  const object = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: NAMESPACE }, spec };
  return {
    ...withManagedFields(object, { 'f:spec': { 'f:ports': {}, 'f:selector': {} } }),
    status: { loadBalancer: {} },
  };
}

export function benchSlice(service: string, addresses: readonly string[], port: number): object {
  const labels = {
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    'kubernetes.io/service-name': service,
  };
  const endpoints = addresses.map((address, index) => ({
    addresses: [address],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: `node-${index}`,
    targetRef: { kind: 'Pod', name: `${service}-${index}`, namespace: NAMESPACE, uid: UID },
    zone: 'zone-a',
  }));
  const object = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${service}-x7k2p`, namespace: NAMESPACE, labels },
    addressType: 'IPv4',
    ports: [{ name: 'http', port, protocol: 'TCP' }],
    endpoints,
  };
  return withManagedFields(object, { 'f:addressType': {}, 'f:endpoints': {}, 'f:ports': {} });
}

const UID = 'c0ffee00-0000-4000-8000-000000000000';

interface Managed {
  readonly metadata: object;
}

/** Two managers, which is what most objects have. */
function withManagedFields(object: object, fields: object): object {
  const metadata = isManaged(object) ? object.metadata : {};
  const entry = (manager: string) => ({
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:metadata': { 'f:annotations': { '.': {} }, 'f:labels': { '.': {} }, 'f:ownerReferences': {} },
      ...fields,
    },
    manager,
    operation: 'Update',
    time: '2026-01-01T00:00:00Z',
  });
  return { ...object, metadata: { ...metadata, managedFields: [entry('kubectl-client-side-apply'), entry('sluice')] } };
}

function isManaged(object: object): object is Managed {
  return 'metadata' in object && typeof object.metadata === 'object' && object.metadata !== null;
}
