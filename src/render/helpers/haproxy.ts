import { fieldOf, listArgument, textArgument } from './arguments.ts';

const BYTES: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

export const HAPROXY_HELPERS = {
  /**
   * A path of an Ingress as the HAProxy pack compares it: decoded, but for the percent sign and the space, which a key of a
   * map cannot hold.
   */
  haproxyPath: (path: unknown) =>
    decodeURIComponent(textArgument('haproxyPath', path)).replaceAll('%', '%25').replaceAll(' ', '%20'),
  /**
   * An argument of a converter, in the quotes of such arguments; the whole expression needs haproxyString around it.
   * https://docs.haproxy.org/2.6/configuration.html#2.2
   */
  haproxyArgument: (text: unknown) => `"${textArgument('haproxyArgument', text).replace(/["\\]/g, '\\$&')}"`,
  /** `/new/$1` as the converter regsub writes it: `/new/\1`. */
  haproxyGroups: (text: unknown) => textArgument('haproxyGroups', text).replace(/\$(?=[1-9])/g, '\\'),
  /** Other names of hosts that are regular expressions, which a lookup has to walk through. */
  patternAliases: (hosts: unknown) =>
    listArgument('patternAliases', hosts)
      .flatMap((host) => fieldOf(host, 'features.aliases') ?? [])
      .filter((alias) => typeof alias === 'string' && alias.startsWith('~')),
  /** A size such as `1m` in bytes. */
  bytes: (size: unknown) => {
    const [, digits, unit] = /^(\d+)([kmg]?)$/i.exec(textArgument('bytes', size)) ?? [];
    if (digits === undefined) throw new RangeError(`bytes needs a size such as 1m, got ${JSON.stringify(size)}`);
    return Number(digits) * (BYTES[(unit ?? '').toLowerCase()] ?? 1);
  },
};
