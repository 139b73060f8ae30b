/*
 * What stands behind the address on a `server` line. `add server` takes nothing over from `default-server`
 * (https://docs.haproxy.org/2.6/management.html#9.3-add%20server), so that every option has to be spelled out.
 */

/** Options that HAProxy 2.6 and 3.2 take for a server that comes later, and that mean the same there; with so many words. */
const KNOWN: ReadonlyMap<string, number> = new Map([
  ['alpn', 1],
  ['ca-file', 1],
  ['maxconn', 1],
  ['maxqueue', 1],
  ['minconn', 1],
  ['pool-low-conn', 1],
  ['pool-max-conn', 1],
  ['pool-purge-delay', 1],
  ['proto', 1],
  ['send-proxy', 0],
  ['send-proxy-v2', 0],
  ['sni', 1],
  ['ssl', 0],
  ['verify', 1],
  ['weight', 1],
]);

/** Of HAProxy itself. 2.6 sets them to 0 for a server that comes later, which would then keep no idle connections. */
const BUILT_IN = 'pool-purge-delay 5s pool-max-conn -1';

/** No quotes, no variables, and nothing that ends a command. */
const PLAIN = /^[A-Za-z0-9_.:/@,()%+=-]*$/;

/** The options that `add server` needs for what a line gets by `default-server` and says itself; `undefined` when one is unknown. */
export function optionsOf(...given: readonly string[]): string | undefined {
  const words = given.flatMap((text) => text.split(/\s+/)).filter((word) => word !== '');
  for (let at = 0; at < words.length;) {
    const more = KNOWN.get(words[at] ?? '');
    const arguments_ = more === undefined ? undefined : words.slice(at + 1, at + 1 + more);
    if (arguments_?.length !== more || arguments_?.every((word) => PLAIN.test(word)) !== true) return undefined;
    at += 1 + arguments_.length;
  }
  return [BUILT_IN, ...words].join(' ');
}

const SECTION = /^\s*(defaults|global|frontend|backend|listen|resolvers|peers|userlist|cache|ring|http-errors)\b/;

/**
 * What the one `defaults` section of a configuration gives to the servers of all backends; `undefined` when there are
 * more sections of that kind, of which each backend has its own.
 */
export function inheritedOptions(text: string): string | undefined {
  const found: string[] = [];
  let section: string | undefined;
  let sections = 0;
  for (const line of text.split('\n')) {
    section = SECTION.exec(line)?.[1] ?? section;
    if (/^\s*defaults\b/.test(line)) sections += 1;
    const options = section === 'defaults' ? defaultServer(line) : undefined;
    if (options !== undefined) found.push(options);
  }
  return sections > 1 ? undefined : found.join(' ');
}

/** The options of a `default-server` line; `undefined` for every other line. */
export function defaultServer(line: string): string | undefined {
  return /^\s*default-server\s+(.*)$/.exec(line)?.[1];
}
