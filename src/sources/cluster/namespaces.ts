import { isCollapse, type CollapseGuard } from '../collapse/guard.ts';
import { isRecord } from '../../model/record.ts';
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
  /** Keeps what a new list lacks when that is nearly all; left out: nobody does. */
  readonly guard?: CollapseGuard | undefined;
}

/** Follows the namespaces whose labels match, until the signal aborts. */
export function followNamespaces(
  collector: Collector,
  labelSelector: string,
  listener: NamespaceListener,
  signal: AbortSignal,
): Collected {
  const { guard } = listener;
  const what = `namespaces (${labelSelector})`;
  const known = new Set<string>();
  /** Of these, those that the last list lacks and that are followed all the same. */
  let held: readonly string[] = [];
  const appear = (name: string) => {
    if (name === '' || known.has(name)) return;
    known.add(name);
    listener.onAppear(name);
  };
  const vanish = (name: string) => {
    if (known.delete(name)) listener.onVanish(name);
  };
  const unhold = (name: string) => {
    held = held.filter((other) => other !== name);
    if (held.length === 0) guard?.end(what);
  };
  const letGo = () => {
    for (const name of held) vanish(name);
    held = [];
    guard?.end(what);
  };
  const sink: ReflectorSink<string> = {
    trim: nameOf,
    replace: (names) => {
      const collapse = { before: known.size, left: names.length };
      for (const name of names) appear(name);
      const present = new Set(names);
      held = [...known].filter((name) => !present.has(name));
      if (!isCollapse(collapse) || guard?.hold(what, collapse, letGo) !== true) letGo();
    },
    change: (name) => {
      unhold(name);
      appear(name);
    },
    remove: (name) => {
      unhold(name);
      vanish(name);
    },
  };
  return collector.collect({ resource: NAMESPACES, namespace: undefined, labelSelector }, sink, signal);
}

function nameOf(object: unknown): string {
  const metadata = isRecord(object) && isRecord(object['metadata']) ? object['metadata'] : {};
  return typeof metadata['name'] === 'string' ? metadata['name'] : '';
}
