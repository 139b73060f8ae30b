import type { ProxySettings } from '../../model/options.ts';
import type { ProxyDriver } from '../../proxies/driver.ts';
import { reloadByMaster } from '../../proxies/haproxy-master.ts';
import { createHaproxyDriver, haproxyArguments, haproxySockets } from '../../proxies/haproxy.ts';
import { createNginxDriver, nginxArguments } from '../../proxies/nginx.ts';
import type { ReloadMethod } from '../../proxies/reload.ts';

export interface DriverParts {
  readonly binary: string;
  readonly settings: ProxySettings;
  readonly reload: ReloadMethod;
  readonly checkTimeoutMs: number;
}

/** All that the commands have to know of a proxy that comes with a driver of its own. */
export interface ProxyKind {
  /** What is written for when neither a version is given nor a program is there to be asked. */
  readonly newestVersion: string;
  readonly reloadSignal: NodeJS.Signals;
  readonly quitSignal: NodeJS.Signals;
  /** What the command lines of workers hold that may outlive their master; `undefined`: the same as that of the master. */
  readonly workerTitle: string | undefined;
  /** Runs it in the foreground on the installed configuration. */
  readonly startArguments: (configDir: string, settings: ProxySettings) => readonly string[];
  /** How it is told to reload when it runs on its own, and no flag says otherwise. */
  readonly reloadMethod: (settings: ProxySettings) => ReloadMethod;
  /** In place of the signal, for one that sluice manages. */
  readonly tellReload?: (settings: ProxySettings, signal: AbortSignal) => Promise<void>;
  readonly createDriver: (parts: DriverParts) => ProxyDriver;
}

export type ProxyName = 'nginx' | 'haproxy';

export function isProxyName(name: string): name is ProxyName {
  return name === 'nginx' || name === 'haproxy';
}

export const PROXY_KINDS: Readonly<Record<ProxyName, ProxyKind>> = {
  nginx: {
    newestVersion: '1.30.0',
    reloadSignal: 'SIGHUP',
    quitSignal: 'SIGQUIT',
    workerTitle: 'nginx: worker',
    startArguments: (configDir, settings) => nginxArguments(configDir, settings.runDirectory),
    reloadMethod: ({ pidFile }) => ({ type: 'signal', pidFile, signal: 'SIGHUP', program: 'nginx' }),
    createDriver: ({ settings, ...parts }) => createNginxDriver({ ...parts, ...settings }),
  },
  haproxy: {
    newestVersion: '3.2.0',
    reloadSignal: 'SIGUSR2',
    quitSignal: 'SIGUSR1',
    // Workers end by themselves when their master does.
    workerTitle: 'haproxy worker',
    startArguments: (configDir, settings) => haproxyArguments(configDir, settings),
    reloadMethod: ({ runDirectory }) => ({ type: 'master', socket: haproxySockets(runDirectory).master }),
    tellReload: ({ runDirectory }, signal) => reloadByMaster(haproxySockets(runDirectory).master, signal),
    createDriver: ({ settings, ...parts }) => createHaproxyDriver({ ...parts, ...settings }),
  },
};
