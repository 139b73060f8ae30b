import type { Logger } from '../model/logger.ts';
import type { ProxySettings } from '../model/options.ts';

const STDOUT_PATH = '/dev/stdout';

/**
 * A proxy that is our child shares our standard output, and does not start when it cannot open it. Then it runs without an
 * access log, which is better than not at all.
 */
export function withReachableAccessLog(
  settings: ProxySettings,
  { isChild, canOpenStdout }: { readonly isChild: boolean; readonly canOpenStdout: boolean },
  logger: Logger,
): ProxySettings {
  if (!isChild || canOpenStdout || settings.accessLog === 'off' || settings.accessLogPath !== STDOUT_PATH)
    return settings;
  const fix = 'set --access-log-path to a file, or --access-log off';
  logger.warn({ path: STDOUT_PATH, fix }, 'standard output is a socket, which the proxy cannot open: no access log');
  return { ...settings, accessLog: 'off' };
}
