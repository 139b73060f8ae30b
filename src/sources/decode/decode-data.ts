import type { ConfigMap, Metadata, Secret } from '../../model/objects.ts';
import type { Fields } from './fields.ts';
import { readEncoded, readStrings } from './string-map.ts';

/** `stringData` wins over `data`, as in the API server. */
export function readSecret(object: Fields, metadata: Metadata): Secret {
  const plain = Object.entries(readStrings(object, 'stringData'));
  const encoded = plain.map(([key, text]): [string, string] => [key, Buffer.from(text, 'utf8').toString('base64')]);
  const data = Object.fromEntries([...Object.entries(readEncoded(object, 'data')), ...encoded]);
  return { kind: 'Secret', metadata, type: object.string('type') ?? 'Opaque', data };
}

export function readConfigMap(object: Fields, metadata: Metadata): ConfigMap {
  return { kind: 'ConfigMap', metadata, data: readStrings(object, 'data') };
}
