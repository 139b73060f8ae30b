import { CORE_SCHEMA, constructFromEvents, EVENT_ID, mergeTag, parseEvents, YAMLException, type Event } from 'js-yaml';
import type { FileLocation } from '../../model/diagnostics.ts';
import { isRecord } from '../../model/record.ts';
import { checkAliases, RefusedText, type NodeStep } from './manifest-aliases.ts';
import { findField, Lines, listRows, NODE, type NodeTable } from './manifest-positions.ts';

/** One object of a manifest file, as parsed. */
export interface RawDocument {
  readonly value: unknown;
  /** Where a field (as kubectl prints its path) is written; for an empty or a missing field, what encloses it. */
  readonly locate: (field: string) => FileLocation;
}

export type ParsedManifests =
  | { readonly ok: true; readonly documents: readonly RawDocument[] }
  | { readonly ok: false; readonly location: FileLocation; readonly reason: string };

/** The aliases of a file may stand for as many nodes as this, plus ten times what is written out. */
const FREE_EXPANSION = 100_000;
const MAX_MERGED_KEYS = 100_000;

/** YAML 1.2 core schema: times, dates, `yes` and `no` stay strings. `<<` is what kubectl understands, too. */
const SCHEMA = CORE_SCHEMA.withTags(mergeTag);

/**
 * Parses the text of a manifest file. JSON is read as the YAML that it is. Empty documents are left out, and lists (`List`,
 * `IngressList`, …) are replaced by their items, of any depth.
 *
 * Text is not trusted: nesting is limited by the parser, and aliases must not stand for much more than what is written
 * ("billion laughs") nor for what encloses them.
 *
 * @param file for locations
 */
export function parseManifests(file: string, text: string): ParsedManifests {
  const lines = new Lines(file, text);
  try {
    const events = parseEvents(text, {});
    const hasAliases = events.some((event) => event.type === EVENT_ID.ALIAS);
    if (hasAliases) checkAliases(steps(events, text), FREE_EXPANSION + 10 * events.length);
    const values = constructFromEvents(events, { source: text, schema: SCHEMA, maxTotalMergeKeys: MAX_MERGED_KEYS });
    const table = tabulate(events, text);
    const rows = documentRows(events);
    const documents = values.flatMap((value, index) => {
      return [...flatten({ value, row: rows[index] ?? 0 }, table)].map((found) => locatable(found, table, lines));
    });
    return { ok: true, documents };
  } catch (error) {
    return { ok: false, location: locateError(error, file, lines), reason: reasonOf(error) };
  }
}

interface Placed {
  readonly value: unknown;
  /** In the NodeTable. */
  readonly row: number;
}

function locatable({ value, row }: Placed, table: NodeTable, lines: Lines): RawDocument {
  return { value, locate: (field) => lines.locate(findField(table, row, field)) };
}

/** Depth is bounded: the parser limits nesting, and aliases cannot lead back to what encloses them. */
function* flatten({ value, row }: Placed, table: NodeTable): Generator<Placed> {
  if (value === undefined || value === null) return;
  const items = itemsOf(value);
  if (items === undefined) {
    yield { value, row };
    return;
  }
  const rows = listRows(table, row, 'items');
  for (const [index, item] of items.entries()) yield* flatten({ value: item, row: rows[index] ?? row }, table);
}

/** Items of a typed list (`IngressList`), as the API server sends it, do not say what they are. */
function itemsOf(value: unknown): readonly unknown[] | undefined {
  if (!isRecord(value)) return undefined;
  const { kind, apiVersion } = value;
  const items: unknown = value['items'] ?? (kind === 'List' ? [] : undefined);
  if (typeof kind !== 'string' || !kind.endsWith('List') || !isList(items)) return undefined;
  if (kind === 'List') return items;
  const type = { apiVersion, kind: kind.slice(0, -'List'.length) };
  return items.map((item) => (isRecord(item) ? { ...type, ...item } : item));
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function documentRows(events: readonly Event[]): number[] {
  return events.flatMap((event, index) => (event.type === EVENT_ID.DOCUMENT ? [index + 1] : []));
}

/** Row n of the table is event n, so that rows can be counted either way. */
function tabulate(events: readonly Event[], text: string): NodeTable {
  const kind = new Uint8Array(events.length);
  const start = new Int32Array(events.length);
  const end = new Int32Array(events.length);
  let last = 0;
  for (const [row, event] of events.entries()) {
    kind[row] = kindOf(event);
    last = startOf(event) ?? last;
    start[row] = last;
    end[row] = event.type === EVENT_ID.SCALAR ? event.valueEnd : last;
  }
  return { text, kind, start, end };
}

function kindOf(event: Event): number {
  if (event.type === EVENT_ID.POP) return NODE.end;
  if (event.type === EVENT_ID.SEQUENCE) return NODE.list;
  if (event.type === EVENT_ID.SCALAR || event.type === EVENT_ID.ALIAS) return NODE.leaf;
  return NODE.mapping;
}

/** `undefined` for what has no text of its own, such as an empty value. */
function startOf(event: Event): number | undefined {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return event.valueStart < 0 ? undefined : event.valueStart;
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start;
    case EVENT_ID.ALIAS:
      return event.anchorStart - 1;
    case EVENT_ID.DOCUMENT:
    case EVENT_ID.POP:
      return undefined;
  }
}

function* steps(events: readonly Event[], text: string): Generator<NodeStep> {
  for (const event of events) {
    const anchor =
      'anchorStart' in event && event.anchorStart >= 0 ? text.slice(event.anchorStart, event.anchorEnd) : '';
    yield { type: stepType(event), anchor, offset: startOf(event) ?? 0 };
  }
}

function stepType(event: Event): NodeStep['type'] {
  switch (event.type) {
    case EVENT_ID.DOCUMENT:
      return 'document';
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return 'open';
    case EVENT_ID.SCALAR:
      return 'leaf';
    case EVENT_ID.ALIAS:
      return 'alias';
    case EVENT_ID.POP:
      return 'close';
  }
}

function locateError(error: unknown, file: string, lines: Lines): FileLocation {
  if (error instanceof RefusedText) return lines.locate(error.offset);
  const mark = error instanceof YAMLException ? error.mark : undefined;
  return { file, line: (mark?.line ?? 0) + 1, column: (mark?.column ?? 0) + 1 };
}

/** Without what the parser quotes from the text, which may be part of a Secret. */
function reasonOf(error: unknown): string {
  if (error instanceof YAMLException) return error.reason.replace(/ "[^"]*"| !<[^>]*>|: .*$/gs, '');
  return error instanceof Error ? error.message : String(error);
}
