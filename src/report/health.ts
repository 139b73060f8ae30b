import type { ApplyResult, Outcome } from '../model/outcome.ts';

export interface HealthOptions {
  /** Milliseconds; only differences mean something. */
  readonly now: () => number;
  /** Milliseconds that the loop may be away between two passes; more than its longest pause. */
  readonly beatLimitMs: number;
}

/** Answer to a probe, in lines of plain text. */
export interface Probe {
  readonly status: 200 | 500 | 503;
  readonly body: string;
}

const LONGEST_REASON = 300;

/**
 * Whether sluice lives, may get traffic, and has something for a proxy to start with. Being ready is about the proxy: once
 * it serves what the sources asked for, it stays in service with the last good configuration, whatever else goes wrong.
 */
export class Health {
  readonly #options: HealthOptions;
  /** When the loop must have been around again. Before its first time it waits for sources, which may take any time. */
  #deadline = Infinity;
  readonly #waiting = new Map<string, string>();
  /** What became of the last pass: what it came to is told until the next. */
  #lastPass: ApplyResult | undefined;
  /** As above, but also of what the proxy was made to do between passes. */
  #last: ApplyResult | undefined;
  /** What of the last pass whoever looks at a probe should know besides. */
  #told: readonly string[] = [];
  #acknowledged: number | undefined;
  #isInstalled = false;
  #answers = true;
  #wasReady = false;
  #isShuttingDown = false;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** The loop came around. */
  beat(): void {
    this.#deadline = this.#options.now() + this.#options.beatLimitMs;
  }

  /** Work begins that may take so long: the proxy's check, its reload, its acknowledgement. */
  passStarted(limitMs: number): void {
    this.#deadline = this.#options.now() + Math.max(limitMs, this.#options.beatLimitMs);
  }

  passEnded(): void {
    this.beat();
  }

  /** What a part (`key`) waits for, as in "Ingress to be listed (403 …)"; `undefined`: for nothing more. */
  setWaiting(key: string, reason: string | undefined): void {
    if (reason === undefined) this.#waiting.delete(key);
    else this.#waiting.set(key, reason);
    this.#latch();
  }

  /** A pass came to an end. */
  observe({ result, diagnostics }: Outcome): void {
    this.#lastPass = result;
    this.#told = diagnostics.filter(({ code }) => code === 'CollapseHeld').map(({ message }) => message);
    this.observeResult(result);
  }

  /** What came of bringing an installed generation to the proxy outside of a pass: at the start, or because it had lost it. */
  observeResult(result: ApplyResult): void {
    const { type } = result;
    this.#last = result;
    if (type === 'refused' || type === 'failed') return;
    this.#isInstalled = true;
    this.#answers = type !== 'unacknowledged';
    const isRunning = type === 'unchanged' || type === 'applied';
    if (isRunning || (type === 'rolled-back' && this.#acknowledged !== undefined)) {
      this.#acknowledged = result.generation;
    }
    this.#latch();
  }

  /** Whether the proxy answers its generation. */
  proxyAnswers(answers: boolean): void {
    this.#answers = answers;
    this.#latch();
  }

  /** From now on, no new traffic is wanted. */
  shutDown(): void {
    this.#isShuttingDown = true;
  }

  /** For /healthz: a restart helps against a loop that hangs, and against nothing else. */
  alive(): Probe {
    const lateMs = this.#options.now() - this.#deadline;
    // While it shuts down, the loop has ended.
    if (lateMs <= 0 || this.#isShuttingDown) return { status: 200, body: lines(['ok']) };
    const seconds = Math.ceil(lateMs / 1000);
    return { status: 500, body: lines([`the reconcile loop is ${seconds} s late`]) };
  }

  /**
   * For /healthz of ingress-nginx, which its Deployments ask for both probes: 500 until there is something for the proxy to run,
   * and again from the moment that no new traffic is wanted.
   */
  serving(): Probe {
    if (this.#isShuttingDown) return { status: 500, body: lines(['shutting down']) };
    return this.#isInstalled ? this.alive() : { status: 500, body: this.started().body };
  }

  /** For /readyz. */
  ready(): Probe {
    const waits = this.#waits();
    const state = [`generation: ${this.#acknowledged ?? 'none'}`, `synced: ${this.#isSynced() ? 'yes' : 'no'}`];
    const isReady = waits.length === 0;
    const all = [isReady ? 'ready' : 'not ready', ...state, ...waits, ...this.#notes()];
    return { status: isReady ? 200 : 503, body: lines(all) };
  }

  /** For /startz: a proxy that starts now finds a configuration. */
  started(): Probe {
    if (this.#isInstalled) return { status: 200, body: lines(['a configuration is installed']) };
    const missing = [...this.#sourceReasons(), ...(this.#lastPass === undefined ? [] : [missingAfter(this.#lastPass)])];
    return { status: 503, body: lines(['no configuration is installed', ...missing.map(waitingFor)]) };
  }

  #latch(): void {
    this.#wasReady ||= this.#waits().length === 0;
  }

  /** A pass begins when all sources have told what they know. */
  #isSynced(): boolean {
    return this.#lastPass !== undefined && this.#waiting.size === 0;
  }

  #waits(): readonly string[] {
    if (this.#isShuttingDown) return ['shutting down'];
    const sources = this.#wasReady ? [] : this.#sourceReasons();
    const proxy = this.#missing();
    return [...sources, ...(proxy === undefined ? [] : [proxy])].map(waitingFor);
  }

  /** What is missing besides the sources. */
  #missing(): string | undefined {
    if (this.#acknowledged === undefined) return missingAfter(this.#last);
    if (!this.#answers) return this.#last?.type === 'unacknowledged' ? missingAfter(this.#last) : 'the proxy to answer';
    return this.#lastPass === undefined ? 'the first pass over all sources' : undefined;
  }

  #notes(): readonly string[] {
    const sources = this.#wasReady ? this.#sourceReasons().map((reason) => `waiting for ${reason}`) : [];
    const pass = this.#acknowledged === undefined ? undefined : noteAfter(this.#lastPass);
    return [...sources, ...(pass === undefined ? [] : [pass]), ...this.#told].map((note) => `note: ${note}`);
  }

  #sourceReasons(): readonly string[] {
    return [...this.#waiting].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reason]) => reason);
  }
}

/** What it takes for a proxy to run a generation, after this. */
function missingAfter(last: ApplyResult | undefined): string {
  switch (last?.type) {
    case 'refused':
      return `a configuration that the proxy accepts (${last.message})`;
    case 'failed':
      return `a configuration to be installed (${last.message})`;
    case 'rolled-back':
      return `the proxy to take the configuration over (${last.message})`;
    case 'unacknowledged':
      return `the proxy to acknowledge generation ${last.generation} (${last.message})`;
    case undefined:
    case 'unchanged':
    case 'applied':
      return 'the proxy to acknowledge a first generation';
  }
}

/** Why the proxy does not run the newest configuration although it runs one. */
function noteAfter(last: ApplyResult | undefined): string | undefined {
  switch (last?.type) {
    case 'refused':
      return `the proxy refuses the newest configuration (${last.message})`;
    case 'failed':
      return `the newest configuration could not be installed (${last.message})`;
    case 'rolled-back':
      return `the proxy did not take the newest configuration over (${last.message})`;
    case undefined:
    case 'unchanged':
    case 'applied':
    case 'unacknowledged':
      return undefined;
  }
}

function waitingFor(reason: string): string {
  return `waiting for: ${reason}`;
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${oneLine(text)}\n`).join('');
}

/** Reasons hold words of proxies and API servers. */
function oneLine(text: string): string {
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
  return plain.length > LONGEST_REASON ? `${plain.slice(0, LONGEST_REASON - 1)}…` : plain;
}
