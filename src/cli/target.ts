import type { ProxyIdentity, ProxySettings } from '../model/options.ts';
import type { ProxyDriver } from '../proxies/driver.ts';
import type { ReloadMethod } from '../proxies/reload.ts';
import { PROXY_KINDS } from './proxy-kinds.ts';
import type { RenderValues } from './settings.ts';

export function proxyBinary(values: RenderValues): string {
  return values['proxy-binary'] ?? values.proxy;
}

/** The driver of the chosen proxy; without `reload` it serves for checking only. */
export function createDriver(values: RenderValues, settings: ProxySettings, reload?: ReloadMethod): ProxyDriver {
  const { reloadSignal: signal, createDriver: create } = PROXY_KINDS[values.proxy];
  return create({
    binary: proxyBinary(values),
    settings,
    reload: reload ?? { type: 'signal', pidFile: settings.pidFile, signal, program: values.proxy },
    checkTimeoutMs: values['check-timeout'],
  });
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
  const version = values['proxy-version'] ?? PROXY_KINDS[values.proxy].newestVersion;
  return { name: values.proxy, version, modules: [] };
}
