import { isEqual } from '../../../src/model/equal.ts';
import type { ApiObject } from './objects.ts';
import type { Resource } from './resources.ts';
import { fieldsOf } from './shape.ts';

/*
 * https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/events.go
 *
 * The messages use the names of the internal type, whatever the group: `involvedObject` also for `regarding`.
 */

/** The fields of both groups that are checked, each under its name in the group. */
function namesIn({ group }: Resource): {
  readonly subject: string;
  readonly controller: string;
  readonly text: string;
} {
  return group === ''
    ? { subject: 'involvedObject', controller: 'reportingComponent', text: 'message' }
    : { subject: 'regarding', controller: 'reportingController', text: 'note' };
}

/** @param current when the event is changed */
export function eventCauses(resource: Resource, object: ApiObject, current: ApiObject | undefined): string[] {
  const causes = hasTime(object) ? timedCauses(resource, object) : untimedCauses(resource, object);
  if (resource.group === '') return causes;
  return [...causes, ...(current === undefined ? strictCauses(object) : immutableCauses(object, current))];
}

function hasTime(object: ApiObject): boolean {
  return (object['eventTime'] ?? null) !== null;
}

function subjectNamespace(resource: Resource, object: ApiObject): string {
  const value = fieldsOf(object[namesIn(resource).subject])['namespace'];
  return typeof value === 'string' ? value : '';
}

function mismatch(namespace: string): string {
  return `involvedObject.namespace: Invalid value: "${namespace}": does not match event.namespace`;
}

function untimedCauses(resource: Resource, object: ApiObject): string[] {
  const namespace = subjectNamespace(resource, object);
  const own = object.metadata.namespace;
  const fits = namespace === '' ? own === 'default' : own === namespace;
  return fits ? [] : [mismatch(namespace)];
}

function timedCauses(resource: Resource, object: ApiObject): string[] {
  const { controller, text } = namesIn(resource);
  const namespace = subjectNamespace(resource, object);
  const fits = namespace !== '' || ['default', 'kube-system'].includes(object.metadata.namespace ?? '');
  return [
    ...(fits ? [] : [mismatch(namespace)]),
    ...required('reportingController', object[controller]),
    ...required('reportingInstance', object['reportingInstance']),
    ...limited('reportingInstance', object['reportingInstance'], 128),
    ...required('action', object['action']),
    ...limited('action', object['action'], 128),
    ...required('reason', object['reason']),
    ...limited('reason', object['reason'], 128),
    ...limited('message', object[text], 1024),
  ];
}

function strictCauses(object: ApiObject): string[] {
  const type = typeof object['type'] === 'string' ? object['type'] : '';
  return [
    ...seriesCauses(object),
    ...(hasTime(object) ? [] : ['eventTime: Required value']),
    ...(['Normal', 'Warning'].includes(type) ? [] : [`type: Invalid value: "": has invalid value: ${type}`]),
    ...['FirstTimestamp', 'LastTimestamp', 'Count', 'Source']
      .filter((name) => (object[`deprecated${name}`] ?? null) !== null)
      .map((name) => `${name[0]?.toLowerCase() ?? ''}${name.slice(1)}: Invalid value: "": needs to be unset`),
  ];
}

function seriesCauses(object: ApiObject): string[] {
  if ((object['series'] ?? null) === null) return [];
  const { count, lastObservedTime } = fieldsOf(object['series']);
  return [
    ...(typeof count === 'number' && count >= 2 ? [] : ['series.count: Invalid value: "": should be at least 2']),
    ...required('series.lastObservedTime', lastObservedTime),
  ];
}

/** All but the series of an event is fixed. */
function immutableCauses(object: ApiObject, current: ApiObject): string[] {
  const names = new Set([...Object.keys(object), ...Object.keys(current)]);
  const fixed = [...names].filter((name) => name !== 'metadata' && name !== 'series');
  const causes = fixed
    .filter((name) => !isEqual(object[name], current[name]))
    .map((name) => `${name}: Invalid value: ${JSON.stringify(object[name])}: field is immutable`);
  return isEqual(object['series'], current['series']) ? causes : [...seriesCauses(object), ...causes];
}

function required(field: string, value: unknown): string[] {
  return typeof value === 'string' && value !== '' ? [] : [`${field}: Required value`];
}

function limited(field: string, value: unknown, limit: number): string[] {
  const isLong = typeof value === 'string' && Buffer.byteLength(value) > limit;
  return isLong ? [`${field}: Invalid value: "": can have at most ${limit} characters`] : [];
}
