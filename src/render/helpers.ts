import { compareText, formatRef, type Source } from '../model/refs.ts';
import { comment, nginxRegex, nginxString, number, pem, regexLiteral, word } from './quoting.ts';

/** A helper gets the evaluated arguments of a template and returns a value. Pure: no clock, no files, no environment. */
export type Helper = (...parameters: readonly never[]) => unknown;

/** Helpers whose result may be written into a file: each quotes or checks what it writes. */
export const OUTPUT_HELPERS: Readonly<Record<string, Helper>> = {
  nginxString,
  nginxRegex,
  word,
  number,
  comment,
  pem,
};

/** Helpers whose result is used inside of another helper or of a condition. */
export const VALUE_HELPERS: Readonly<Record<string, Helper>> = {
  eq: (left: unknown, right: unknown) => left === right,
  ne: (left: unknown, right: unknown) => left !== right,
  not: (value: unknown) => !isTruthy(value),
  and: (...values: readonly unknown[]) => values.every(isTruthy),
  or: (...values: readonly unknown[]) => values.some(isTruthy),
  default: (value: unknown, fallback: unknown) => value ?? fallback,
  concat: (...parts: readonly (string | number)[]) => parts.join(''),
  join: (list: readonly string[], separator: string) => list.join(separator),
  count: (list: readonly unknown[]) => list.length,
  add: (left: number, right: number) => left + right,
  multiply: (left: number, right: number) => left * right,
  max: (...values: readonly number[]) => Math.max(...values),
  slice: (text: string, start: number) => text.slice(start),
  endsWith: (text: string, end: string) => text.endsWith(end),
  includes: (list: readonly unknown[], value: unknown) => list.includes(value),
  where: <T>(list: readonly T[], field: keyof T, value: unknown) => list.filter((item) => item[field] === value),
  some: <T>(list: readonly T[], field: keyof T, value: unknown) => list.some((item) => item[field] === value),
  sortBy: <T>(list: readonly T[], field: keyof T) =>
    list.toSorted((left, right) => compareText(String(left[field]), String(right[field]))),
  longest: <T>(list: readonly T[], field: keyof T) =>
    list.reduce((most, item) => Math.max(most, String(item[field]).length), 0),
  /** A path of an Ingress without its percent-encoding, as nginx compares it. */
  decodePath: (path: string) => decodeURIComponent(path),
  atLeast,
  regexLiteral,
  ref: (source: Source) =>
    source.field === '' ? formatRef(source.object) : `${formatRef(source.object)} ${source.field}`,
  objectName: (source: Source) => `${source.object.namespace}/${source.object.name}`,
  nginxHashBucket,
  nginxHashMax,
};

function isTruthy(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** Whether a dotted version is the wanted one or newer: `(atLeast proxy.version "1.25.1")`. */
export function atLeast(version: string, wanted: string): boolean {
  const [have, want] = [version, wanted].map((text) => text.split('.').map(Number));
  for (const [index, part] of (want ?? []).entries()) {
    const difference = (have?.[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

const POINTER = 8;
const CACHE_LINE = 64;

/**
 * Bytes of an nginx hash bucket that holds three keys of `longest` characters: of each the element (a pointer and the key
 * with its length, aligned), and the end marker, in whole cache lines. nginx refuses to start when one does not fit, and
 * warns at every check when it finds no number of buckets that keeps all keys within (ngx_hash_init in
 * src/core/ngx_hash.c). Two lines at least, so that few numbers have to be tried.
 */
export function nginxHashBucket(longest: number): number {
  const element = POINTER + Math.ceil((longest + 2) / POINTER) * POINTER;
  return Math.max(2 * CACHE_LINE, Math.ceil((3 * element + POINTER) / CACHE_LINE) * CACHE_LINE);
}

/** Most buckets that nginx may make for `count` keys: the power of two that holds them twice. */
export function nginxHashMax(count: number): number {
  return Math.max(1024, 2 ** Math.ceil(Math.log2(Math.max(count, 1) * 2)));
}
