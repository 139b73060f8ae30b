import type { ApiObject } from './objects.ts';
import type { Resource } from './resources.ts';
import { fieldsOf, type Fields } from './shape.ts';
import { badRequest, invalid } from './status.ts';
import { eventCauses } from './validate-events.ts';

/** metav1.MicroTime, which Go takes to the digit: six of them behind the point. */
const MICRO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}(Z|[+-]\d{2}:\d{2})$/;
const LAYOUT = '2006-01-02T15:04:05.000000Z07:00';

/** Where they are, by resource. */
const MICRO_TIMES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  leases: [
    ['spec', 'acquireTime'],
    ['spec', 'renewTime'],
  ],
  events: [
    ['', 'eventTime'],
    ['series', 'lastObservedTime'],
  ],
};

/** @throws Failure 400 for a body that cannot become an object of this resource */
export function checkBody(resource: Resource, body: Fields): void {
  const { kind } = body;
  if (typeof kind === 'string' && kind !== '' && kind !== resource.kind) {
    const message = `${kind} in version "${String(body['apiVersion'])}" cannot be handled as a ${resource.kind}`;
    throw badRequest(`${message}: converting (${kind}) to (${resource.kind}): unknown conversion`);
  }
  for (const [part, name] of MICRO_TIMES[resource.plural] ?? []) {
    checkMicroTime(resource, (part === '' ? body : fieldsOf(body[part]))[name]);
  }
}

function checkMicroTime({ kind, version }: Resource, value: unknown): void {
  if (value === undefined || value === null) return;
  if (typeof value === 'string' && MICRO_TIME.test(value)) return;
  const reason = `parsing time ${JSON.stringify(value)} as "${LAYOUT}": cannot parse`;
  throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${reason}`);
}

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const SUBDOMAIN_RULE =
  'a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, ' +
  "'-' or '.', and must start and end with an alphanumeric character";

/**
 * What a writer of status, Events and Leases can get wrong; much less than the API server checks.
 *
 * @param current when the object is changed
 * @throws Failure 422
 */
export function validate(resource: Resource, object: ApiObject, current?: ApiObject): void {
  const { name } = object.metadata;
  const causes: string[] = [];
  if (name.length > 253 || !SUBDOMAIN.test(name)) {
    causes.push(`metadata.name: Invalid value: "${name}": ${SUBDOMAIN_RULE}`);
  }
  if (resource.plural === 'events') causes.push(...eventCauses(resource, object, current));
  if (resource.plural === 'leases') causes.push(...leaseCauses(fieldsOf(object['spec'])));
  if (causes.length > 0) throw invalid(resource, name, causes);
}

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/coordination/validation/validation.go */
function leaseCauses({ leaseDurationSeconds: duration, leaseTransitions: transitions }: Fields): string[] {
  const causes: string[] = [];
  if (typeof duration === 'number' && duration <= 0) {
    causes.push(`spec.leaseDurationSeconds: Invalid value: ${duration}: must be greater than 0`);
  }
  if (typeof transitions === 'number' && transitions < 0) {
    causes.push(`spec.leaseTransitions: Invalid value: ${transitions}: must be greater than or equal to 0`);
  }
  return causes;
}
