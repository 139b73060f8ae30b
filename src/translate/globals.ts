import { createHash } from 'node:crypto';
import { readConfigMap, type ReadSettings } from '../features/config-map/read-config-map.ts';
import type { SettingLookup } from '../features/config-map/reader.ts';
import { DEFAULT_GLOBALS } from '../features/globals.ts';
import type { FeatureFile } from '../model/features.ts';
import type { ConfigMap, Secret } from '../model/objects.ts';
import type { SecretName, TranslateOptions } from '../model/options.ts';
import { configMapMissing } from '../model/problems.ts';
import { objectKey } from '../model/refs.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** What the ConfigMap of global settings says. */
export interface GlobalSettings extends ReadSettings {
  readonly files: readonly FeatureFile[];
}

/** One look at another object, which can be taken again. */
interface Look {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly key: string;
  readonly found: Secret | ConfigMap | undefined;
}

interface Remembered {
  readonly object: ConfigMap | undefined;
  readonly looks: readonly Look[];
  readonly said: GlobalSettings;
}

/** The last answer; valid while the options stay the same. */
export interface GlobalsMemory {
  last: Remembered | undefined;
}

const NOTHING_SAID: GlobalSettings = { globals: DEFAULT_GLOBALS, settings: {}, diagnostics: [], files: [] };

/** Without a ConfigMap, the flags say everything; but with `--compat ingress-nginx`, its defaults hold over them. */
export function readGlobals(snapshot: Snapshot, options: TranslateOptions, memory: GlobalsMemory): GlobalSettings {
  const { configMap, compat } = options;
  if (configMap === undefined && compat === undefined) return NOTHING_SAID;
  const object = configMap && snapshot.objects.ConfigMap.get(objectKey(configMap.namespace, configMap.name));
  const { last } = memory;
  if (last?.object === object && last?.looks.every((look) => lookAgain(look, snapshot) === look.found))
    return last.said;
  const read = readAnew(object, snapshot, options);
  memory.last = read;
  return read.said;
}

function lookAgain({ kind, key }: Look, { objects }: Snapshot): Secret | ConfigMap | undefined {
  return kind === 'Secret' ? objects.Secret.get(key) : objects.ConfigMap.get(key);
}

function readAnew(object: ConfigMap | undefined, snapshot: Snapshot, options: TranslateOptions): Remembered {
  const looks: Look[] = [];
  const files: FeatureFile[] = [];
  const { target: proxy, compat, configMap } = options;
  const lookup = lookupIn(snapshot, looks, files);
  const read = readConfigMap({ object, proxy, defaults: compat ?? 'sluice', lookup });
  const missing = object === undefined && configMap !== undefined ? [configMapMissing(configMap)] : [];
  return { object, looks, said: { ...read, diagnostics: [...missing, ...read.diagnostics], files } };
}

function lookupIn(snapshot: Snapshot, looks: Look[], files: FeatureFile[]): SettingLookup {
  const keyOf = ({ namespace, name }: SecretName) => objectKey(namespace, name);
  return {
    secret: (name) => {
      const found = snapshot.objects.Secret.get(keyOf(name));
      looks.push({ kind: 'Secret', key: keyOf(name), found });
      return found;
    },
    configMap: (name) => {
      const found = snapshot.objects.ConfigMap.get(keyOf(name));
      looks.push({ kind: 'ConfigMap', key: keyOf(name), found });
      return found;
    },
    addFile: (file, extension) => {
      const id = `${createHash('sha256').update(file.text).digest('hex').slice(0, 32)}.${extension}`;
      files.push({ id, ...file });
      return id;
    },
  };
}

/** What the ConfigMap that was read last refers to, by `namespace/name`. */
export function referencesOfGlobals({ last }: GlobalsMemory): {
  readonly Secret: readonly string[];
  readonly ConfigMap: readonly string[];
} {
  const keys = (kind: Look['kind']) => last?.looks.flatMap((look) => (look.kind === kind ? look.key : [])) ?? [];
  return { Secret: keys('Secret'), ConfigMap: keys('ConfigMap') };
}
