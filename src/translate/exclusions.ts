import { NOTHING_EXCLUDED, type Exclusions } from '../model/exclusions.ts';
import { formatRef } from '../model/refs.ts';
import type { CertificateResult } from './certificates.ts';
import { guardsOfHost, keepsOut } from '../features/guards.ts';
import type { IngressRules, PathRule } from './rules.ts';
import type { CertificateParser } from './tls.ts';

const REFUSED: CertificateResult = { ok: false, problem: 'the proxy refuses it' };

/**
 * The rules without what is excluded, as if it were not written, but for what stays closed; the rules themselves when there
 * is nothing of the kind.
 */
export function withoutExcluded(
  all: readonly IngressRules[],
  exclusions: Exclusions,
  prefixes: readonly string[],
): readonly IngressRules[] {
  if (exclusions === NOTHING_EXCLUDED) return all;
  return all.flatMap((rules) => {
    const key = formatRef(rules.object);
    const parts = exclusions.parts.get(key);
    const isGone = exclusions.objects.has(key);
    if (!isGone && parts === undefined) return rules;
    const left = isGone || parts === undefined ? [] : [withoutParts(rules, parts)];
    const gone = rules.paths.filter(({ source }) => isGone || parts?.has(source.field) === true);
    const staysClosed = exclusions.closed?.has(key) === true && keepsOut(rules.ingress, prefixes);
    return staysClosed && gone.length > 0 ? [...left, closedRules(rules, gone, prefixes)] : left;
  });
}

/**
 * Paths that answer 503, without anything else that the Ingress asks for, but for client certificates, which other Ingresses
 * of the host may rely on; where they are regular expressions they stay that.
 */
function closedRules(rules: IngressRules, paths: readonly PathRule[], prefixes: readonly string[]): IngressRules {
  const { ingress } = rules;
  const [prefix = ''] = prefixes;
  const regex = paths.some(({ isRegex }) => isRegex) ? { [`${prefix}/use-regex`]: 'true' } : {};
  const annotations = { ...guardsOfHost(ingress, prefixes), ...regex };
  const metadata = { ...ingress.metadata, annotations };
  return {
    ...rules,
    ingress: { ...ingress, metadata, tls: [], defaultBackend: undefined },
    paths: paths.map((path) => ({ ...path, isClosed: true })),
    tls: [],
  };
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
