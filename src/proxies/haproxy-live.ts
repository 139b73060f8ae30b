import { addressKey, type BackendChange } from './haproxy-servers.ts';

/** A server as it runs. */
export interface LiveServer {
  readonly name: string;
  /** As `addressKey` writes it; `undefined` when it has none. */
  readonly address: string | undefined;
  readonly state: 'ready' | 'maintenance' | 'other';
  /** Connections that have a request; the idle ones do not count. */
  readonly used: number;
}

/** The servers of each backend, by its name. */
export type LiveServers = ReadonlyMap<string, readonly LiveServer[]>;

/** What asks for all that `parseLive` reads. */
export function liveCommands(backends: readonly string[]): readonly string[] {
  return backends.flatMap((backend) => [`show servers state ${backend}`, `show servers conn ${backend}`]);
}

/** SRV_ADMF_FMAINT of include/haproxy/server-t.h, alone. */
const MAINTENANCE = '1';

/**
 * Reads the answers, one after another, of `show servers state` and `show servers conn`
 * (https://docs.haproxy.org/2.6/management.html#9.3). Their lines tell themselves apart, and name their columns above.
 */
export function parseLive(answer: string): LiveServers {
  const used = new Map<string, number>();
  const rows: Readonly<Record<string, string>>[] = [];
  let columns: readonly string[] = [];
  for (const line of answer.split('\n')) {
    const words = line.trim().split(' ');
    if (words[0] === '#') columns = words.slice(1);
    else if (words.length > 1) {
      const row = Object.fromEntries(columns.map((column, at) => [column, words[at] ?? '']));
      const path = row['bkname/svname'];
      if (path === undefined) rows.push(row);
      else used.set(path, Number(row['used_cur']));
    }
  }
  const all = rows.map((row) => [row['be_name'] ?? '', toServer(row, used)] as const);
  return new Map(
    [...Map.groupBy(all, ([backend]) => backend)].map(([backend, list]) => [backend, list.map(([, server]) => server)]),
  );
}

function toServer(row: Readonly<Record<string, string>>, used: ReadonlyMap<string, number>): LiveServer {
  const name = row['srv_name'] ?? '';
  const admin = row['srv_admin_state'];
  return {
    name,
    address: addressKey(row['srv_addr'] ?? '', Number(row['srv_port'])),
    state: admin === '0' ? 'ready' : admin === MAINTENANCE ? 'maintenance' : 'other',
    // Unknown is as good as busy.
    used: used.get(`${row['be_name'] ?? ''}/${name}`) ?? Infinity,
  };
}

/** Addresses of the servers that take requests. */
export function readyAddresses(servers: readonly LiveServer[]): ReadonlySet<string> {
  const ready = servers.filter(({ state }) => state === 'ready');
  return new Set(ready.map(({ name, address }) => address ?? name));
}

export function isEqual(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  return left.size === right.size && [...left].every((item) => right.has(item));
}

/** Commands that take a backend from what it has to what it shall have. */
export interface Steps {
  /** Give addresses to servers that get no requests, and bring new ones, which get none either. */
  readonly place: readonly string[];
  /** The address that each of those shall have then, by name. */
  readonly placed: ReadonlyMap<string, string>;
  /** Open these to requests, and then close those whose endpoints are gone. */
  readonly change: readonly string[];
}

/** Servers of one backend that are left over, and wait for an endpoint. The next reload clears them away. */
const MOST_SPARE = 100;

/**
 * A server gets another address only when it has no request: a connection that comes free later would be kept for requests
 * to the new address and go to the old one. So those of endpoints that are gone finish in maintenance, and are used again
 * or stay there; removing them is what crashed releases of HAProxy (`del server` before 2.6.17 and 3.0.4).
 * A text says why it takes a reload.
 */
export function stepsFor(
  { backend, before, after, options }: BackendChange,
  live: readonly LiveServer[],
): Steps | string {
  if (!isEqual(readyAddresses(live), before))
    return `the running servers of ${backend} are not those of the configuration`;
  const ready = live.filter(({ state }) => state === 'ready');
  const surplus = ready.filter(({ address }) => address === undefined || !after.has(address));
  const spare = new Map(live.filter(({ state }) => state === 'maintenance').map((server) => [server.name, server]));
  const names = new Set(live.map(({ name }) => name));
  const place: string[] = [];
  const placed = new Map<string, string>();
  for (const address of [...after].filter((item) => !before.has(item))) {
    const found = takeSpare(spare, address);
    const name = found?.name ?? freshName(names);
    names.add(name);
    placed.set(name, address);
    if (found === undefined) place.push(`add server ${backend}/${name} ${address} ${options}`);
    else if (found.address !== address) place.push(`set server ${backend}/${name} ${inWords(address)}`);
  }
  if (spare.size + surplus.length > MOST_SPARE) return `${backend} has too many servers that are left over`;
  const open = [...placed.keys()].map((name) => `set server ${backend}/${name} state ready`);
  const close = surplus.map(({ name }) => `set server ${backend}/${name} state maint`);
  return { place, placed, change: [...open, ...close] };
}

/** One that has the address still, else one that has no request; it is taken out. */
function takeSpare(spare: Map<string, LiveServer>, address: string): LiveServer | undefined {
  const servers = [...spare.values()];
  const found = servers.find((server) => server.address === address) ?? servers.find(({ used }) => used === 0);
  if (found !== undefined) spare.delete(found.name);
  return found;
}

/** As templates name them; the number is the first that is free. */
function freshName(names: ReadonlySet<string>): string {
  let number = 0;
  while (names.has(`s${number}`)) number += 1;
  return `s${number}`;
}

function inWords(address: string): string {
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  return `addr ${host} port ${port}`;
}
