import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from '../../model/logger.ts';
import type { ProxySettings } from '../../model/options.ts';

const STDOUT_PATH = '/dev/stdout';

/** HAProxy inherits these from whoever starts it; it opens no file. */
const INHERITED = new Set([STDOUT_PATH, '/dev/stderr']);

/** The access log where the proxy can write it; says so when that is elsewhere than was asked for. */
export function withUsableAccessLog(
  proxy: string,
  settings: ProxySettings,
  facts: { readonly isChild: boolean; readonly canOpenStdout: boolean },
  logger: Logger,
): ProxySettings {
  if (proxy !== 'haproxy') return withReachableAccessLog(settings, facts, logger);
  const { accessLog, accessLogPath: path } = settings;
  if (accessLog === 'off' || INHERITED.has(path)) return settings;
  logger.warn(
    { path, fix: 'redirect the output of HAProxy' },
    'HAProxy writes no files: access log to standard output',
  );
  return { ...settings, accessLogPath: STDOUT_PATH };
}

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

/**
 * A log that a ConfigMap names, in a directory that is made for it when it is not there. The proxy refuses every configuration with
 * one that cannot be opened: then the log goes where the flags say.
 */
export function fitAccessLog(
  proxy: string,
  flags: ProxySettings,
  logger: Logger,
): (settings: ProxySettings) => ProxySettings {
  return (settings) => {
    const { accessLog, accessLogPath: path, syslog } = settings;
    const isOurs = path === flags.accessLogPath || accessLog === 'off' || syslog !== undefined;
    if (proxy === 'haproxy' || isOurs || path.startsWith('/dev/')) return settings;
    try {
      mkdirSync(dirname(path), { recursive: true });
      closeSync(openSync(path, 'a'));
      return settings;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      logger.warn({ path, why, instead: flags.accessLogPath }, 'access-log-path of the ConfigMap cannot be opened');
      return { ...settings, accessLogPath: flags.accessLogPath };
    }
  };
}
