import type { ProxyIdentity, ProxySettings } from '../../model/options.ts';
import type { ProxyDriver } from '../../proxies/driver.ts';
import type { ReloadMethod } from '../../proxies/reload.ts';
import type { TemplatePack } from '../../render/render.ts';
import { commandKind } from './command-kind.ts';
import { isProxyName, PROXY_KINDS, type ProxyKind } from './proxy-kinds.ts';
import type { RenderValues } from '../settings.ts';

export function proxyBinary(values: RenderValues): string {
  return values['proxy-binary'] ?? values.proxy;
}

/** What is known of the chosen proxy: by a driver of its own, or by the commands of its pack. @throws Error for others */
export function kindOf(values: RenderValues, { manifest }: Pick<TemplatePack, 'manifest'>): ProxyKind {
  const name = values.proxy;
  if (manifest.commands !== undefined) {
    const { commands } = manifest;
    return commandKind({ name, commands, binary: proxyBinary(values), configDir: values['config-dir'] });
  }
  const known = isProxyName(name) ? PROXY_KINDS[name] : undefined;
  if (known !== undefined) return known;
  throw new Error(`sluice has no driver for ${name}: its pack.json must say in "commands" how to run it`);
}

/** The driver of the chosen proxy; without `reload` it serves for checking only. */
export function createDriver(
  values: RenderValues,
  settings: ProxySettings,
  kind: ProxyKind,
  reload: ReloadMethod = kind.reloadMethod(settings),
): ProxyDriver {
  const checkTimeoutMs = values['check-timeout'];
  return kind.createDriver({ binary: proxyBinary(values), settings, reload, checkTimeoutMs });
}

/** The given version, else what the program says of itself. @throws Error when there is no program to ask */
export async function identify(values: RenderValues, driver: ProxyDriver, signal: AbortSignal): Promise<ProxyIdentity> {
  const version = values['proxy-version'];
  return version === undefined ? driver.identify(signal) : { name: values.proxy, version, modules: [] };
}

/** As `identify`, but without a program it takes the newest version that sluice knows. */
export async function identifyOrNewest(
  values: RenderValues,
  driver: ProxyDriver,
  signal: AbortSignal,
): Promise<ProxyIdentity> {
  try {
    return await identify(values, driver, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return newestIdentity(values);
  }
}

/** The given version, else the newest that sluice knows: the same on every machine. */
export function newestIdentity(values: RenderValues): ProxyIdentity {
  const newest = isProxyName(values.proxy) ? PROXY_KINDS[values.proxy].newestVersion : '0';
  const version = values['proxy-version'] ?? newest;
  return { name: values.proxy, version, modules: [] };
}
