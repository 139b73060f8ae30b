import type { ProxySettings } from '../model/options.ts';
import type { ProxyDriver } from '../proxies/driver.ts';
import { createHaproxyDriver, haproxyArguments } from '../proxies/haproxy.ts';
import { createNginxDriver, nginxArguments } from '../proxies/nginx.ts';
import type { ReloadMethod } from '../proxies/reload.ts';

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
  /** What the command lines of workers hold that may outlive their master. */
  readonly workerTitle: string;
  /** Runs it in the foreground on the installed configuration. */
  readonly startArguments: (configDir: string, settings: ProxySettings) => readonly string[];
  readonly createDriver: (parts: DriverParts) => ProxyDriver;
}

export type ProxyName = 'nginx' | 'haproxy';

export const PROXY_KINDS: Readonly<Record<ProxyName, ProxyKind>> = {
  nginx: {
    newestVersion: '1.30.0',
    reloadSignal: 'SIGHUP',
    quitSignal: 'SIGQUIT',
    workerTitle: 'nginx: worker',
    startArguments: (configDir, settings) => nginxArguments(configDir, settings.runDirectory),
    createDriver: ({ settings, ...parts }) => createNginxDriver({ ...parts, ...settings }),
  },
  haproxy: {
    newestVersion: '3.2.0',
    reloadSignal: 'SIGUSR2',
    quitSignal: 'SIGUSR1',
    // Workers end by themselves when their master does.
    workerTitle: 'haproxy worker',
    startArguments: (configDir, settings) => haproxyArguments(configDir, settings.pidFile),
    createDriver: ({ settings, ...parts }) => createHaproxyDriver({ ...parts, ...settings }),
  },
};
