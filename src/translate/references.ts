import type { TranslateOptions } from '../model/options.ts';
import { objectKey } from '../model/refs.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { createClaim } from './claim.ts';

/** Keys `namespace/name` of the objects that our Ingresses and options refer to, besides Services and their endpoints. */
export interface ReferencedKeys {
  readonly Secret: ReadonlySet<string>;
  readonly ConfigMap: ReadonlySet<string>;
}

/** What has to be known of the cluster to translate a snapshot. */
export function findReferences(snapshot: Snapshot, options: TranslateOptions): ReferencedKeys {
  const claim = createClaim(snapshot.objects.IngressClass, options);
  const secrets = new Set<string>();
  const { defaultCertificate } = options;
  if (defaultCertificate !== undefined) secrets.add(objectKey(defaultCertificate.namespace, defaultCertificate.name));
  for (const ingress of snapshot.objects.Ingress.values()) {
    if (ingress.tls.length === 0 || claim(ingress) !== undefined) continue;
    for (const entry of ingress.tls) {
      if (entry?.secretName !== undefined) secrets.add(objectKey(ingress.metadata.namespace, entry.secretName));
    }
  }
  return { Secret: secrets, ConfigMap: new Set() };
}
