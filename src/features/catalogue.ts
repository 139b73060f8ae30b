import type { Annotation, Support } from './annotation.ts';
import type { Family } from './family.ts';
import { FAMILIES } from './registry.ts';

export type SupportStatus = Support['status'];

/** How one key fares on one proxy. */
export interface KeySupport {
  readonly status: SupportStatus;
  /** The first version that honours it; `undefined`: all that sluice supports, or none. */
  readonly since: string | undefined;
  /** Empty when there is nothing to say. */
  readonly note: string;
}

/** One key of ingress-nginx; an alias is a key of its own. */
export interface CatalogueEntry {
  readonly key: string;
  readonly family: string;
  readonly annotation: Annotation<unknown>;
  readonly nginx: KeySupport;
  readonly haproxy: KeySupport;
}

/** Every key that sluice knows, in alphabetical order. */
export function catalogue(families: readonly Family[] = FAMILIES): readonly CatalogueEntry[] {
  const entries = families.flatMap((family) =>
    family.annotations.flatMap((annotation) =>
      [annotation.key, ...(annotation.aliases ?? [])].map((key) => entryOf(key, family, annotation)),
    ),
  );
  return entries.sort((left, right) => (left.key < right.key ? -1 : 1));
}

export type Counts = Readonly<Record<SupportStatus, number>>;

export function countsOf(entries: readonly CatalogueEntry[], proxy: 'nginx' | 'haproxy'): Counts {
  const counts = { honoured: 0, differs: 0, gated: 0, unsupported: 0 };
  for (const entry of entries) counts[entry[proxy].status] += 1;
  return counts;
}

function entryOf(key: string, { name }: Family, annotation: Annotation<unknown>): CatalogueEntry {
  const { nginx, haproxy } = annotation;
  return { key, family: name, annotation, nginx: supportFrom(nginx), haproxy: supportFrom(haproxy) };
}

function supportFrom(support: Support): KeySupport {
  return {
    status: support.status,
    since: support.status === 'gated' ? support.since : undefined,
    note: support.status === 'honoured' ? '' : support.note,
  };
}
