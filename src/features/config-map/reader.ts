import { quoteText, type Diagnostic } from '../../model/diagnostics.ts';
import { isEqual } from '../../model/equal.ts';
import type { FeatureFile } from '../../model/features.ts';
import type { ConfigMap, Secret } from '../../model/objects.ts';
import type { SecretName, TargetProxy } from '../../model/options.ts';
import { invalidSetting, settingUnsupported } from '../../model/problems.ts';
import type { Source } from '../../model/refs.ts';
import type { Support } from '../annotation.ts';
import { judgeSupport } from '../support.ts';
import type { Setting } from './setting.ts';

/** The part of the world that settings may look at. */
export interface SettingLookup {
  readonly secret: (name: SecretName) => Secret | undefined;
  readonly configMap: (name: SecretName) => ConfigMap | undefined;
  /** @returns id of the file */
  readonly addFile: (file: Omit<FeatureFile, 'id'>, extension: string) => string;
}

export interface SettingSource {
  /** `undefined`: there is none. */
  readonly object: ConfigMap | undefined;
  readonly proxy: TargetProxy;
  /** What holds for a key that is not given. */
  readonly defaults: 'sluice' | 'ingress-nginx';
  readonly lookup: SettingLookup;
}

/** Hands the values of the ConfigMap to the groups, parsed. What is wrong becomes a diagnostic and counts as not given. */
export class SettingReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly lookup: SettingLookup;
  readonly #source: SettingSource;

  constructor(source: SettingSource) {
    this.#source = source;
    this.lookup = source.lookup;
  }

  get proxy(): TargetProxy {
    return this.#source.proxy;
  }

  /** Whether the key is there with a text. */
  has(setting: Setting<unknown>): boolean {
    return this.#text(setting) !== '';
  }

  /** What is given; else, where its defaults hold, that of ingress-nginx; else `undefined`. */
  get<T>(setting: Setting<T>): T | undefined {
    const text = this.#text(setting);
    if (text === '') return this.#default(setting);
    const parsed = setting.grammar(text);
    if (!parsed.ok) {
      this.refuse(setting, parsed.problem);
      return this.#usual(setting);
    }
    return this.#canHonour(setting, parsed.value) ? parsed.value : this.#default(setting);
  }

  /** As `get`, without a default. */
  given<T>(setting: Setting<T>): T | undefined {
    return this.has(setting) ? this.get(setting) : undefined;
  }

  /** @param problem completes a sentence about the value */
  refuse(setting: Setting<unknown>, problem: string, effect = this.#effect(setting)): void {
    const text = `${quoteText(this.#text(setting))} ${problem}; ${effect}`;
    this.diagnostics.push(invalidSetting(this.sourceOf(setting), text));
  }

  #effect({ fallback, keeps }: Setting<unknown>): string {
    return fallback === '' || keeps !== undefined ? 'taken as not given' : `taken as ${fallback}`;
  }

  sourceOf({ key }: Pick<Setting<unknown>, 'key'>): Source {
    const { namespace = '', name = '' } = this.#source.object?.metadata ?? {};
    return { object: { kind: 'ConfigMap', namespace, name }, field: `data[${key}]` };
  }

  #text({ key }: Setting<unknown>): string {
    return this.#source.object?.data[key]?.trim() ?? '';
  }

  #default<T>(setting: Setting<T>): T | undefined {
    return this.#source.defaults === 'sluice' ? undefined : this.#usual(setting);
  }

  /** In place of a value that is wrong, too: who wants it strict must not get it loose. */
  #usual<T>(setting: Setting<T>): T | undefined {
    const { fallback, keeps, grammar } = setting;
    if (keeps !== undefined || fallback === '') return undefined;
    const { isHonoured } = this.#judge(setting);
    const parsed = grammar(fallback);
    return isHonoured && parsed.ok ? parsed.value : undefined;
  }

  /** What is as it would be anyway needs nothing of the proxy. */
  #canHonour<T>(setting: Setting<T>, value: T): boolean {
    const { isHonoured, note } = this.#judge(setting);
    if (isHonoured) return true;
    const usual = setting.grammar(setting.fallback);
    const isUsual = usual.ok && isEqual(usual.value, value);
    if (!isUsual) {
      this.diagnostics.push(settingUnsupported(this.sourceOf(setting), this.proxy.name, note ?? 'it is not known'));
    }
    return false;
  }

  #judge(setting: Setting<unknown>): { readonly isHonoured: boolean; readonly note: string | undefined } {
    const support = supportOf(setting, this.proxy.name);
    return support === undefined ? { isHonoured: true, note: undefined } : judgeSupport(support, this.proxy);
  }
}

/** `undefined` for a proxy that settings say nothing of: its pack sees them all. */
function supportOf({ nginx, haproxy }: Setting<unknown>, proxy: string): Support | undefined {
  if (proxy === 'nginx') return nginx;
  return proxy === 'haproxy' ? haproxy : undefined;
}
