import { quoteText } from '../../model/diagnostics.ts';
import { typeName, type Fields } from './fields.ts';
import { isBase64 } from './names.ts';

type StringMap = Readonly<Record<string, string>>;

/** `data[tls.crt]`, as kubectl prints it; a key that no API server would take is quoted. */
function keyPath(name: string, key: string): string {
  return `${name}[${/^[\w./-]{1,253}$/.test(key) ? key : quoteText(key)}]`;
}

/**
 * The entries of a mapping that `read` takes. Keys come from users: the result has all of them as own properties,
 * `__proto__` too, and must be asked with Object.hasOwn when the key is not a constant.
 * Messages name the key and never show the value, which may be secret.
 */
function readMap(
  fields: Fields,
  name: string,
  read: (value: unknown) => string | { readonly reason: string },
): StringMap {
  const inner = fields.entry(name, 'this mapping is not used', (map) => map);
  const entries: [string, string][] = [];
  for (const key of inner?.keys() ?? []) {
    const text = read(inner?.value(key));
    if (typeof text === 'string') entries.push([key, text]);
    else fields.note(keyPath(name, key), `${text.reason}; this entry is not used`);
  }
  return Object.fromEntries(entries);
}

function readString(value: unknown): string | { readonly reason: string } {
  return typeof value === 'string' ? value : { reason: `expected a string, got ${typeName(value)}: put it in quotes` };
}

function readBase64(value: unknown): string | { readonly reason: string } {
  const text = typeof value === 'string' ? value.replace(/[\r\n]/g, '') : undefined;
  if (text !== undefined && isBase64(text)) return text;
  return { reason: text === undefined ? `expected base64 text, got ${typeName(value)}` : 'is not base64' };
}

/** Labels, annotations, `data` of a ConfigMap: only entries that are strings. */
export function readStrings(fields: Fields, name: string): StringMap {
  return readMap(fields, name, readString);
}

/** `data` of a Secret: only entries that are base64, without line breaks. */
export function readEncoded(fields: Fields, name: string): StringMap {
  return readMap(fields, name, readBase64);
}
