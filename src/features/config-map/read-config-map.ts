import type { Diagnostic } from '../../model/diagnostics.ts';
import { nearestName } from '../../model/nearest-name.ts';
import type { ProxySettings } from '../../model/options.ts';
import { unknownSetting } from '../../model/problems.ts';
import { DEFAULT_GLOBALS, type Globals } from '../globals.ts';
import { SettingReader, type SettingSource } from './reader.ts';
import { SETTING_GROUPS, SETTING_OF_KEY } from './registry.ts';

/** What a ConfigMap says. */
export interface ReadSettings {
  readonly globals: Globals;
  readonly settings: Partial<ProxySettings>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a ConfigMap with the keys of ingress-nginx. Pure: the same objects always say the same. */
export function readConfigMap(source: SettingSource): ReadSettings {
  const values = new SettingReader(source);
  let globals = DEFAULT_GLOBALS;
  let settings: Partial<ProxySettings> = {};
  for (const group of SETTING_GROUPS) {
    const contribution = group.read(values);
    globals = { ...globals, ...contribution.globals };
    settings = { ...settings, ...contribution.settings };
  }
  return { globals, settings, diagnostics: [...unknownKeys(source, values), ...once(values.diagnostics)] };
}

function unknownKeys({ object }: SettingSource, values: SettingReader): readonly Diagnostic[] {
  const unknown = Object.keys(object?.data ?? {}).filter((key) => !SETTING_OF_KEY.has(key));
  return unknown.map((key) => {
    const near = nearestName(key, [...SETTING_OF_KEY.keys()]);
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    return unknownSetting(values.sourceOf({ key }), `ingress-nginx has no key of this name${hint}`);
  });
}

/** A key that several groups ask for is told of once. */
function once(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const byText = new Map(diagnostics.map((item) => [`${item.code} ${item.field} ${item.message}`, item]));
  return [...byText.values()];
}
