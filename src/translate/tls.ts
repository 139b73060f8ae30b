import type { Diagnostic } from '../model/diagnostics.ts';
import type { Secret } from '../model/objects.ts';
import type { SecretName, TranslateOptions } from '../model/options.ts';
import {
  certificateExpired,
  certificateHostMismatch,
  invalidCertificate,
  secretMissing,
  tlsWithoutCertificate,
} from '../model/problems.ts';
import { objectKey, type Source } from '../model/refs.ts';
import type { Certificate } from '../model/routing.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { CertificateResult, ParsedCertificate } from './certificates.ts';
import type { IngressRules, TlsRule } from './rules.ts';

/** Parses a Secret once for as long as it does not change. */
export type CertificateParser = (secret: Secret) => CertificateResult;

interface TlsEntry {
  readonly rule: TlsRule;
  /** `undefined` when there is none to use: the default certificate serves. */
  readonly certificate: ParsedCertificate | undefined;
}

/** Chooses the certificate of every host, and collects those that are in use. */
export class CertificateChooser {
  /** By id. */
  readonly certificates = new Map<string, Certificate>();
  readonly diagnostics: Diagnostic[] = [];
  /** Id of the certificate for hosts without their own. */
  readonly fallback: string | undefined;
  readonly #snapshot: Snapshot;
  readonly #parse: CertificateParser;
  readonly #now: number;
  readonly #entries = new Map<IngressRules, readonly TlsEntry[]>();

  constructor(snapshot: Snapshot, options: TranslateOptions, parse: CertificateParser) {
    this.#snapshot = snapshot;
    this.#parse = parse;
    this.#now = options.now;
    this.fallback = this.#own(options.ownCertificate);
    this.fallback = this.#chooseDefault(options.defaultCertificate) ?? this.fallback;
  }

  /** Reads every spec.tls entry of an Ingress, so that each is told of once, used or not. */
  read(rules: IngressRules): void {
    if (rules.tls.length === 0) return;
    const entries = rules.tls.map((rule) => ({ rule, certificate: this.#load(rule, rules) }));
    this.#entries.set(rules, entries);
  }

  /**
   * The id of the certificate that one Ingress brings for a host: of the spec.tls entry that lists it, else of the entry
   * whose wildcard covers it, else of an entry whose certificate is valid for it (ingress-nginx, section 4.4). One that is for
   * other names makes place for the default certificate, where there is one.
   */
  choose(rules: IngressRules, host: string): string | undefined {
    const all = this.#entries.get(rules);
    if (all === undefined) return undefined;
    const entries = all.filter((entry) => entry.certificate !== undefined);
    const found =
      host === ''
        ? entries.find((entry) => entry.rule.hosts.length === 0)
        : (entries.find((entry) => entry.rule.hosts.includes(host)) ??
          entries.find((entry) => entry.rule.hosts.some((pattern) => wildcardCovers(pattern, host))) ??
          entries.find((entry) => entry.certificate?.covers(host)));
    if (found?.certificate === undefined) return undefined;
    if (host === '' || found.certificate.covers(host)) return found.certificate.id;
    this.#warnOfMismatch(found.rule, found.certificate, rules, host);
    return this.fallback === undefined ? found.certificate.id : undefined;
  }

  /** Whether one of the names of a certificate, by its id, covers a host. */
  covers(id: string, host: string): boolean {
    const names = this.certificates.get(id)?.names ?? [];
    return names.some((name) => name === host || wildcardCovers(name, host));
  }

  /** Leaves only the certificates that a host uses, in the order of their ids. */
  used(ids: ReadonlySet<string>): readonly Certificate[] {
    return [...ids].sort().flatMap((id) => this.certificates.get(id) ?? []);
  }

  #load(rule: TlsRule, rules: IngressRules): ParsedCertificate | undefined {
    if (rule.secretName === undefined) {
      if (this.fallback === undefined) this.diagnostics.push(tlsWithoutCertificate(rule.source));
      return undefined;
    }
    return this.#loadSecret({ namespace: rules.ingress.metadata.namespace, name: rule.secretName }, rule.source);
  }

  #loadSecret(name: SecretName, source: Source): ParsedCertificate | undefined {
    const key = objectKey(name.namespace, name.name);
    const secret = this.#snapshot.objects.Secret.get(key);
    const effect = this.fallback === undefined ? 'TLS handshakes are refused' : 'the default certificate is presented';
    if (secret === undefined) {
      this.diagnostics.push(secretMissing(source, name.namespace, name.name, effect));
      return undefined;
    }
    const parsed = this.#parse(secret);
    if (!parsed.ok) {
      this.diagnostics.push(invalidCertificate(source, key, `${parsed.problem}; ${effect}`));
      return undefined;
    }
    this.#keep(parsed.certificate, name, source);
    return parsed.certificate;
  }

  #keep(parsed: ParsedCertificate, name: SecretName, source: Source): void {
    if (parsed.notAfter < this.#now) {
      this.diagnostics.push(certificateExpired(source, objectKey(name.namespace, name.name), parsed.lastDay));
    }
    if (this.certificates.has(parsed.id)) return;
    const { id, pem, names, notAfter } = parsed;
    const object = { kind: 'Secret', namespace: name.namespace, name: name.name };
    this.certificates.set(id, { id, pem, names, notAfter, source: { object, field: '' } });
  }

  #warnOfMismatch(rule: TlsRule, certificate: ParsedCertificate, rules: IngressRules, host: string): void {
    const key = objectKey(rules.ingress.metadata.namespace, rule.secretName ?? '');
    const names = certificate.names.length === 0 ? 'no host' : certificate.names.slice(0, 5).join(', ');
    const effect = this.fallback === undefined ? 'it is served all the same' : 'the default certificate is presented';
    this.diagnostics.push(certificateHostMismatch(rule.source, key, { host, names, effect }));
  }

  #own(secret: Secret | undefined): string | undefined {
    const parsed = secret && this.#parse(secret);
    if (secret === undefined || parsed?.ok !== true) return undefined;
    this.#keep(parsed.certificate, nameOf(secret), { object: { kind: 'Secret', ...nameOf(secret) }, field: '' });
    return parsed.certificate.id;
  }

  #chooseDefault(name: SecretName | undefined): string | undefined {
    if (name === undefined) return undefined;
    const source = { object: { kind: 'Secret', ...name }, field: '--default-certificate' };
    return this.#loadSecret(name, source)?.id;
  }
}

function nameOf({ metadata: { namespace, name } }: Secret): SecretName {
  return { namespace, name };
}

/** `*.example.com` covers `a.example.com`, not `a.b.example.com`. */
function wildcardCovers(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return false;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot) === pattern.slice(1);
}
