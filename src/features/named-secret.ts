import type { Secret } from '../model/objects.ts';
import type { Parsed } from './annotation.ts';
import type { FeatureContext } from './family.ts';
import { bad, good, type ObjectName } from './grammar.ts';

/** The Secret that an annotation names; the problem says why there is none: "Secret shop/users does not exist". */
export function namedSecret(
  { namespace: given, name }: ObjectName,
  { ingress, globals, lookup }: FeatureContext,
): Parsed<Secret> {
  const namespace = given ?? ingress.metadata.namespace;
  if (namespace !== ingress.metadata.namespace && !globals.allowCrossNamespaceResources) {
    return bad(`Secret ${namespace}/${name} is in another namespace`);
  }
  const secret = lookup.secret(namespace, name);
  return secret === undefined ? bad(`Secret ${namespace}/${name} does not exist`) : good(secret);
}

export function secretName({ metadata }: Secret): string {
  return `Secret ${metadata.namespace}/${metadata.name}`;
}
