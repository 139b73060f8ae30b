/*
 * Grammars of the Kubernetes API server. There may be no API server between the author of a manifest and us, so the names
 * that end up in file names, template text and messages are held to them here.
 */

const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const UID = /^[A-Za-z0-9-]{0,64}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const RFC3339 = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

export const LABEL_RULE = 'expected a DNS label (at most 63 of a-z, 0-9 and "-", no "-" at the ends)';
export const SUBDOMAIN_RULE =
  'expected a DNS name (at most 253 of a-z, 0-9, "-" and ".", labels with no "-" at the ends)';

/** RFC 1123 label: namespaces, Services, named ports. */
export function isLabel(text: string): boolean {
  return text.length <= 63 && LABEL.test(text);
}

/** RFC 1123 subdomain: the names of most kinds. */
export function isSubdomain(text: string): boolean {
  return text.length <= 253 && SUBDOMAIN.test(text);
}

export function isUid(text: string): boolean {
  return UID.test(text);
}

/** Base64 with padding. Line breaks, which Kubernetes skips, must have been taken out. */
export function isBase64(text: string): boolean {
  return BASE64.test(text);
}

/** `2024-05-01T10:00:00+02:00` → `2024-05-01T08:00:00Z`: one form for all, so that text order is order in time. Empty if it is no time. */
export function normaliseTime(text: string): string {
  const day = RFC3339.exec(text)?.[1];
  const milliseconds = Date.parse(text);
  if (day === undefined || Number.isNaN(milliseconds)) return '';
  // Date takes 30 February for 1 March.
  if (new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day) return '';
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
