import { NO_HOST_FEATURES, type HostFeatures } from '../model/features.ts';
import { isEqual } from '../model/equal.ts';
import type { Draft } from './drafts.ts';
import type { FeatureResolver } from './features.ts';

/** Of several Ingresses, the oldest that asks for a thing has it (ingress-nginx, 4.3); `undefined` when nothing is asked. */
export function hostFeatures(
  draft: Draft,
  features: FeatureResolver,
  names: ReadonlySet<string>,
): HostFeatures | undefined {
  let merged: HostFeatures | undefined;
  for (const rules of draft.ingresses) {
    const asked = features.of(rules).host;
    if (asked === undefined) continue;
    merged = { ...NO_HOST_FEATURES, ...asked, ...withoutDefaults(merged) };
  }
  if (merged === undefined) return undefined;
  return withFreeNames(merged, names);
}

function withoutDefaults(features: HostFeatures | undefined): Partial<HostFeatures> {
  const entries = Object.entries(features ?? {}) as [keyof HostFeatures, unknown][];
  return Object.fromEntries(entries.filter(([name, value]) => !isEqual(value, NO_HOST_FEATURES[name])));
}

/** A name that is a host of its own stays that. */
function withFreeNames(features: HostFeatures, names: ReadonlySet<string>): HostFeatures {
  const { redirectFrom } = features;
  return {
    ...features,
    aliases: features.aliases.filter((alias) => !names.has(alias)),
    redirectFrom: redirectFrom !== undefined && names.has(redirectFrom) ? undefined : redirectFrom,
  };
}
