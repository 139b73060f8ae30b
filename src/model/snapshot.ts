import type { Diagnostic } from './diagnostics.ts';
import type { Kind, ObjectByKind } from './objects.ts';

/** Objects of one kind by `namespace/name`. */
export type ObjectMap<K extends Kind> = ReadonlyMap<string, ObjectByKind[K]>;

/**
 * The world at one moment. A snapshot never changes, and an object that did not change between two snapshots is the same
 * value in both, so that work done for it can be kept.
 */
export interface Snapshot {
  readonly objects: { readonly [K in Kind]: ObjectMap<K> };
  /** What the sources could not read or use. */
  readonly diagnostics: readonly Diagnostic[];
}
