import { isRecord } from '../decode/fields.ts';
import type { Collected, Collector } from './collector.ts';
import type { ReflectorSink } from './reflector.ts';
import type { Collectable } from './resources.ts';

/** Which namespaces are followed. */
export type NamespaceChoice =
  | { readonly type: 'all' }
  | { readonly type: 'list'; readonly names: readonly string[] }
  /** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors */
  | { readonly type: 'selector'; readonly selector: string };

const NAMESPACES: Collectable = { kind: 'Namespace', group: '', version: 'v1', plural: 'namespaces' };

export interface NamespaceListener {
  readonly onAppear: (namespace: string) => void;
  readonly onVanish: (namespace: string) => void;
}

/** Follows the namespaces whose labels match, until the signal aborts. */
export function followNamespaces(
  collector: Collector,
  labelSelector: string,
  listener: NamespaceListener,
  signal: AbortSignal,
): Collected {
  const known = new Set<string>();
  const appear = (name: string) => {
    if (name === '' || known.has(name)) return;
    known.add(name);
    listener.onAppear(name);
  };
  const vanish = (name: string) => {
    if (known.delete(name)) listener.onVanish(name);
  };
  const sink: ReflectorSink<string> = {
    trim: nameOf,
    replace: (names) => {
      for (const name of names) appear(name);
      const present = new Set(names);
      for (const name of [...known]) if (!present.has(name)) vanish(name);
    },
    change: appear,
    remove: vanish,
  };
  return collector.collect({ resource: NAMESPACES, namespace: undefined, labelSelector }, sink, signal);
}

function nameOf(object: unknown): string {
  const metadata = isRecord(object) && isRecord(object['metadata']) ? object['metadata'] : {};
  return typeof metadata['name'] === 'string' ? metadata['name'] : '';
}
