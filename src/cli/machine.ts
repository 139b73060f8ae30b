import { readFile } from 'node:fs/promises';
import { address } from './addresses.ts';
import type { MachineFacts } from './settings.ts';

/** Looks at what the kernel and the resolver configuration offer. Files that cannot be read count as empty. */
export async function readMachineFacts(): Promise<MachineFacts> {
  const [interfaces, resolvConf] = await Promise.all([read('/proc/net/if_inet6'), read('/etc/resolv.conf')]);
  return { hasIpv6: interfaces.trim() !== '', resolvers: nameservers(resolvConf) };
}

/** The `nameserver` lines of a resolv.conf(5), at most three as the C library reads them; zones are not supported. */
export function nameservers(text: string): readonly string[] {
  const lines = [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => address(match[1] ?? ''));
  return lines.flatMap((parsed) => (parsed.ok ? [parsed.value] : [])).slice(0, 3);
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
