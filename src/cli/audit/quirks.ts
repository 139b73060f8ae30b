import { bool } from '../../features/grammar.ts';
import { selectAnnotations } from '../../features/reader.ts';
import { pathSyntax } from '../../features/uses-regex.ts';
import type { Diagnostic } from '../../model/diagnostics.ts';
import type { Ingress } from '../../model/objects.ts';
import type { TranslateOptions } from '../../model/options.ts';
import { compareText, objectKey } from '../../model/refs.ts';
import type { Host, RoutingModel } from '../../model/routing.ts';
import { readRules, type PathRule } from '../../translate/rules.ts';
import { byAge } from '../../translate/translate.ts';
import type { Quirk, QuirkId } from './report.ts';

/** What quirks are found in. */
export interface Scene {
  readonly options: TranslateOptions;
  readonly model: RoutingModel;
  /** Those that are looked at, by key. */
  readonly ingresses: ReadonlyMap<string, Ingress>;
  /** Keys of Secrets that were not read. */
  readonly unread: readonly string[];
}

/** What is known of each host. */
export interface HostIndex {
  readonly hosts: ReadonlyMap<string, Host>;
  /** Keys of the Ingresses with rules for a host, sorted. */
  readonly sharers: ReadonlyMap<string, readonly string[]>;
  /** Keys of those that make the paths of a host regular expressions, sorted. */
  readonly regexMakers: ReadonlyMap<string, readonly string[]>;
  /** The oldest Ingress that has a path and is no canary, by `pathId`. */
  readonly owners: ReadonlyMap<string, Ingress>;
  /** Keys of the canaries that take requests from an Ingress. */
  readonly canariesOf: ReadonlyMap<string, readonly string[]>;
}

export function indexHosts({ options, model, ingresses }: Scene): HostIndex {
  const sharers = new Map<string, string[]>();
  const regexMakers = new Map<string, string[]>();
  const owners = new Map<string, Ingress>();
  const ordered = byAge(ingresses.values());
  for (const ingress of ordered.filter((item) => !isCanary(item, options))) {
    const isRegex = pathSyntax(ingress, options) === 'regex';
    for (const name of hostsOf(ingress)) {
      add(sharers, name, keyOf(ingress));
      if (isRegex) add(regexMakers, name, keyOf(ingress));
    }
    for (const rule of pathsOf(ingress, options)) {
      const id = pathId(rule);
      if (!owners.has(id)) owners.set(id, ingress);
    }
  }
  const canariesOf = new Map<string, string[]>();
  for (const ingress of ordered.filter((item) => isCanary(item, options))) {
    for (const main of mainsOf(ingress, options, owners)) add(canariesOf, main, keyOf(ingress));
  }
  const hosts = new Map(model.hosts.map((host) => [host.name, host]));
  return { hosts, sharers, regexMakers, owners, canariesOf };
}

function add(index: Map<string, string[]>, name: string, key: string): void {
  const list = index.get(name);
  if (list === undefined) index.set(name, [key]);
  else list.push(key);
}

function keyOf({ metadata }: Ingress): string {
  return objectKey(metadata.namespace, metadata.name);
}

function pathsOf(ingress: Ingress, options: TranslateOptions): readonly PathRule[] {
  return readRules(ingress, pathSyntax(ingress, options)).paths;
}

/** Paths of two Ingresses that are the same (ingress-nginx, section 4.2). */
function pathId({ host, key }: PathRule): string {
  return `${host} ${key}`;
}

/** Keys of the Ingresses that a canary takes requests from, sorted. */
function mainsOf(canary: Ingress, options: TranslateOptions, owners: HostIndex['owners']): readonly string[] {
  const found = pathsOf(canary, options).map((rule) => owners.get(pathId(rule)));
  const keys = found.flatMap((ingress) => (ingress === undefined ? [] : keyOf(ingress)));
  return [...new Set(keys)].sort(compareText);
}

/** Every host that a rule names; empty for rules without host. */
export function hostsOf({ rules }: Ingress): readonly string[] {
  const names = rules.flatMap((rule) => (rule === undefined ? [] : rule.host));
  return [...new Set(names)].sort(compareText);
}

/** What one Ingress relies on. */
export function findQuirks(
  ingress: Ingress,
  scene: Scene,
  index: HostIndex,
  diagnostics: readonly Diagnostic[],
): readonly Quirk[] {
  const { options } = scene;
  const key = keyOf(ingress);
  const conflicts = diagnostics.filter(({ code }) => code === 'PathConflict');
  return [
    ...classQuirks(ingress),
    ...(isCanary(ingress, options)
      ? canaryQuirks(ingress, options, index)
      : hostQuirks({ ingress, key, index, scene })),
    ...conflicts.map((conflict) => conflictQuirk(conflict, ingress, options, index)),
    ...listQuirk('has-canaries', 'these Ingresses are its canaries', index.canariesOf.get(key) ?? []),
  ];
}

/** Of two Ingresses of the same second, ingress-nginx takes the last by name (section 4.2), sluice the first. */
function conflictQuirk(
  { field, message }: Diagnostic,
  ingress: Ingress,
  options: TranslateOptions,
  { owners }: HostIndex,
): Quirk {
  const rule = pathsOf(ingress, options).find(({ source }) => source.field === field);
  const owner = rule === undefined ? undefined : owners.get(pathId(rule));
  const isTie =
    owner !== undefined && owner !== ingress && owner.metadata.creationTimestamp === ingress.metadata.creationTimestamp;
  const tie = '; the two are of the same age: ingress-nginx serves the last one by name, sluice the first';
  return quirk('path-conflict', `${field}: ${message}${isTie ? tie : ''}`, isTie ? 'differs' : 'same');
}

function quirk(id: QuirkId, note: string, status: Quirk['status'] = 'same'): Quirk {
  return { id, status, note };
}

function listQuirk(id: QuirkId, what: string, keys: readonly string[]): readonly Quirk[] {
  return keys.length === 0 ? [] : [quirk(id, `${what}: ${shorten(keys)}`)];
}

const MOST = 8;

function shorten(keys: readonly string[]): string {
  const sorted = [...keys].sort(compareText);
  const more = sorted.length > MOST ? ` and ${sorted.length - MOST} more` : '';
  return `${sorted.slice(0, MOST).join(', ')}${more}`;
}

function classQuirks({ ingressClassName, metadata }: Ingress): readonly Quirk[] {
  const annotated = metadata.annotations['kubernetes.io/ingress.class'] ?? '';
  if (annotated !== '' || ingressClassName !== undefined) return [];
  const note =
    'it names no class, and is taken by whichever controller has the default IngressClass, or takes those without one';
  return [quirk('default-class', note)];
}

function canaryQuirks(ingress: Ingress, options: TranslateOptions, { owners }: HostIndex): readonly Quirk[] {
  const mains = mainsOf(ingress, options, owners);
  if (mains.length > 0) return listQuirk('canary', 'it takes requests from', mains);
  const isDefault = ingress.rules.length === 0;
  const note = isDefault
    ? 'it takes requests from the default backend of everything'
    : 'it takes no requests: no other Ingress has the same host, path and pathType';
  return [quirk('canary', note)];
}

function hostQuirks(about: OnHost): readonly Quirk[] {
  const { ingress, scene } = about;
  const implied = impliesRegex(ingress, scene.options)
    ? [quirk('implied-regex', 'it has no use-regex: rewrite-target makes its paths regular expressions')]
    : [];
  return [...implied, ...hostsOf(ingress).flatMap((name) => quirksOfHost(name, about))];
}

function impliesRegex(ingress: Ingress, options: TranslateOptions): boolean {
  return pathSyntax(ingress, options) === 'regex' && !isTrue(ingress, 'use-regex', options);
}

export function isCanary(ingress: Ingress, options: TranslateOptions): boolean {
  return isTrue(ingress, 'canary', options);
}

function isTrue(ingress: Ingress, key: string, { annotationPrefixes }: TranslateOptions): boolean {
  const given = selectAnnotations(ingress.metadata.annotations, annotationPrefixes).get(key);
  const parsed = bool(given?.text ?? '');
  return parsed.ok && parsed.value;
}

interface OnHost {
  readonly ingress: Ingress;
  readonly key: string;
  readonly index: HostIndex;
  readonly scene: Scene;
}

function quirksOfHost(name: string, about: OnHost): readonly Quirk[] {
  const { key, index } = about;
  const host = index.hosts.get(name);
  if (host === undefined) return [];
  const shown = name === '' ? 'the default host' : name;
  const others = (index.sharers.get(name) ?? []).filter((other) => other !== key);
  return [
    ...sharedQuirk(shown, others),
    ...regexQuirks(shown, { ...about, name }),
    ...redirectQuirks(shown, host, about),
  ];
}

function sharedQuirk(shown: string, others: readonly string[]): readonly Quirk[] {
  return listQuirk('shared-host', `${shown} is merged from several Ingresses, of which the oldest goes first`, others);
}

function regexQuirks(
  shown: string,
  { name, ingress, key, index }: OnHost & { readonly name: string },
): readonly Quirk[] {
  const makers = index.regexMakers.get(name) ?? [];
  if (makers.length === 0) return [];
  const others = makers.filter((other) => other !== key);
  const by = makers.includes(key) ? 'of this Ingress' : `of ${shorten(others)}`;
  const note = `all paths of ${shown}, also exact ones and those of other Ingresses, are regular expressions because ${by}: not anchored at the end, the longest text is tried first`;
  const paths = ingress.rules.flatMap((rule) => (rule?.host === name ? rule.paths : []));
  const lettered = paths.flatMap((path) => (path !== undefined && /[a-z]/i.test(path.path) ? path.path : []));
  const insensitive = `on ${shown} upper and lower case are the same: ${shorten(lettered.map((path) => JSON.stringify(path)))}`;
  return [quirk('regex-host', note), ...(lettered.length === 0 ? [] : [quirk('case-insensitive', insensitive)])];
}

function redirectQuirks(
  shown: string,
  { name, certificate, routes }: Host,
  { key, index, scene }: OnHost,
): readonly Quirk[] {
  const own = routes.filter(
    ({ source, redirectToHttps }) =>
      redirectToHttps && source !== undefined && objectKey(source.object.namespace, source.object.name) === key,
  );
  if (own.length === 0) return [];
  const isCut = own.some(({ features }) => features?.httpsRedirect?.keepTrailingSlash === false);
  const slash = isCut
    ? 'cuts one slash at the end of the path, as ingress-nginx does; preserve-trailing-slash keeps it'
    : 'keeps a slash at the end of the path, which ingress-nginx cuts';
  const refused =
    'is redirected to https without a certificate: ingress-nginx presents one that it made; sluice does so with --compat ingress-nginx, and refuses the handshake otherwise; set --default-certificate or the Secret';
  return [
    quirk('trailing-slash', `the redirect of ${shown} to https ${slash}`),
    ...(certificate === undefined && !isUnread(name, index, scene)
      ? [quirk('redirect-without-certificate', `${shown} ${refused}`, 'differs')]
      : []),
  ];
}

/** A Secret that may hold the certificate of a host was not read. */
function isUnread(name: string, { sharers }: HostIndex, { ingresses, unread }: Scene): boolean {
  const tls = (sharers.get(name) ?? []).flatMap((key) => {
    const { metadata, tls: entries = [] } = ingresses.get(key) ?? {};
    return entries.map((entry) => objectKey(metadata?.namespace ?? '', entry?.secretName ?? ''));
  });
  return tls.some((secret) => unread.includes(secret));
}
