import type { FeatureContext, Family, Lookup } from '../../src/features/family.ts';
import { DEFAULT_GLOBALS, type Globals } from '../../src/features/globals.ts';
import { readFeatures, type IngressFeatures } from '../../src/features/read-features.ts';
import { selectAnnotations } from '../../src/features/reader.ts';
import type { FeatureFile } from '../../src/model/features.ts';
import type { Ingress, Secret } from '../../src/model/objects.ts';
import { metadata } from '../support/objects.ts';

/** Text that must never be more than text, in any of the languages it may come to. */
export const HOSTILE: readonly string[] = [
  'a;b',
  'a}b',
  'a{b',
  'a"b',
  "a'b",
  'a\\b',
  'a\nb',
  'a\rb',
  'a\0b',
  'a\u2028b',
  '$remote_addr',
  '%[src]',
  '${HOME}',
  '#',
  'x'.repeat(5000),
];

export interface Asking {
  readonly annotations: Readonly<Record<string, string>>;
  readonly secrets?: readonly Secret[];
  readonly proxy?: 'nginx' | 'haproxy';
  readonly version?: string;
  readonly globals?: Partial<Globals>;
  readonly uid?: string;
  /** In place of a world that holds only the Secrets. */
  readonly lookup?: Partial<Lookup>;
}

export interface Answered extends IngressFeatures {
  readonly files: readonly Omit<FeatureFile, 'id'>[];
  /** `code: message` of each diagnostic. */
  readonly told: readonly string[];
  /** Secrets that were looked at, `namespace/name`. */
  readonly looked: readonly string[];
}

/** What the annotations of an Ingress shop/web come to. */
export function ask({ annotations, secrets = [], uid = '', ...rest }: Asking): Answered {
  const { proxy: name = 'nginx', version = name === 'nginx' ? '1.22.1' : '2.6.12', globals = {} } = rest;
  const files: Omit<FeatureFile, 'id'>[] = [];
  const looked: string[] = [];
  const prefixed = Object.entries(annotations).map(([key, text]) => [`sluice.dev/${key}`, text] as const);
  const ingress: Ingress = {
    kind: 'Ingress',
    metadata: metadata('web', { uid, annotations: Object.fromEntries(prefixed) }),
    ingressClassName: undefined,
    defaultBackend: undefined,
    tls: [],
    rules: [],
  };
  const context: FeatureContext = {
    ingress,
    globals: { ...DEFAULT_GLOBALS, ...globals },
    proxy: { name, version, modules: [], families: ['*'] },
    hasResolver: false,
    lookup: {
      secret: (namespace, secret) => {
        looked.push(`${namespace}/${secret}`);
        return secrets.find((item) => item.metadata.namespace === namespace && item.metadata.name === secret);
      },
      configMap: () => undefined,
      service: () => undefined,
      target: () => ({ type: 'status', status: 503 }),
      upstreamOfHost: () => undefined,
      addFile: (file, extension) => {
        files.push(file);
        return `file.${extension}`;
      },
      ...rest.lookup,
    },
  };
  const features = readFeatures(selectAnnotations(ingress.metadata.annotations, ['sluice.dev']), context);
  const told = features.diagnostics.map(({ code, message }) => `${code}: ${message}`);
  return { ...features, files, told, looked };
}

export function keysOf({ annotations }: Family): readonly string[] {
  return annotations.flatMap(({ key, aliases = [] }) => [key, ...aliases]);
}

/** A Secret with these texts. */
export function secret(name: string, data: Readonly<Record<string, string>>, namespace = 'shop'): Secret {
  const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')] as const);
  return { kind: 'Secret', metadata: metadata(name, { namespace }), type: 'Opaque', data: Object.fromEntries(encoded) };
}
