import { formatRef, type ObjectRef } from './refs.ts';

/** A place in a manifest file. Lines and columns count from 1. */
export interface FileLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `error`: something that the user asked for is not served. `warning`: it is served, but not as written. */
export type Severity = 'error' | 'warning';

/** What is wrong with an object, where, and what to do. A value, not an exception: one bad object never stops another. */
export interface Diagnostic {
  readonly severity: Severity;
  /** Stable; the reason of Events, the label of metrics. One of the codes in problems.ts. */
  readonly code: string;
  readonly object: ObjectRef | undefined;
  /** Path of the field as kubectl prints it; empty for the whole object. */
  readonly field: string;
  readonly location: FileLocation | undefined;
  readonly message: string;
}

/** One line for a terminal: `error InvalidHost Ingress shop/web spec.rules[0].host: …`. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { severity, code, object, field, location, message } = diagnostic;
  const place = location === undefined ? '' : `${location.file}:${location.line}:${location.column}`;
  const where = [place, object === undefined ? '' : formatRef(object), field].filter((part) => part !== '');
  return `${severity} ${code} ${where.join(' ')}: ${message}`;
}

/** Control characters, and those that show a text in another order or not at all. https://trojansource.codes */
const INVISIBLE = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A user's text inside a message: quoted, what does not show as it is escaped, shortened. */
export function quoteText(text: string, longest = 120): string {
  const shown = text.length > longest ? `${text.slice(0, longest - 3)}...` : text;
  return JSON.stringify(shown).replace(INVISIBLE, escapeCodeUnit);
}

function escapeCodeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
