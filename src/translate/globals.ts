import { DEFAULT_GLOBALS, type Globals } from '../features/globals.ts';
import type { Diagnostic } from '../model/diagnostics.ts';
import type { ConfigMap } from '../model/objects.ts';
import type { ProxySettings, TranslateOptions } from '../model/options.ts';
import { objectKey } from '../model/refs.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** What the ConfigMap of global settings says. */
export interface GlobalSettings {
  readonly globals: Globals;
  /** Settings of the proxy that differ from the flags. */
  readonly settings: Partial<ProxySettings>;
  readonly diagnostics: readonly Diagnostic[];
}

/** By ConfigMap; valid while the options stay the same. */
export type GlobalsMemory = WeakMap<ConfigMap, GlobalSettings>;

const NOTHING_SAID: GlobalSettings = { globals: DEFAULT_GLOBALS, settings: {}, diagnostics: [] };

/** Without a ConfigMap, the flags say everything. */
export function readGlobals(snapshot: Snapshot, options: TranslateOptions, memory: GlobalsMemory): GlobalSettings {
  const { configMap } = options;
  const found = configMap && snapshot.objects.ConfigMap.get(objectKey(configMap.namespace, configMap.name));
  return (found && memory.get(found)) ?? NOTHING_SAID;
}
