import type { Diagnostic } from '../../../src/model/diagnostics.ts';
import type { ApplyResult, IngressIdentity } from '../../../src/model/outcome.ts';
import type { ObjectRef } from '../../../src/model/refs.ts';
import { EventWriter } from '../../../src/report/cluster/events.ts';
import type { ApiObject } from '../../support/api-server/objects.ts';
import { withScene, type Scene } from './support.ts';

/** As the fake server calls Events of that group. */
export const EVENT = 'Event.events.k8s.io';

/** A writer that leads, and what became of its Events. */
export class Stage {
  readonly scene: Scene;
  readonly writer: EventWriter;
  readonly dropped: string[] = [];
  readonly written: string[] = [];
  uidOf = (object: ObjectRef): string | undefined => `uid-${object.name}`;

  constructor(scene: Scene) {
    this.scene = scene;
    this.writer = this.newWriter();
  }

  newWriter(): EventWriter {
    const { api, clock, logger } = this.scene;
    const writer = new EventWriter({
      ...{ api, clock, logger },
      wallNow: () => new Date(Date.UTC(2026, 10, 24) + clock.time),
      reporter: { controller: 'sluice.dev/ingress-controller', instance: 'sluice-1' },
      uidOf: (object) => this.uidOf(object),
      onWritten: (type) => this.written.push(type),
      onDropped: (reason) => this.dropped.push(reason),
    });
    this.scene.start((signal) => writer.run(signal));
    return writer;
  }

  async observe(
    diagnostics: readonly Diagnostic[],
    ingresses: readonly IngressIdentity[] = [],
    result = applied(1),
  ): Promise<void> {
    this.writer.observe({ result, diagnostics, ingresses });
    await this.scene.clock.advance(0);
  }

  /** In the order in which they were written last. */
  get stored(): readonly ApiObject[] {
    const versionOf = ({ metadata }: ApiObject): number => Number(metadata['resourceVersion']);
    return [...this.scene.server.list(EVENT)].sort((left, right) => versionOf(left) - versionOf(right));
  }

  /** `Reason: note`, and how often when it was seen again. */
  get events(): readonly string[] {
    return this.stored.map((event) => {
      const { count } = (event['series'] ?? {}) as { count?: number };
      return `${String(event['reason'])}: ${String(event['note'])}${count === undefined ? '' : ` ×${count}`}`;
    });
  }

  get writes(): readonly string[] {
    return this.scene.api.sent.map(({ method }) => method);
  }

  get warnings(): readonly object[] {
    return this.scene.entries.filter(({ level }) => level === 'warn').map(({ fields }) => fields);
  }
}

export function applied(generation: number): ApplyResult {
  return { type: 'applied', by: 'reload', generation, changedFiles: [] };
}

export function stage(test: (stage: Stage, scene: Scene) => Promise<void>): () => Promise<void> {
  return () =>
    withScene(async (scene) => {
      const one = new Stage(scene);
      one.writer.setLeading(true);
      await test(one, scene);
    });
}
