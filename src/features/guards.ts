import type { Ingress } from '../model/objects.ts';
import { bool } from './grammar.ts';
import { selectAnnotations } from './reader.ts';
import { FAMILY_OF_KEY } from './registry.ts';

/** Families by which an Ingress may keep requests out; snippets can hold anything. */
const GUARDS: ReadonlySet<string> = new Set([
  'access',
  'basic-auth',
  'client-certificates',
  'external-auth',
  'firewall',
  'limits',
  'snippets',
]);

/** Annotations that keep requests out of the whole host, also of the paths of other Ingresses, by their full names. */
export function guardsOfHost({ metadata }: Ingress, prefixes: readonly string[]): Readonly<Record<string, string>> {
  const given = [...selectAnnotations(metadata.annotations, prefixes)];
  const guards = given.filter(([key]) => FAMILY_OF_KEY.get(key)?.name === 'client-certificates');
  return Object.fromEntries(guards.map(([, { name, text }]) => [name, text]));
}

/**
 * Whether an Ingress may keep requests out of its paths, whatever its annotations say. A canary has none of its own: without
 * it, the Ingress whose paths it shares answers, with what that one asks for.
 */
export function keepsOut({ metadata }: Ingress, prefixes: readonly string[]): boolean {
  const given = selectAnnotations(metadata.annotations, prefixes);
  const canary = bool(given.get('canary')?.text ?? '');
  if (canary.ok && canary.value) return false;
  return [...given.keys()].some((key) => GUARDS.has(FAMILY_OF_KEY.get(key)?.name ?? ''));
}
