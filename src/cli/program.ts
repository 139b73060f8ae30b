import { Command, CommanderError, Option } from 'commander';
import { adaptToCompat, compatHint, type CompatNotice } from './compat/adapt.ts';
import { AUDIT_FLAGS, AUDIT_GROUPS, type AuditValues } from './audit/flags.ts';
import {
  environmentName,
  PACK_FLAGS,
  parseFlags,
  RENDER_FLAGS,
  RENDER_GROUPS,
  RUN_FLAGS,
  RUN_GROUPS,
  type Flag,
  type FlagSet,
  type ValuesOf,
} from './flags.ts';

/** The world outside of the program. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: (text: string) => unknown;
  readonly stderr: (text: string) => unknown;
  readonly signal: AbortSignal;
}

export interface RenderRequest {
  readonly filenames: readonly string[];
  readonly values: ValuesOf<typeof RENDER_FLAGS>;
  /** Directory to write to; `undefined` for standard output. */
  readonly out: string | undefined;
}

export interface CheckRequest {
  readonly filenames: readonly string[];
  readonly values: ValuesOf<typeof RENDER_FLAGS>;
  readonly json: boolean;
}

export interface RunRequest {
  /** Of manifests; `undefined` for a cluster. */
  readonly directory: string | undefined;
  readonly values: ValuesOf<typeof RUN_FLAGS>;
  /** About flags of ingress-nginx. */
  readonly notices?: readonly CompatNotice[];
}

export interface SnapshotRequest {
  readonly filenames: readonly string[];
  readonly values: ValuesOf<typeof RENDER_FLAGS>;
  /** Holds a directory for each proxy. */
  readonly directory: string;
  /** Write instead of compare. */
  readonly update: boolean;
  /** Have the proxy check it, too. */
  readonly check: boolean;
}

export interface PackRequest {
  readonly action: 'init' | 'lint' | 'diff';
  readonly directory: string;
  readonly proxy: ValuesOf<typeof PACK_FLAGS>['proxy'];
  /** Names of the partials to start with. */
  readonly partials: readonly string[];
}

export interface AnnotationsRequest {
  readonly json: boolean;
}

export interface AuditRequest {
  /** Of manifests; none for a cluster. */
  readonly filenames: readonly string[];
  readonly values: AuditValues;
  readonly format: (typeof AUDIT_FORMATS)[number];
  /** File to write to; `undefined` for standard output. */
  readonly out: string | undefined;
}

const AUDIT_FORMATS = ['table', 'json', 'html'] as const;

/** What each command does; resolves to the exit code. */
export interface Commands {
  render(request: RenderRequest, surroundings: Surroundings): Promise<number>;
  check(request: CheckRequest, surroundings: Surroundings): Promise<number>;
  run(request: RunRequest, surroundings: Surroundings): Promise<number>;
  snapshot(request: SnapshotRequest, surroundings: Surroundings): Promise<number>;
  pack(request: PackRequest, surroundings: Surroundings): Promise<number>;
  annotations(request: AnnotationsRequest, surroundings: Surroundings): Promise<number>;
  audit(request: AuditRequest, surroundings: Surroundings): Promise<number>;
}

const WRONG_USAGE = 2;

/** Wrong flags, all of them: exit code 2. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Parses a command line and runs the command. @returns the exit code: 0 fine, 1 failed, 2 wrong usage */
export async function runProgram(
  argv: readonly string[],
  commands: Commands,
  surroundings: Surroundings,
  version: string,
): Promise<number> {
  const program = newProgram(version, surroundings);
  const adapted = adaptToCompat(argv, surroundings.environment, flagsOf);
  if (!adapted.ok) return exitCodeOf(new UsageError(adapted.problems.join('\n')), surroundings);
  const context: Context = { program, commands, surroundings, notices: adapted.notices, exitCode: 0 };
  for (const add of [addRun, addRender, addCheck, addSnapshot, addPack, addAnnotations, addAudit]) add(context);
  try {
    await program.parseAsync([...adapted.argv], { from: 'user' });
    return context.exitCode;
  } catch (error) {
    return exitCodeOf(error, surroundings);
  }
}

interface Context {
  readonly program: Command;
  readonly commands: Commands;
  readonly surroundings: Surroundings;
  readonly notices: readonly CompatNotice[];
  exitCode: number;
}

function addRun(context: Context): void {
  const { program, commands, surroundings } = context;
  addCommand(program, {
    name: 'run',
    description: 'follow a cluster, or a directory of manifests, and keep the proxy up to date',
    groups: RUN_GROUPS,
  })
    .option(
      '-f, --filename <dir>',
      'directory of YAML or JSON manifests to follow instead of a cluster (SLUICE_FILENAME)',
      surroundings.environment['SLUICE_FILENAME'],
    )
    .addHelpText('after', COMPAT_HELP)
    .action(async (options: Options) => {
      const values = valuesOf(RUN_FLAGS, options, surroundings);
      if (values.namespaces.length > 0 && values['namespace-selector'] !== undefined) {
        throw new UsageError(
          '--namespaces and --namespace-selector exclude each other: name the namespaces, or select them',
        );
      }
      const directory = typeof options['filename'] === 'string' ? options['filename'] : undefined;
      const notices = context.notices.length > 0 ? { notices: context.notices } : {};
      context.exitCode = await commands.run({ directory, values, ...notices }, surroundings);
    });
}

/** Flags of a command, by name. */
function flagsOf(command: string): ReadonlySet<string> {
  return new Set(Object.keys(command === 'run' ? RUN_FLAGS : RENDER_FLAGS));
}

const COMPAT_HELP = `
In place of ingress-nginx:
  With --compat ingress-nginx, the arguments of its Deployment are taken as they are, POD_NAME and POD_NAMESPACE, too:
  sluice run --compat ingress-nginx --manage --publish-service=$(POD_NAMESPACE)/ingress-nginx-controller ...
  What a flag cannot do here is logged. docs/config-map.md tells of the ConfigMap.`;

function addRender(context: Context): void {
  const { program, commands, surroundings } = context;
  addCommand(program, {
    name: 'render',
    description: 'print the configuration for some manifests',
    groups: RENDER_GROUPS,
  })
    .requiredOption('-f, --filename <path...>', 'manifest files or directories')
    .option('--out <dir>', 'write the files there, with secrets, instead of printing them')
    .action(async (options: Options) => {
      const values = valuesOf(RENDER_FLAGS, options, surroundings);
      const out = typeof options['out'] === 'string' ? options['out'] : undefined;
      context.exitCode = await commands.render({ filenames: filenames(options), values, out }, surroundings);
    });
}

function addCheck(context: Context): void {
  const { program, commands, surroundings } = context;
  addCommand(program, {
    name: 'check',
    description: 'tell what is wrong with some manifests, and have the proxy check the result',
    groups: RENDER_GROUPS,
  })
    .requiredOption('-f, --filename <path...>', 'manifest files or directories')
    .option('--json', 'print one JSON object instead of text', false)
    .addHelpText('after', '\nExit code: 0 fine (warnings at most), 1 errors, 2 wrong usage.')
    .action(async (options: Options) => {
      const values = valuesOf(RENDER_FLAGS, options, surroundings);
      const json = options['json'] === true;
      context.exitCode = await commands.check({ filenames: filenames(options), values, json }, surroundings);
    });
}

function addSnapshot(context: Context): void {
  const { program, commands, surroundings } = context;
  addCommand(program, {
    name: 'snapshot',
    description: 'compare what is rendered for some manifests with what was kept of it',
    groups: RENDER_GROUPS,
  })
    .requiredOption('-f, --filename <path...>', 'manifest files or directories')
    .option('--dir <dir>', 'where snapshots are kept, in a directory for each proxy', 'snapshots')
    .option('--update', 'write the snapshot instead of comparing with it', false)
    .option('--check', 'have the proxy check the configuration, too', false)
    .addHelpText('after', '\nExit code: 0 the same, 1 it differs or the proxy refuses it, 2 wrong usage.')
    .action(async (options: Options) => {
      const values = valuesOf(RENDER_FLAGS, options, surroundings);
      const [update, check] = [options['update'] === true, options['check'] === true];
      const request = { filenames: filenames(options), values, directory: String(options['dir']), update, check };
      context.exitCode = await commands.snapshot(request, surroundings);
    });
}

const PACK_ACTIONS = {
  init: 'start templates of your own, over those that come with sluice',
  lint: 'list everything that is wrong with them, by file:line:column',
  diff: 'show what they change, and what sluice changed under them since they were made',
} as const;

function addPack(context: Context): void {
  const { program, commands, surroundings } = context;
  const pack = program.command('pack').description('make and keep templates of your own');
  for (const action of ['init', 'lint', 'diff'] as const) {
    const shape = { name: action, description: PACK_ACTIONS[action], groups: { 'The proxy:': PACK_FLAGS } };
    const command = addCommand(pack, shape).argument('<dir>', 'directory of the templates');
    if (action === 'init') command.option('--partial <name...>', 'partials to start with: copied to be changed');
    command.action(async (directory: string, options: Options) => {
      const { proxy } = valuesOf(PACK_FLAGS, options, surroundings);
      const partials = Array.isArray(options['partial']) ? options['partial'].map(String) : [];
      context.exitCode = await commands.pack({ action, directory, proxy, partials }, surroundings);
    });
  }
}

function addAnnotations(context: Context): void {
  const { program, commands, surroundings } = context;
  const description = 'tell what becomes of every annotation of ingress-nginx, on nginx and on HAProxy';
  addCommand(program, { name: 'annotations', description, groups: {} })
    .option('--json', 'print one JSON object instead of a table', false)
    .action(async (options: Options) => {
      context.exitCode = await commands.annotations({ json: options['json'] === true }, surroundings);
    });
}

function addAudit(context: Context): void {
  const { program, commands, surroundings } = context;
  addCommand(program, {
    name: 'audit',
    description: 'tell what becomes of the Ingresses of a cluster, or of manifests, that ingress-nginx serves now',
    groups: AUDIT_GROUPS,
  })
    .option('-f, --filename <path...>', 'manifest files or directories instead of a cluster')
    .addOption(new Option('--format <format>', 'how to print it').choices(AUDIT_FORMATS).default('table'))
    .option('--out <file>', 'write it there instead of printing it')
    .addHelpText(
      'after',
      '\nExit code: 0 all is honoured, or differs as stated; 1 something is lost, closed or wrong; 2 wrong usage.',
    )
    .action(async (options: Options) => {
      const values = valuesOf(AUDIT_FLAGS, options, surroundings);
      const format = AUDIT_FORMATS.find((name) => name === options['format']) ?? 'table';
      const out = typeof options['out'] === 'string' ? options['out'] : undefined;
      context.exitCode = await commands.audit({ filenames: filenames(options), values, format, out }, surroundings);
    });
}

type Options = Readonly<Record<string, unknown>>;

function newProgram(version: string, surroundings: Surroundings): Command {
  return new Command('sluice')
    .description(
      'Renders, checks, installs and proves the configuration of the proxy next to it, from Kubernetes Ingresses.',
    )
    .version(version)
    .addHelpText(
      'after',
      '\nEvery flag is also an environment variable: --http-port is SLUICE_HTTP_PORT. The flag wins.',
    )
    .configureOutput({ writeOut: surroundings.stdout, writeErr: surroundings.stderr })
    .exitOverride()
    .showSuggestionAfterError();
}

interface CommandShape {
  readonly name: string;
  readonly description: string;
  readonly groups: Readonly<Record<string, FlagSet>>;
}

function addCommand(program: Command, { name, description, groups }: CommandShape): Command {
  const command = program.command(name).description(description).helpOption('-h, --help', 'show this help');
  for (const [group, flags] of Object.entries(groups)) {
    for (const [flagName, flag] of Object.entries(flags)) addFlag(command, flagName, flag, group);
  }
  return command;
}

/** A switch that is on without being asked for is shown as `--no-…`, and understood either way. */
function addFlag(command: Command, name: string, { value, fallback, help }: Flag<unknown>, group: string): void {
  if (value === undefined) {
    const isOn = fallback === 'true';
    command.addOption(new Option(`--${name} [true|false]`, help).helpGroup(group).hideHelp(isOn));
    if (isOn) command.addOption(new Option(`--no-${name}`, `do not ${help}`).helpGroup(group));
    return;
  }
  const suffix = fallback === '' ? '' : ` (default: ${fallback})`;
  command.addOption(new Option(`--${name} <${value}>`, help + suffix).helpGroup(group));
}

/** The flag, else the environment, else the default. @throws UsageError with everything that is wrong */
function valuesOf<F extends FlagSet>(flags: F, options: Options, { environment }: Surroundings): ValuesOf<F> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(flags)) {
    const option = options[camelCase(name)];
    const text =
      typeof option === 'string' || typeof option === 'boolean' ? String(option) : environment[environmentName(name)];
    if (text !== undefined) given[name] = text;
  }
  const parsed = parseFlags(flags, given);
  if (!parsed.ok) throw new UsageError(parsed.problems.join('\n'));
  return parsed.values;
}

function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function filenames(options: Options): readonly string[] {
  return Array.isArray(options['filename']) ? options['filename'].map(String) : [];
}

function exitCodeOf(error: unknown, { stderr }: Surroundings): number {
  if (error instanceof CommanderError) {
    const hint = error.code === 'commander.unknownOption' ? compatHint(error.message) : undefined;
    if (hint !== undefined) stderr(`${hint}\n`);
    return error.exitCode === 0 ? 0 : WRONG_USAGE;
  }
  if (error instanceof UsageError) {
    stderr(`${error.message}\n--help behind the command lists its flags\n`);
    return WRONG_USAGE;
  }
  stderr(`sluice: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
}
