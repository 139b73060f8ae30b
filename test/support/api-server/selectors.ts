import { isRecord } from '../../../src/model/record.ts';
import type { Version } from './objects.ts';
import type { Resource } from './resources.ts';
import { badRequest } from './status.ts';

export type Matches = (version: Version) => boolean;

/** What a list or a watch is about. */
export interface Scope {
  readonly resource: Resource;
  /** `undefined`: all of them, or a cluster-scoped resource. */
  readonly namespace: string | undefined;
  /** By namespace and selectors. */
  readonly matches: Matches;
  /** There is a selector. */
  readonly selective: boolean;
}

export function scopeOf(resource: Resource, namespace: string | undefined, query: URLSearchParams): Scope {
  const tests = [
    ...labelTests(query.get('labelSelector') ?? ''),
    ...fieldTests(query.get('fieldSelector') ?? '', resource),
  ];
  const selective = tests.length > 0;
  if (namespace !== undefined) tests.push(({ object }) => object.metadata.namespace === namespace);
  return { resource, namespace, matches: (version) => tests.every((test) => test(version)), selective };
}

const KEY = String.raw`[A-Za-z0-9](?:[\w./-]*[A-Za-z0-9])?`;
const VALUE = String.raw`(?:[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)?`;
const EQUALITY = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*(${VALUE})$`);
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const EXISTENCE = new RegExp(`^(!?)\\s*(${KEY})$`);

/**
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 *
 * @throws Failure for what is no selector
 */
function labelTests(text: string): Matches[] {
  if (text.trim() === '') return [];
  // Commas within parentheses separate values.
  return text.split(/,(?![^(]*\))/).map((part) => labelTest(part.trim()));
}

function labelTest(text: string): Matches {
  const equality = EQUALITY.exec(text);
  if (equality !== null) {
    const [, key = '', operator, value = ''] = equality;
    return oneOf(key, [value], operator !== '!=');
  }
  const set = SET.exec(text);
  if (set !== null) {
    const [, key = '', operator, values = ''] = set;
    const named = values.split(',').map((value) => value.trim());
    return oneOf(key, named, operator === 'in');
  }
  const existence = EXISTENCE.exec(text);
  if (existence === null) throw badRequest(`unable to parse requirement: ${JSON.stringify(text)} is no label selector`);
  const [, not, key = ''] = existence;
  return ({ labels }) => Object.hasOwn(labels, key) === (not === '');
}

/** An object without the label has none of the values. */
function oneOf(key: string, values: readonly string[], wanted: boolean): Matches {
  const set = new Set<unknown>(values);
  return ({ labels }) => (Object.hasOwn(labels, key) && set.has(labels[key])) === wanted;
}

/**
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/
 *
 * @throws Failure for what is no selector, and for fields that this resource cannot be selected by
 */
function fieldTests(text: string, resource: Resource): Matches[] {
  return fieldTerms(text).map(({ field, equal, value }) => {
    if (field !== 'metadata.name' && field !== 'metadata.namespace' && !resource.fields.includes(field)) {
      throw badRequest(unknownField(field, resource));
    }
    const path = field.split('.');
    return ({ object }) => (textAt(object, path) === value) === equal;
  });
}

/** The one name that a field selector admits: authorization takes it for the name of the request. */
export function selectedName(fieldSelector: string): string | undefined {
  const terms = fieldTerms(fieldSelector);
  return terms.find(({ field, equal }) => field === 'metadata.name' && equal)?.value;
}

interface FieldTerm {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

function fieldTerms(text: string): FieldTerm[] {
  return text.split(/(?<!\\),/).flatMap((term) => {
    if (term === '') return [];
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(term);
    if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const [, field = '', operator, value = ''] = match;
    return { field, equal: operator !== '!=', value: value.replace(/\\([\\,=])/g, '$1') };
  });
}

function unknownField(field: string, { fields }: Resource): string {
  const only = '"metadata.name", "metadata.namespace"';
  if (fields.length > 0) return `field label not supported: ${field}`;
  return `"${field}" is not a known field selector: only ${only}`;
}

function textAt(object: unknown, path: readonly string[]): string {
  let value = object;
  for (const name of path) value = isRecord(value) ? value[name] : undefined;
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
