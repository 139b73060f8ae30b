import { quoteText } from '../model/diagnostics.ts';
import type { Ingress, IngressClass } from '../model/objects.ts';
import type { TranslateOptions } from '../model/options.ts';
import type { ObjectRef } from '../model/refs.ts';
import type { ObjectMap } from '../model/snapshot.ts';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const DEFAULT_CLASS_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';

/** An Ingress that another controller serves, and how we know. */
export interface IgnoredIngress {
  readonly object: ObjectRef;
  readonly reason: string;
}

/** Undefined when the Ingress is ours, otherwise why it is not. */
export type Claim = (ingress: Ingress) => string | undefined;

/**
 * Decides which Ingresses are ours: by the old class annotation, which wins as the API has it; by spec.ingressClassName;
 * or, when it names no class, by a default IngressClass of ours.
 * https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class
 */
export function createClaim(classes: ObjectMap<'IngressClass'>, options: TranslateOptions): Claim {
  const byName = new Map([...classes.values()].map((item) => [item.metadata.name, item]));
  const ours = (item: IngressClass) => item.controller === options.controllerName;
  const defaultIsOurs = [...byName.values()].some((item) => ours(item) && isDefault(item));

  function claimNamed(name: string): string | undefined {
    const found = byName.get(name);
    if (found === undefined) {
      if (options.claimByName && name === options.ingressClass) return undefined;
      return `its class ${shown(name)} is not ours and there is no such IngressClass`;
    }
    return ours(found) ? undefined : `its class ${shown(name)} belongs to ${shown(found.controller)}`;
  }

  function claimOf(ingress: Ingress): string | undefined {
    const annotated = ingress.metadata.annotations[CLASS_ANNOTATION];
    if (annotated !== undefined && annotated !== '') {
      return annotated === options.ingressClass ? undefined : `its class annotation is ${shown(annotated)}`;
    }
    if (ingress.ingressClassName !== undefined) return claimNamed(ingress.ingressClassName);
    return defaultIsOurs || options.claimWithoutClass ? undefined : 'it names no class and no default class is ours';
  }

  return (ingress) => claimOf(ingress) ?? catchAllProblem(ingress, options);
}

/** As ingress-nginx has it, rules do not change anything about that. */
function catchAllProblem({ defaultBackend }: Ingress, { claimCatchAll }: TranslateOptions): string | undefined {
  return claimCatchAll || defaultBackend === undefined ? undefined : 'it has a default backend, and --catch-all is off';
}

/** A name as it is; anything else quoted. */
function shown(name: string): string {
  return /^[\w./-]{1,253}$/.test(name) ? name : quoteText(name);
}

function isDefault(item: IngressClass): boolean {
  return item.metadata.annotations[DEFAULT_CLASS_ANNOTATION] === 'true';
}
