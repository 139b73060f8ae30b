import type { Diagnostic } from '../model/diagnostics.ts';
import type { Ingress, IngressBackend, IngressPath, IngressRule } from '../model/objects.ts';
import { invalidHost, invalidPath, invalidPathType, pathTypeMissing } from '../model/problems.ts';
import type { ObjectRef, Source } from '../model/refs.ts';
import type { PathSyntax } from '../features/uses-regex.ts';
import { lowerAscii, parseHost, parsePath, parseRegexPath, type Parsed } from './grammar.ts';

/** One path of one rule, checked. */
export interface PathRule {
  readonly host: string;
  readonly path: string;
  readonly match: 'exact' | 'prefix';
  /** Match and path: a host has one rule for each. */
  readonly key: string;
  /** The path as it is written. */
  readonly text: string;
  /** It is a regular expression by the annotations of its own Ingress. */
  readonly isRegex: boolean;
  readonly backend: IngressBackend;
  /** Answers 503, whatever its backend is. */
  readonly isClosed?: true;
  readonly source: Source;
  readonly backendSource: Source;
}

/** One entry of spec.tls, checked. */
export interface TlsRule {
  readonly hosts: readonly string[];
  readonly secretName: string | undefined;
  readonly source: Source;
}

/** What an Ingress says by itself, before any other object is looked at. */
export interface IngressRules {
  readonly ingress: Ingress;
  readonly object: ObjectRef;
  /** Every host that a rule names, also without paths; `''` for rules without host. */
  readonly hosts: ReadonlyMap<string, Source>;
  readonly paths: readonly PathRule[];
  readonly tls: readonly TlsRule[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks every field of an Ingress by itself; what is wrong is left out and told.
 * @param syntax what its annotations make of its paths
 */
export function readRules(ingress: Ingress, syntax: PathSyntax = 'plain'): IngressRules {
  const { namespace, name } = ingress.metadata;
  const object: ObjectRef = { kind: 'Ingress', namespace, name };
  const diagnostics: Diagnostic[] = [];
  const hosts = new Map<string, Source>();
  const paths: PathRule[] = [];
  for (const [index, rule] of ingress.rules.entries()) {
    if (rule === undefined) continue;
    const field = `spec.rules[${index}]`;
    const source = { object, field: `${field}.host` };
    if (!acceptHost(rule.host, source, diagnostics)) continue;
    if (!hosts.has(rule.host)) hosts.set(rule.host, { object, field });
    readPaths(rule, { object, field, syntax }, paths, diagnostics);
  }
  return { ingress, object, hosts, paths, tls: readTls(ingress, object, diagnostics), diagnostics };
}

function acceptHost(host: string, source: Source, diagnostics: Diagnostic[]): boolean {
  if (host === '') return true;
  const parsed = parseHost(host);
  if (!parsed.ok) diagnostics.push(invalidHost(source, host, parsed.problem));
  return parsed.ok;
}

interface RuleSource extends Source {
  readonly syntax: PathSyntax;
}

function readPaths(rule: IngressRule, from: RuleSource, paths: PathRule[], diagnostics: Diagnostic[]): void {
  for (const [index, item] of rule.paths.entries()) {
    if (item === undefined) continue;
    const source = { object: from.object, field: `${from.field}.http.paths[${index}]` };
    const matched = readPath(item, { ...source, syntax: from.syntax }, diagnostics);
    if (matched === undefined) continue;
    const backendSource = { object: from.object, field: `${source.field}.backend` };
    const key = `${matched.match} ${matched.path}`;
    paths.push({ host: rule.host, ...matched, key, backend: item.backend, source, backendSource });
  }
}

function readPath(
  item: IngressPath,
  { syntax, ...source }: RuleSource,
  diagnostics: Diagnostic[],
): Pick<PathRule, 'path' | 'match' | 'text' | 'isRegex'> | undefined {
  const typeField = { object: source.object, field: `${source.field}.pathType` };
  if (item.pathType === undefined) diagnostics.push(pathTypeMissing(typeField));
  const match = matchOf(item.pathType);
  if (match === undefined) diagnostics.push(invalidPathType(typeField, item.pathType ?? ''));
  const parsed = parseAs(syntax, item.path);
  if (!parsed.ok) {
    const pathField = { object: source.object, field: `${source.field}.path` };
    diagnostics.push(invalidPath(pathField, item.path, parsed.problem));
  }
  if (match === undefined || !parsed.ok) return undefined;
  const { value, isRegex } = parsed;
  const path = match === 'prefix' && !isRegex ? withoutTrailingSlash(value) : value;
  return { match, path, text: item.path === '' ? '/' : item.path, isRegex };
}

function parseAs(syntax: PathSyntax, text: string): Parsed & { readonly isRegex: boolean } {
  const plain = syntax === 'regex' ? undefined : parsePath(text);
  if (plain?.ok === true || syntax === 'plain') return { ...(plain ?? parsePath(text)), isRegex: false };
  return { ...parseRegexPath(text), isRegex: true };
}

/** ImplementationSpecific is Prefix, as in ingress-nginx. */
function matchOf(pathType: string | undefined): 'exact' | 'prefix' | undefined {
  switch (pathType) {
    case 'Exact':
      return 'exact';
    case 'Prefix':
    case 'ImplementationSpecific':
    case undefined:
      return 'prefix';
    default:
      return undefined;
  }
}

/** Prefixes match path elements, so `/foo/` and `/foo` are the same prefix. */
function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function readTls(ingress: Ingress, object: ObjectRef, diagnostics: Diagnostic[]): TlsRule[] {
  const rules: TlsRule[] = [];
  for (const [index, tls] of ingress.tls.entries()) {
    if (tls === undefined) continue;
    const field = `spec.tls[${index}]`;
    const hosts = tls.hosts.filter((host, place) =>
      acceptHost(lowerAscii(host), { object, field: `${field}.hosts[${place}]` }, diagnostics),
    );
    // An entry that named only unusable hosts must not become one that applies to all hosts.
    if (tls.hosts.length > 0 && hosts.length === 0) continue;
    const source = { object, field: `${field}.secretName` };
    rules.push({ hosts: hosts.map((host) => lowerAscii(host)), secretName: tls.secretName, source });
  }
  return rules;
}
