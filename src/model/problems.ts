import { quoteText, type Diagnostic, type FileLocation, type Severity } from './diagnostics.ts';
import { formatRef, type ObjectRef, type Source } from './refs.ts';

/*
 * One function per diagnostic code. The codes are public: they are the reasons of Events and the labels of metrics.
 * A message says what is wrong, what follows from it, and what to do.
 */

function problem(severity: Severity, code: string, source: Source, message: string): Diagnostic {
  return { severity, code, object: source.object, field: source.field, location: undefined, message };
}

/** A manifest file, or one document of it, is not YAML or not JSON. */
export function invalidManifest(location: FileLocation, reason: string): Diagnostic {
  const message = `${reason}; the last good content of this file stays in force`;
  return { severity: 'error', code: 'InvalidManifest', object: undefined, field: '', location, message };
}

/** Two files hold an object of the same kind, namespace and name. */
export function duplicateManifest(object: ObjectRef, location: FileLocation, winner: string): Diagnostic {
  const message = `${formatRef(object)} is already in ${winner}, which is used; remove one of the two`;
  return { severity: 'warning', code: 'DuplicateObject', object, field: '', location, message };
}

/** A field of an object has the wrong type or a value that no API server would take. */
export function invalidField(source: Source, reason: string): Diagnostic {
  return problem('error', 'InvalidField', source, reason);
}

export function invalidHost(source: Source, host: string, reason: string): Diagnostic {
  return problem('error', 'InvalidHost', source, `${quoteText(host)} ${reason}; this rule is not served`);
}

export function invalidPath(source: Source, path: string, reason: string): Diagnostic {
  return problem('error', 'InvalidPath', source, `${quoteText(path)} ${reason}; this path is not served`);
}

export function invalidPathType(source: Source, pathType: string): Diagnostic {
  const known = 'expected Exact, Prefix or ImplementationSpecific';
  return problem('error', 'InvalidPathType', source, `${known}, got ${quoteText(pathType)}; this path is not served`);
}

export function pathTypeMissing(source: Source): Diagnostic {
  return problem('warning', 'PathTypeMissing', source, 'pathType is required; taken as Prefix');
}

export function pathConflict(source: Source, what: string, winner: Source): Diagnostic {
  const isSame = formatRef(source.object) === formatRef(winner.object);
  const by = isSame
    ? `${winner.field} of the same Ingress`
    : `${formatRef(winner.object)} (${winner.field}), which is older`;
  return problem('warning', 'PathConflict', source, `${what} is already served for ${by}; this path is not served`);
}

export function defaultBackendConflict(source: Source, winner: ObjectRef): Diagnostic {
  const message = `the default backend is already set by ${formatRef(winner)}, which is older; this one is not used`;
  return problem('warning', 'DefaultBackendConflict', source, message);
}

export function resourceBackend(source: Source, kind: string): Diagnostic {
  const message = `resource backends (${quoteText(kind)}) are not supported: answers 404; use a Service backend`;
  return problem('error', 'ResourceBackend', source, message);
}

export function serviceMissing(source: Source, namespace: string, name: string): Diagnostic {
  return problem('error', 'ServiceMissing', source, `Service ${namespace}/${name} does not exist: answers 503`);
}

export function servicePortMissing(source: Source, service: string, port: string, has: string): Diagnostic {
  const message = `Service ${service} has no port ${quoteText(port)} (it has ${has}): answers 503`;
  return problem('error', 'ServicePortMissing', source, message);
}

export function servicePortProtocol(source: Source, service: string, protocol: string): Diagnostic {
  const message = `this port of Service ${service} speaks ${quoteText(protocol)}, an Ingress needs TCP: answers 503`;
  return problem('error', 'ServicePortProtocol', source, message);
}

export function externalNameRefused(source: Source, reason: string): Diagnostic {
  return problem('error', 'ExternalNameRefused', source, `${reason}: answers 503`);
}

export function invalidEndpoint(source: Source, address: string, reason: string): Diagnostic {
  return problem('error', 'InvalidEndpoint', source, `${quoteText(address)} ${reason}; this endpoint is not used`);
}

/** Node ports are asked for, and no node takes them. */
export function nodeMissing(known: number): Diagnostic {
  const reason =
    known === 0
      ? 'no Node is known'
      : `of ${known} Nodes none can be used: each is not ready, excluded from load balancers, or without an IP address`;
  const message = `${reason}; what --endpoints node-port would lead to nodes answers 503`;
  return { severity: 'error', code: 'NodeMissing', object: undefined, field: '', location: undefined, message };
}

/** A Service that cannot be reached from outside of the pod network. */
export function nodePortMissing(source: Source, service: string, port: string, fix: string): Diagnostic {
  const message = `Service ${service} has no node port for its port ${port}: answers 503; ${fix}`;
  return problem('error', 'NodePortMissing', source, message);
}

export function secretMissing(source: Source, namespace: string, name: string, effect: string): Diagnostic {
  return problem('error', 'SecretMissing', source, `Secret ${namespace}/${name} does not exist; ${effect}`);
}

export function invalidCertificate(source: Source, secret: string, reason: string): Diagnostic {
  return problem('error', 'InvalidCertificate', source, `Secret ${secret}: ${reason}`);
}

export function certificateExpired(source: Source, secret: string, day: string): Diagnostic {
  const message = `the certificate in Secret ${secret} expired on ${day}; it is served all the same`;
  return problem('warning', 'CertificateExpired', source, message);
}

interface HostMismatch {
  readonly host: string;
  readonly names: string;
  /** Which certificate is presented then. */
  readonly effect: string;
}

export function certificateHostMismatch(source: Source, secret: string, about: HostMismatch): Diagnostic {
  const { host, names, effect } = about;
  const message = `the certificate in Secret ${secret} is for ${names}, not for ${quoteText(host)}; ${effect}`;
  return problem('warning', 'CertificateHostMismatch', source, message);
}

export function tlsWithoutCertificate(source: Source): Diagnostic {
  const message = 'no secretName, and no default certificate is set: TLS handshakes are refused; set one of the two';
  return problem('warning', 'TlsWithoutCertificate', source, message);
}

export function targetPortUsed(source: Source, service: string, port: string): Diagnostic {
  const message = `Service ${service} has no port ${quoteText(port)}, but a targetPort of that value, which is used as ingress-nginx does; name the port of the Service`;
  return problem('warning', 'TargetPortUsed', source, message);
}

export function renderFailed(source: Source, template: string, reason: string): Diagnostic {
  return problem(
    'error',
    'RenderFailed',
    source,
    `template ${template} cannot express it (${reason}); it is not served`,
  );
}

/** An object whose name or namespace Kubernetes would not take; it cannot be referred to, so only its kind is told. */
export function invalidObject(kind: string, field: string, reason: string): Diagnostic {
  const message = `${kind}: ${reason}`;
  return { severity: 'error', code: 'InvalidObject', object: undefined, field, location: undefined, message };
}

/** An object of an API version that clusters have stopped serving. */
export function unsupportedVersion(object: ObjectRef, apiVersion: string, wanted: string): Diagnostic {
  const message = `${quoteText(apiVersion)} is not read; convert this ${object.kind} to ${wanted}`;
  return problem('error', 'UnsupportedVersion', { object, field: 'apiVersion' }, message);
}

/** A file or directory of manifests that cannot be read or watched; `effect` says what happens meanwhile. */
export function unreadablePath(path: string, reason: string, effect: string): Diagnostic {
  const message = `${path}: ${reason}; ${effect}`;
  return { severity: 'error', code: 'UnreadablePath', object: undefined, field: '', location: undefined, message };
}

/** Templates that a user changed, and that cannot be used. */
export function invalidPack(location: FileLocation, reason: string): Diagnostic {
  const message = `${reason}; the last good templates stay in force`;
  return { severity: 'error', code: 'InvalidPack', object: undefined, field: '', location, message };
}

/** The API server does not let us read something. */
export function apiForbidden(verb: string, what: string, reason: string): Diagnostic {
  const message = `not allowed to ${verb} ${what}: ${reason}; grant get, list and watch on it to the account that sluice runs as`;
  return { severity: 'error', code: 'ApiForbidden', object: undefined, field: '', location: undefined, message };
}

/** The API server cannot be reached, or does not answer as it should. */
export function apiUnavailable(verb: string, what: string, reason: string): Diagnostic {
  const message = `cannot ${verb} ${what}: ${reason}; what was last known stays in force, and it is tried again`;
  return { severity: 'warning', code: 'ApiUnavailable', object: undefined, field: '', location: undefined, message };
}

interface RefusedLines {
  /** The line that the proxy names. */
  readonly line: string;
  /** What the object wrote around it, numbered. */
  readonly own: readonly string[];
}

/** What is written for an object, or for a part of it, is refused by the proxy and left out. `isRetried`: by itself. */
export function quarantined(
  source: Source,
  complaint: string,
  lines: RefusedLines | undefined,
  isRetried = false,
): Diagnostic {
  const at = lines === undefined ? '' : ` at the line ${quoteText(lines.line)}`;
  const around =
    lines === undefined || lines.own.length < 2 ? '' : `, which is in ${quoteText(lines.own.join('\n'), 600)}`;
  const said = `the proxy refuses it: ${quoteText(complaint, 400)}${at}`;
  const when = `tried again when it or what it refers to changes${isRetried ? ', and from time to time' : ''}`;
  const message = `${said}; ${withoutIt(source)}; ${when}${around}`;
  return problem('error', 'Quarantined', source, message);
}

function withoutIt({ object, field }: Source): string {
  if (object.kind === 'Service') return 'what leads to it answers 503';
  if (object.kind === 'Secret') return 'the default certificate is presented instead, or TLS handshakes are refused';
  if (field === 'spec.defaultBackend') return 'this default backend is not used';
  if (field.startsWith('spec.tls')) return 'this entry is not used';
  return field === '' ? 'nothing of this Ingress is served' : 'this path is not served';
}

/** The proxy refuses even what is written for no Ingress: templates, flags, or what flags name. */
export function configRefused(complaint: string): Diagnostic {
  const words = quoteText(complaint, 500);
  const message = `the proxy refuses the configuration even without any Ingress: ${words}; correct templates, flags, or what flags name; the last good configuration stays in force`;
  return { severity: 'error', code: 'ConfigRefused', object: undefined, field: '', location: undefined, message };
}

/** So much is gone from a source at once that the source is doubted; what was last known is kept until a time. */
export function collapseHeld(
  what: string,
  { before, left }: { readonly before: number; readonly left: number },
  until: string,
): Diagnostic {
  const message = `${what}: ${before - left} of ${before} are gone at once; they stay in force until ${until} or until they are back; if they are gone for good, restart sluice, or set --collapse-hold 0s`;
  return { severity: 'warning', code: 'CollapseHeld', object: undefined, field: '', location: undefined, message };
}

/** The value of an annotation is not what its grammar takes. */
export function invalidAnnotation(source: Source, text: string, reason: string, effect: string): Diagnostic {
  return problem('error', 'InvalidAnnotation', source, `${quoteText(text)} ${reason}; ${effect}`);
}

/** An annotation that the proxy, or its version, cannot honour. */
export function annotationUnsupported(source: Source, proxy: string, reason: string): Diagnostic {
  return problem('warning', 'AnnotationUnsupported', source, `not honoured on ${proxy}: ${reason}`);
}

/** A key that no version of ingress-nginx has, or has any more. */
export function unknownAnnotation(source: Source, hint: string): Diagnostic {
  return problem('warning', 'UnknownAnnotation', source, `${hint}; it is ignored`);
}

/** An annotation that has no effect where it is. */
export function annotationIgnored(source: Source, reason: string): Diagnostic {
  return problem('warning', 'AnnotationIgnored', source, reason);
}

/** What keeps requests out cannot be honoured, so that nobody comes in. */
export function routeClosed(source: Source, reason: string): Diagnostic {
  return problem('error', 'RouteClosed', source, `the routes of this Ingress answer 503, because ${reason}`);
}

/** Most problems that one message names. */
const TOLD = 5;

/** Lines of a Secret of users that cannot be used; names of users are told, hashes never. */
export function invalidUsers(source: Source, secret: string, problems: readonly string[]): Diagnostic {
  const told = problems.slice(0, TOLD).join('; ');
  const more = problems.length > TOLD ? `; and ${problems.length - TOLD} more` : '';
  return problem(
    'error',
    'InvalidUsers',
    source,
    `Secret ${secret}: ${told}${more}; these cannot log in; "openssl passwd -6" makes a hash that every proxy verifies`,
  );
}

/** A key or a value of the ConfigMap of global settings. */
export function invalidSetting(source: Source, reason: string): Diagnostic {
  return problem('error', 'InvalidSetting', source, reason);
}

/** A key of that ConfigMap that no version of ingress-nginx has. */
export function unknownSetting(source: Source, hint: string): Diagnostic {
  return problem('warning', 'UnknownSetting', source, `${hint}; it is ignored`);
}

/** A key of that ConfigMap that the proxy cannot honour. */
export function settingUnsupported(source: Source, proxy: string, reason: string): Diagnostic {
  return problem('warning', 'SettingUnsupported', source, `not honoured on ${proxy}: ${reason}`);
}

/** The ConfigMap that `--configmap` names. */
export function configMapMissing({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): Diagnostic {
  const source = { object: { kind: 'ConfigMap', namespace, name }, field: '' };
  return problem(
    'warning',
    'ConfigMapMissing',
    source,
    'does not exist, or cannot be read; defaults hold (--configmap)',
  );
}

/** An Ingress that the global settings do not let in. */
export function ingressRefused(source: Source, reason: string): Diagnostic {
  return problem('error', 'IngressRefused', source, `${reason}; nothing of this Ingress is served`);
}
