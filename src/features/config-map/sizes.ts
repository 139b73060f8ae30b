const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Bytes of a size such as `8k`. */
export function bytesOf(size: string | undefined): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([kmg]?)$/i.exec(size ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
}

/** What nginx takes for a piece of memory: gigabytes are none, and it reserves them. */
export const MEMORY = { least: 1024, most: 16 * 1024 ** 2 } as const;

/**
 * The nearest size that keeps a proxy able to start, in bytes, kilobytes or megabytes.
 * @param least bytes
 * @param most bytes
 */
export function within<T extends string | undefined>(
  size: T,
  { least, most }: { readonly least: number; readonly most: number },
): T | string {
  const bytes = bytesOf(size);
  if (size === undefined || bytes === undefined) return size;
  const kept = Math.min(most, Math.max(least, bytes));
  if (kept === bytes && !/g$/i.test(size)) return size;
  return kept % 1024 === 0 ? `${kept / 1024}k` : String(kept);
}
