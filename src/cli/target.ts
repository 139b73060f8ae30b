import type { ProxyIdentity, ProxySettings } from '../model/options.ts';
import type { ProxyDriver } from '../proxies/driver.ts';
import { createNginxDriver } from '../proxies/nginx.ts';
import type { ReloadMethod } from '../proxies/reload.ts';
import type { RenderValues } from './settings.ts';

/** What `sluice render` writes for when neither a version is given nor a proxy is there to be asked. */
const NEWEST_KNOWN: Readonly<Record<RenderValues['proxy'], string>> = { nginx: '1.30.0' };

export function proxyBinary(values: RenderValues): string {
  return values['proxy-binary'] ?? values.proxy;
}

/** The driver of the chosen proxy; without `reload` it serves for checking only. */
export function createDriver(values: RenderValues, settings: ProxySettings, reload?: ReloadMethod): ProxyDriver {
  return createNginxDriver({
    binary: proxyBinary(values),
    runDirectory: settings.runDirectory,
    reload: reload ?? { type: 'signal', pidFile: settings.pidFile, signal: 'SIGHUP', program: values.proxy },
    checkTimeoutMs: values['check-timeout'],
    acknowledgeSocket: settings.acknowledgeSocket,
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
    return { name: values.proxy, version: NEWEST_KNOWN[values.proxy], modules: [] };
  }
}
