import type { Diagnostic } from '../../model/diagnostics.ts';
import type { ApplyResult } from '../../model/outcome.ts';
import type { ProxySettings } from '../../model/options.ts';
import { invalidPack } from '../../model/problems.ts';
import type { RoutingModel } from '../../model/routing.ts';
import type { PackProblem } from '../../render/pack.ts';
import type { Rendered, Renderer } from '../../render/render.ts';
import { TemplateFailure } from '../../render/template-failure.ts';

export interface LivePackOptions {
  /** Where the templates are; problems name files within it. */
  readonly directory: string;
  /** Replaces what is wrong with the templates. */
  readonly report: (diagnostics: readonly Diagnostic[]) => void;
  /** It is time to render again. */
  readonly onChange: () => void;
}

/**
 * The templates in force. New ones are on trial until the proxy has taken what they render: when they fail, cannot express
 * what the last good ones could, or the proxy refuses the result, the last good ones are used again.
 */
export class LivePack {
  readonly #options: LivePackOptions;
  #good: Renderer;
  #trial: Renderer | undefined;
  /** What the last rendering came from. */
  #used: Renderer;

  constructor(first: Renderer, options: LivePackOptions) {
    this.#good = first;
    this.#used = first;
    this.#options = options;
  }

  /** Puts new templates on trial. */
  offer(renderer: Renderer): void {
    this.#trial = renderer;
    this.#options.report([]);
    this.#options.onChange();
  }

  /** What was to be offered cannot be loaded; what is on trial stays there. */
  refuse(problems: readonly PackProblem[]): void {
    this.#options.report(
      problems.map(({ file, line, column, message }) => invalidPack({ file, line, column }, message)),
    );
  }

  /** Whether the last rendering was by templates that have not proven themselves. */
  get isTried(): boolean {
    return this.#used !== this.#good;
  }

  /** The templates that have proven themselves. */
  get proven(): Renderer {
    return this.#good;
  }

  readonly render: Renderer = (model, settings) => {
    const tried = this.#trial === undefined ? undefined : this.#try(this.#trial, model, settings);
    this.#used = this.#trial ?? this.#good;
    return tried ?? this.#good(model, settings);
  };

  /** What the renderer on trial makes of it; `undefined` when it is no longer on trial. */
  #try(trial: Renderer, model: RoutingModel, settings: ProxySettings): Rendered | undefined {
    try {
      const rendered = trial(model, settings);
      const [failure, ...more] = rendered.failures;
      if (failure === undefined || this.#good(model, settings).failures.length > more.length) return rendered;
      this.#reject(failure);
    } catch (error) {
      this.#reject(TemplateFailure.of(error));
    }
    return undefined;
  }

  /** What became of what was rendered last; others may have been offered since. */
  settle(result: ApplyResult): void {
    const { type } = result;
    if (type === 'unchanged' || type === 'applied') {
      this.#good = this.#used;
      if (this.#trial === this.#used) this.#trial = undefined;
    } else if ((type === 'refused' || type === 'rolled-back') && this.#trial === this.#used) {
      const message = `the proxy refuses what they render: ${result.message}`;
      this.#reject({ file: '', line: 1, column: 1, message });
      this.#options.onChange();
    }
  }

  #reject({ file, line, column, message }: PackProblem): void {
    const { directory } = this.#options;
    this.#trial = undefined;
    this.refuse([{ file: file === '' ? directory : `${directory}/${file}`, line, column, message }]);
  }
}
