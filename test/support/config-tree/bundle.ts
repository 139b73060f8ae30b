import type { ProxyName } from '../../../src/cli/proxy/proxy-kinds.ts';
import type { ConfigBundle } from '../../../src/model/bundle.ts';
import { parseCertificateList, parseHaproxy, parseMap } from './haproxy.ts';
import { parseNginx } from './nginx.ts';
import type { ConfigNode } from './node.ts';

/** What the proxy would read, by path. Key material is one row: its text. */
export type BundleTree = ReadonlyMap<string, readonly ConfigNode[]>;

type Parse = (text: string) => readonly ConfigNode[];

/** Every file of a bundle as its proxy parses it. @throws ConfigSyntaxError */
export function treeOfBundle(proxy: ProxyName, bundle: ConfigBundle): BundleTree {
  const files = [...bundle.files.values(), ...bundle.stamp(1).map((file) => ({ ...file, secret: false }))];
  return new Map(files.map(({ path, text, secret }) => [path, secret ? pemRow(text) : parserOf(proxy, path)(text)]));
}

function pemRow(text: string): readonly ConfigNode[] {
  return [{ name: 'pem', args: [text], children: undefined, line: 1 }];
}

function parserOf(proxy: ProxyName, path: string): Parse {
  if (proxy === 'nginx') return parseNginx;
  if (path.endsWith('.map')) return parseMap;
  return path.endsWith('.list') ? parseCertificateList : parseHaproxy;
}
