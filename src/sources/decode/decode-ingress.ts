import type {
  Ingress,
  IngressBackend,
  IngressClass,
  IngressPath,
  IngressRule,
  IngressTls,
  Metadata,
  ServicePortRef,
} from '../../model/objects.ts';
import type { Fields } from './fields.ts';

export function readIngress(object: Fields, metadata: Metadata): Ingress {
  const spec = object.child('spec');
  return {
    kind: 'Ingress',
    metadata,
    ingressClassName: spec.string('ingressClassName'),
    defaultBackend: spec.entry('defaultBackend', 'the default backend is not served', readBackend),
    tls: spec.list('tls', 'this TLS entry is not used', readTls),
    rules: spec.list('rules', 'this rule is not served', readRule),
  };
}

export function readIngressClass(object: Fields, metadata: Metadata): IngressClass | undefined {
  const spec = object.child('spec');
  const controller = spec.required('controller', spec.string('controller'));
  return controller === undefined ? undefined : { kind: 'IngressClass', metadata, controller };
}

function readTls(tls: Fields): IngressTls {
  const secretName = tls.value('secretName') === '' ? undefined : tls.subdomain('secretName');
  return { hosts: tls.strings('hosts'), secretName };
}

function readRule(rule: Fields): IngressRule {
  const paths = rule.child('http').list('paths', 'this path is not served', readPath);
  return { host: rule.string('host') ?? '', paths };
}

function readPath(entry: Fields): IngressPath | undefined {
  const path = entry.string('path') ?? '';
  const pathType = entry.string('pathType');
  const backend = readBackend(entry.child('backend'));
  return backend === undefined ? undefined : { path, pathType, backend };
}

/** Exactly one of `service` and `resource`. */
function readBackend(backend: Fields): IngressBackend | undefined {
  const { service, resource } = { service: backend.value('service'), resource: backend.value('resource') };
  if (service !== undefined && resource === undefined) return readServiceBackend(backend.child('service'));
  if (resource !== undefined && service === undefined) return readResourceBackend(backend.child('resource'));
  backend.refuse('', service === undefined ? 'names no service' : 'has both a service and a resource');
  return undefined;
}

function readServiceBackend(service: Fields): IngressBackend | undefined {
  const name = service.required('name', service.label('name'));
  const port = readPort(service.child('port'));
  return name === undefined || port === undefined ? undefined : { type: 'service', name, port };
}

function readResourceBackend(resource: Fields): IngressBackend | undefined {
  const kind = resource.required('kind', resource.string('kind'));
  const name = resource.required('name', resource.subdomain('name'));
  return kind === undefined || name === undefined ? undefined : { type: 'resource', kind, name };
}

/** Exactly one of `number` and `name`. */
function readPort(port: Fields): ServicePortRef | undefined {
  const number = port.port('number');
  const name = port.value('name') === '' ? undefined : port.label('name');
  if (number !== undefined && name === undefined) return { number };
  if (name !== undefined && number === undefined) return { name };
  if (port.whole)
    port.refuse('', name === undefined ? 'has neither a number nor a name' : 'has both a number and a name');
  return undefined;
}
