import type { ConfigPlace } from '../model/bundle.ts';
import type { ProxyIdentity } from '../model/options.ts';

export type { ConfigPlace };

/** Everything that sluice asks of a proxy. One implementation per proxy; a method never throws for a refused configuration. */
export interface ProxyDriver {
  readonly name: string;
  /** For so long after a reload, old workers may accept connections although new ones do already. Milliseconds. */
  readonly reloadOverlapMs: number;
  /** Asks the binary for its version and build. @throws Error when the binary cannot be run, saying how to install it. */
  identify(signal: AbortSignal): Promise<ProxyIdentity>;
  /** Name of the group that its workers have unless the configuration says otherwise. Left out where they run as the master. */
  readonly workerGroup?: (signal: AbortSignal) => Promise<string>;
  /** Runs the proxy's own checker on the configuration in `directory` (absolute). @throws Error when the checker cannot run. */
  check(directory: string, signal: AbortSignal): Promise<CheckResult>;
  /** Only for a proxy that sluice supervises: starts it on the installed configuration, or takes over one that runs it. */
  readonly ensureStarted?: (signal: AbortSignal) => Promise<void>;
  /** Makes the running proxy read the installed configuration, or starts a proxy that sluice supervises. @throws Error when it cannot be told. */
  reload(signal: AbortSignal): Promise<void>;
  /**
   * What the proxy has said since it was told to reload, as far as that can be had; `undefined` when that is nothing. Left out
   * by a driver that cannot hear it. Never throws.
   */
  readonly complaint?: () => Promise<Complaint | undefined>;
  /**
   * Has the running proxy take changes of files that its pack marks with `runtime`, without a reload. Left out by a driver
   * that never can. Throws only on abort.
   */
  readonly update?: (change: RuntimeChange, signal: AbortSignal) => Promise<RuntimeUpdate>;
  /**
   * The generation that the running proxy answers with; 0 when an update at run time was begun and not confirmed;
   * `undefined` when it does not answer. Never throws but on abort.
   */
  runningGeneration(signal: AbortSignal): Promise<number | undefined>;
  /**
   * Old workers that still have requests after a reload; `undefined` when that cannot be seen, as from another container.
   * Left out by a driver that never can. Takes a second at most. Never throws but on abort.
   */
  readonly drainingWorkers?: (signal: AbortSignal) => Promise<number | undefined>;
}

/** The proxy's own words, control characters removed. */
export interface Complaint {
  readonly text: string;
  /** It has given up; otherwise it may still be trying. */
  readonly isFinal: boolean;
}

/** What differs between the configuration that the proxy runs and the next one. */
export interface RuntimeChange {
  readonly files: readonly { readonly path: string; readonly before: string; readonly after: string }[];
  /** The text of any file of the next configuration. */
  readonly text: (path: string) => string | undefined;
}

export type RuntimeUpdate =
  /** The proxy runs what was there before, or something in between and then answers generation 0. */
  | { readonly type: 'needs-reload'; readonly reason: string }
  | {
      /** It does what the next configuration says, and answers generation 0. */
      readonly type: 'updated';
      /** Has it answer this generation, if it is still the same process. Throws only on abort. */
      readonly confirm: (generation: number, signal: AbortSignal) => Promise<void>;
    };

export type CheckResult =
  | { readonly accepted: true; readonly warnings: string }
  | {
      readonly accepted: false;
      /** The proxy's own words, control characters removed, cut to 16 kB. */
      readonly message: string;
      /** Places that the message names, relative to the checked directory. */
      readonly places: readonly ConfigPlace[];
    };
