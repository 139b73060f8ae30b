import type { AskedOfHost } from '../features/family.ts';
import { literalPattern } from '../model/pattern.ts';
import type { Diagnostic } from '../model/diagnostics.ts';
import { isEqual } from '../model/equal.ts';
import { NO_HOST_FEATURES, type HostFeatures, type RedirectedHost } from '../model/features.ts';
import { annotationIgnored } from '../model/problems.ts';
import type { Source } from '../model/refs.ts';
import type { Draft } from './drafts.ts';
import type { FeatureResolver } from './features.ts';

/** What may not be the same for two hosts. */
interface AllHosts {
  readonly drafts: ReadonlyMap<string, Draft>;
  /** The certificate that a name is served with. */
  readonly certificateOf: (name: string) => string | undefined;
  /** Whether a certificate is valid for a name. */
  readonly covers: (certificate: string, name: string) => boolean;
}

/** Features of the hosts for which something is asked, by name. Of two hosts that want the same name, the older one has it. */
export function allHostFeatures(
  hosts: AllHosts,
  features: FeatureResolver,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, HostFeatures> {
  const merges = [...hosts.drafts.values()].flatMap((draft) => {
    const merged = mergeAsked(draft, features);
    return merged === undefined ? [] : [{ draft, merged }];
  });
  if (merges.length === 0) return new Map();
  const taken = new Map<string, string>([...hosts.drafts.keys()].map((name) => [name, name]));
  const asked = new Map<string, AskedOfHost & HostFeatures>();
  for (const { draft, merged } of merges) {
    const { name } = draft;
    const free = merged.aliases.filter((alias) => {
      const problem = claim(alias, name, taken);
      const source = problem === undefined ? undefined : sourceOf(draft, features);
      if (problem !== undefined && source !== undefined) diagnostics.push(annotationIgnored(source, problem));
      return problem === undefined;
    });
    asked.set(name, { ...merged, aliases: free.map(toModelName).sort() });
  }
  const made = [...asked].map(([name, { wwwTwin, ...rest }]) => {
    const redirectFrom = wwwTwin === true ? twinOf(name, taken, hosts) : undefined;
    return [name, { ...rest, redirectFrom }] as const;
  });
  return new Map(made);
}

/** Of several Ingresses, the oldest that asks for a thing has it (ingress-nginx, 4.3); `undefined` when nothing is asked. */
function mergeAsked(draft: Draft, features: FeatureResolver): (AskedOfHost & HostFeatures) | undefined {
  let merged: (AskedOfHost & HostFeatures) | undefined;
  for (const rules of draft.ingresses) {
    const asked = features.of(rules).host;
    if (asked === undefined) continue;
    merged = { ...NO_HOST_FEATURES, ...asked, ...withoutDefaults(merged) };
    // Where one Ingress cannot have its client certificates, nobody comes in: ingress-nginx, AuthTLSError.
    const { clientCertificates } = asked;
    const isClosed = clientCertificates !== undefined && clientCertificates.authorities === undefined;
    if (isClosed) merged = { ...merged, clientCertificates };
  }
  return merged;
}

function withoutDefaults(features: HostFeatures | undefined): Partial<HostFeatures> {
  const entries = Object.entries(features ?? {}) as [keyof HostFeatures, unknown][];
  return Object.fromEntries(entries.filter(([name, value]) => !isEqual(value, NO_HOST_FEATURES[name])));
}

/** The annotation of the Ingress whose aliases count. */
function sourceOf(draft: Draft, features: FeatureResolver): Source | undefined {
  const rules = draft.ingresses.find((item) => (features.of(item).host?.aliases?.length ?? 0) > 0);
  if (rules === undefined) return undefined;
  const name = Object.keys(rules.ingress.metadata.annotations).find((key) => key.endsWith('/server-alias'));
  return { object: rules.object, field: `metadata.annotations[${name ?? 'server-alias'}]` };
}

/**
 * A name that is a host of its own stays that.
 * @returns why the host cannot have the other name
 */
function claim(alias: string, name: string, taken: Map<string, string>): string | undefined {
  const owner = taken.get(alias);
  if (name === '') return `server-alias ${alias} says nothing: rules without host answer all names already`;
  if (alias === owner) return `server-alias ${alias} is a host of its own, and stays that`;
  if (owner !== undefined) return `server-alias ${alias} is another name of ${owner} already`;
  taken.set(alias, name);
  return undefined;
}

/** In nginx's words, `*.NAME` covers any number of labels. */
function toModelName(alias: string): string {
  return alias.startsWith('*.') ? `~^.+${literalPattern(alias.slice(1))}$` : alias;
}

/** Its certificate is that of the host, when it is valid for the twin, too (ingress-nginx, buildRedirects). */
function twinOf(name: string, taken: Map<string, string>, hosts: AllHosts): RedirectedHost | undefined {
  if (name === '' || name.startsWith('*.')) return undefined;
  const twin = name.startsWith('www.') ? name.slice(4) : `www.${name}`;
  if (taken.has(twin)) return undefined;
  taken.set(twin, name);
  const own = hosts.certificateOf(name);
  const isCovered = own !== undefined && hosts.covers(own, twin);
  return { name: twin, certificate: isCovered ? own : hosts.certificateOf(twin) };
}
