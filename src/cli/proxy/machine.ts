import { fstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { address } from '../addresses.ts';
import type { MachineFacts } from '../settings.ts';

const STDOUT = 1;

/** Looks at what the kernel and the resolver configuration offer. Files that cannot be read count as empty. */
export async function readMachineFacts(): Promise<MachineFacts> {
  const paths = ['/proc/net/if_inet6', '/etc/resolv.conf', '/proc/self/limits'];
  const [interfaces = '', resolvConf = '', limits = ''] = await Promise.all(paths.map(read));
  return {
    hasIpv6: interfaces.trim() !== '',
    resolvers: nameservers(resolvConf),
    openFileLimit: hardOpenFileLimit(limits),
    canOpenStdout: !isSocket(STDOUT),
  };
}

/** From the text of /proc/self/limits; no limit when it says nothing. */
export function hardOpenFileLimit(text: string): number {
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(text)?.[1];
  return hard === undefined ? Number.MAX_SAFE_INTEGER : Number(hard);
}

/** The `nameserver` lines of a resolv.conf(5), at most three as the C library reads them; zones are not supported. */
export function nameservers(text: string): readonly string[] {
  const lines = [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => address(match[1] ?? ''));
  return lines.flatMap((parsed) => (parsed.ok ? [parsed.value] : [])).slice(0, 3);
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function isSocket(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isSocket();
  } catch {
    // Closed.
    return false;
  }
}
