/**
 * How a proxy without a driver of its own is run: the section "commands" of its pack. Every word of a command may hold
 * `{binary}`, `{directory}` (of the configuration), `{runDirectory}`, `{pidFile}`, `{acknowledgeSocket}` and
 * `{acknowledgePort}`. No shell reads them.
 */
export interface PackCommands {
  /** Prints the version. */
  readonly version: Command;
  /** Regular expression; its first group is the version in the output. */
  readonly versionPattern: string;
  /** Exits with 0 when the configuration in `{directory}` can be used. */
  readonly check: Command;
  /** Regular expression with groups named `file` and `line`: places in the output of a check that failed. */
  readonly places: string | undefined;
  /** Regular expression: lines that a check says when all is well, and that are no warnings. */
  readonly quiet: string | undefined;
  /** Runs in the foreground on `{directory}`. */
  readonly start: Command;
  readonly reload: { readonly signal: PackSignal } | { readonly command: Command };
  /** Ends it after the requests that it has. */
  readonly quitSignal: PackSignal;
  /** `undefined`: a reload that did not fail is believed. */
  readonly acknowledge: Acknowledge | undefined;
  /** Milliseconds for which old workers may accept connections beside new ones after a reload. */
  readonly reloadOverlapMs: number;
}

export type Command = readonly [string, ...string[]];

/** Who answers the number of the generation: an HTTP server at an address or on a unix socket, or a command. */
export type Acknowledge = { readonly url: string } | { readonly socket: string } | { readonly command: Command };

export const PACK_SIGNALS = ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGTERM', 'SIGINT', 'SIGQUIT'] as const;
export type PackSignal = (typeof PACK_SIGNALS)[number];

export const PLACEHOLDERS = [
  'binary',
  'directory',
  'runDirectory',
  'pidFile',
  'acknowledgeSocket',
  'acknowledgePort',
] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** How a pack quotes a value for its own language: an output helper without any program. */
export interface QuotingRule {
  readonly open: string;
  readonly close: string;
  /** What takes the place of single characters. */
  readonly escape: Readonly<Record<string, string>>;
  /** Values that match are refused; control characters are in any case. */
  readonly refuse: RegExp | undefined;
}
