/** Whether a dotted version is the wanted one or newer: `1.25.1` of `1.25`, but not of `1.26`. */
export function isAtLeast(version: string, wanted: string): boolean {
  const have = version.split('.').map(Number);
  for (const [index, want] of wanted.split('.').entries()) {
    const difference = (have[index] ?? 0) - Number(want);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
