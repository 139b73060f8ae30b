import type { ProxyName } from '../../src/cli/proxy/proxy-kinds.ts';
import type { TranslateOptions } from '../../src/model/options.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { Renderer } from '../../src/render/render.ts';
import { checkCase } from '../support/cases.ts';
import { rendererFor } from '../support/pack.ts';
import { installedHaproxy, installedNginx } from '../support/proxies.ts';
import { FUZZ_SETTINGS } from './world.ts';

/** One installed proxy with the pack for it. */
export interface Target {
  readonly name: ProxyName;
  readonly binary: string;
  readonly version: string;
  readonly render: Renderer;
}

/** Every version of both proxies that is installed. */
export async function fuzzTargets(): Promise<readonly Target[]> {
  const installed = [...installedNginx(), ...installedHaproxy()];
  return Promise.all(
    installed.map(async (proxy) => ({ ...proxy, render: await rendererFor(proxy.name, proxy.version) })),
  );
}

/** What the real checker complains of; empty when it has not even a warning. */
export function checkWorld(target: Target, snapshot: Snapshot, options: TranslateOptions): string {
  // nginx -t binds its addresses: each process that runs tests has one of its own.
  const address = `127.${(process.pid >> 8) & 127}.${process.pid & 255}.9`;
  return checkCase(
    target,
    { options, settings: { ...FUZZ_SETTINGS, bindAddresses: [address] } },
    snapshot,
    target.render,
  );
}
