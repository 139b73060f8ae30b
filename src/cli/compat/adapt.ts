import { basename } from 'node:path';
import { environmentName } from '../flags.ts';
import { COMPAT_DEFAULTS, COMPAT_TABLE, type CompatFlag } from './table.ts';

/** Something that a flag of ingress-nginx does not do here. */
export interface CompatNotice {
  readonly flag: string;
  readonly message: string;
  readonly isLoss: boolean;
}

export type Adapted =
  | { readonly ok: true; readonly argv: readonly string[]; readonly notices: readonly CompatNotice[] }
  | { readonly ok: false; readonly problems: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** Commands that take all flags of ingress-nginx; the others take those that say what becomes of Ingresses. */
const PROGRAM = 'nginx-ingress-controller';

/**
 * Makes a command line of sluice of one of ingress-nginx, when `--compat ingress-nginx` is given, or when it begins with the
 * program of ingress-nginx as its Deployment has it. Every other command line stays as it is.
 * @param known flags of a command of sluice; those that it lacks are left out
 */
export function adaptToCompat(
  argv: readonly string[],
  environment: Environment,
  known: (command: string) => ReadonlySet<string>,
): Adapted {
  const given =
    argv[0] !== undefined && basename(argv[0]) === PROGRAM ? ['run', '--compat=ingress-nginx', ...argv.slice(1)] : argv;
  const [command = '', ...rest] = given;
  if (!isCompat(rest, environment)) return { ok: true, argv: given, notices: [] };
  const flags = known(command);
  const read = readArguments(
    rest.filter((item) => basename(item) !== PROGRAM),
    environment,
  );
  if (read.problems.length > 0) return { ok: false, problems: read.problems };
  const own = Object.entries({ ...defaults(environment), ...read.flags }).filter(([name]) => flags.has(name));
  const notices = read.notices.filter(
    (item, index) => read.notices.findIndex(({ flag }) => flag === item.flag) === index,
  );
  return { ok: true, argv: [command, ...own.map(([name, value]) => `--${name}=${value}`), ...read.others], notices };
}

function isCompat(argv: readonly string[], environment: Environment): boolean {
  const at = argv.findIndex((item) => item === '--compat' || item.startsWith('--compat='));
  if (at < 0) return environment['SLUICE_COMPAT'] === 'ingress-nginx';
  const value = argv[at]?.startsWith('--compat=') === true ? argv[at].slice('--compat='.length) : argv[at + 1];
  return value === 'ingress-nginx';
}

/** The environment of a Deployment of ingress-nginx; a variable of sluice goes before a default. */
function defaults(environment: Environment): Readonly<Record<string, string>> {
  const { POD_NAME: pod = '', POD_NAMESPACE: namespace = '' } = environment;
  const all = {
    ...COMPAT_DEFAULTS,
    ...(pod === '' ? {} : { 'pod-name': pod }),
    ...(namespace === '' ? {} : { 'pod-namespace': namespace }),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => environment[environmentName(name)] === undefined));
}

interface Read {
  readonly flags: Record<string, string>;
  readonly notices: CompatNotice[];
  readonly problems: string[];
  /** Of sluice itself. */
  readonly others: string[];
}

function readArguments(argv: readonly string[], environment: Environment): Read {
  const read: Read = { flags: {}, notices: [], problems: [], others: [] };
  for (let index = 0; index < argv.length; index += 1) {
    const text = argv[index] ?? '';
    const found = flagIn(text);
    if (found === undefined) {
      read.others.push(text);
      continue;
    }
    const takesNext = found.inline === undefined && found.flag.isSwitch !== true;
    if (takesNext) index += 1;
    const value = found.inline ?? (takesNext ? argv[index] : 'true');
    if (value === undefined) read.problems.push(`--${found.name} needs a value`);
    else take(found, expand(value, environment), read);
  }
  return read;
}

interface Found {
  readonly name: string;
  readonly flag: CompatFlag;
  /** What stands behind the `=`. */
  readonly inline: string | undefined;
}

/** Of one letter, ingress-nginx has only `-v`; sluice has others. */
function flagIn(text: string): Found | undefined {
  const [, name = '', inline] = /^(?:--?([A-Za-z][\w-]+|v))(?:=(.*))?$/s.exec(text) ?? [];
  const flag = Object.hasOwn(COMPAT_TABLE, name) ? COMPAT_TABLE[name] : undefined;
  return flag && { name, flag, inline };
}

function take({ name, flag }: Found, text: string, read: Read): void {
  const value = flag.isSwitch === true ? parseBool(text) : text;
  if (value === undefined) {
    read.problems.push(`--${name}: expected true or false, got ${JSON.stringify(text)}`);
    return;
  }
  Object.assign(read.flags, flag.to?.(value) ?? {});
  if (value !== '' && value !== 'false') tell({ name, flag }, text, read);
}

function tell({ name, flag }: Pick<Found, 'name' | 'flag'>, text: string, read: Read): void {
  const { notice, isLoss = false, tellsValue = false } = flag;
  if (notice === undefined) return;
  read.notices.push({ flag: `--${name}`, message: tellsValue ? `${notice} (${text})` : notice, isLoss });
}

/** `$(POD_NAMESPACE)`, which the kubelet puts in by itself. */
function expand(text: string, environment: Environment): string {
  return text.replace(/\$\((POD_NAME|POD_NAMESPACE)\)/g, (whole, name: string) => environment[name] ?? whole);
}

/** https://pkg.go.dev/strconv#ParseBool */
function parseBool(text: string): 'true' | 'false' | undefined {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return 'true';
  return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? 'false' : undefined;
}

/** What to say of an unknown flag that ingress-nginx has; `undefined`: nothing. */
export function compatHint(message: string): string | undefined {
  const [, name = ''] = /--?([\w-]+)/.exec(message) ?? [];
  if (!Object.hasOwn(COMPAT_TABLE, name)) return undefined;
  return `--${name} is a flag of ingress-nginx: add --compat ingress-nginx, and all of its flags are taken`;
}
