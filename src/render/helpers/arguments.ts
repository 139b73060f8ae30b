/*
 * Checks of what a template hands to a helper. A template is text that users write: it may hand over anything.
 */

/** @throws RangeError that names the helper */
export function listArgument(helper: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(helper, 'a list', value);
}

export function textArgument(helper: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw wrong(helper, 'text', value);
}

export function numberArgument(helper: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw wrong(helper, 'a number', value);
}

/** The value itself may be a secret. */
function wrong(helper: string, wanted: string, value: unknown): RangeError {
  return new RangeError(`${helper} needs ${wanted}, got ${Array.isArray(value) ? 'a list' : typeof value}`);
}

/** A field of its own, never one that every JavaScript object inherits; `target.type` is a field of a field. */
export function fieldOf(item: unknown, path: string): unknown {
  // Most paths are one name, and lists are long.
  const names = path.includes('.') ? path.split('.') : [path];
  let value = item;
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

/** As a condition takes it: empty lists count as false, like empty text, zero and nothing. */
export function isTruthy(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}
