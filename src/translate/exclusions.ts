import { NOTHING_EXCLUDED, type Exclusions } from '../model/exclusions.ts';
import { formatRef } from '../model/refs.ts';
import type { CertificateResult } from './certificates.ts';
import type { IngressRules } from './rules.ts';
import type { CertificateParser } from './tls.ts';

const REFUSED: CertificateResult = { ok: false, problem: 'the proxy refuses it' };

/** The rules without what is excluded, as if it were not written; the rules themselves when there is nothing of the kind. */
export function withoutExcluded(all: readonly IngressRules[], exclusions: Exclusions): readonly IngressRules[] {
  if (exclusions === NOTHING_EXCLUDED) return all;
  return all.flatMap((rules) => {
    const key = formatRef(rules.object);
    if (exclusions.objects.has(key)) return [];
    const parts = exclusions.parts.get(key);
    return parts === undefined ? rules : withoutParts(rules, parts);
  });
}

function withoutParts(rules: IngressRules, parts: ReadonlySet<string>): IngressRules {
  const { ingress } = rules;
  const defaultBackend = parts.has('spec.defaultBackend') ? undefined : ingress.defaultBackend;
  return {
    ...rules,
    ingress: { ...ingress, defaultBackend },
    paths: rules.paths.filter(({ source }) => !parts.has(source.field)),
    tls: rules.tls.filter(({ source }) => !parts.has(source.field.replace(/\.secretName$/, ''))),
  };
}

/** A Secret that is excluded is one that holds no certificate. */
export function withoutExcludedSecrets(parse: CertificateParser, { objects }: Exclusions): CertificateParser {
  if (objects.size === 0) return parse;
  return (secret) => {
    const { namespace, name } = secret.metadata;
    return objects.has(formatRef({ kind: 'Secret', namespace, name })) ? REFUSED : parse(secret);
  };
}
