import type { Asked, Family, FeatureContext } from '../../src/features/family.ts';
import { DEFAULT_GLOBALS } from '../../src/features/globals.ts';
import { AnnotationReader, selectAnnotations } from '../../src/features/reader.ts';

const PREFIX = 'nginx.ingress.kubernetes.io';

/** What a family makes of annotations without looking at the world. */
export function askFamily(
  family: Family,
  annotations: Readonly<Record<string, string>>,
  name = 'nginx',
): { readonly asked: Asked; readonly codes: readonly string[] } {
  const prefixed = Object.fromEntries(Object.entries(annotations).map(([key, text]) => [`${PREFIX}/${key}`, text]));
  const proxy: FeatureContext['proxy'] = { name, version: '3.2.0', families: ['*'], modules: [] };
  const object = { kind: 'Ingress', namespace: 'shop', name: 'web' } as const;
  const reader = new AnnotationReader(selectAnnotations(prefixed, [PREFIX]), object, proxy, family.name);
  const context = { globals: DEFAULT_GLOBALS, proxy, hasResolver: false } as FeatureContext;
  const asked = family.read(reader, context);
  return { asked, codes: reader.diagnostics.map(({ code }) => code) };
}
