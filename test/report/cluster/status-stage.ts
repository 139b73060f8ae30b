import type { LoadBalancerIngress } from '../../../src/model/load-balancer.ts';
import { StatusWriter, type StatusOptions } from '../../../src/report/cluster/ingress-status.ts';
import type { Published } from '../../../src/report/cluster/publish-address.ts';
import { identityOf, withScene, type Scene } from './support.ts';

export const OURS = [{ hostname: 'lb.example.com' }, { ip: '192.0.2.1' }];
export const THEIRS = [{ ip: '203.0.113.7' }];

/** A writer whose watch shows at once what the server has, unless it is stopped. */
export class Stage {
  readonly scene: Scene;
  readonly writer: StatusWriter;
  published: Published = { ok: true, addresses: OURS };
  resolved = 0;
  readonly writes: string[] = [];
  /** What the watch shows instead. */
  shown: Map<string, readonly LoadBalancerIngress[] | undefined> | undefined;

  constructor(scene: Scene, rest: Partial<StatusOptions> = {}) {
    this.scene = scene;
    const { api, clock, logger } = scene;
    this.writer = new StatusWriter({
      ...{ api, clock, logger, random: () => 1, pod: undefined },
      onWrite: (result) => this.writes.push(result),
      current: (_, name) => (this.shown === undefined ? this.status(name) : this.shown.get(name)),
      publish: () => {
        this.resolved += 1;
        return Promise.resolve(this.published);
      },
      ...rest,
    });
  }

  add(...names: readonly string[]): void {
    for (const name of names) this.set(name, undefined);
  }

  set(name: string, addresses: readonly LoadBalancerIngress[] | undefined): void {
    const spec = { defaultBackend: { service: { name: 'web', port: { number: 80 } } } };
    const status = { loadBalancer: addresses === undefined ? {} : { ingress: addresses } };
    const metadata = { namespace: 'shop', name };
    this.scene.server.put({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec, status });
  }

  /** `undefined` when there is no such Ingress. */
  status(name: string): readonly LoadBalancerIngress[] | undefined {
    const ingress = this.scene.server.get('Ingress', 'shop', name);
    const status = ingress?.['status'] as { loadBalancer?: { ingress?: LoadBalancerIngress[] } } | undefined;
    return ingress === undefined ? undefined : (status?.loadBalancer?.ingress ?? []);
  }

  observe(...names: readonly string[]): void {
    this.writer.observe({ ingresses: names.map(identityOf) });
  }

  async lead(): Promise<void> {
    this.scene.start((signal) => this.writer.run(signal));
    this.writer.setLeading(true);
    await this.scene.clock.advance(0);
  }

  get patches(): readonly string[] {
    return this.scene.api.lines('PATCH').map((line) => line.replace(/.*ingresses\/(.*)\/status$/, '$1'));
  }

  get warnings(): readonly object[] {
    return this.scene.entries
      .filter(({ level }) => level === 'warn')
      .map(({ fields, message }) => ({ ...fields, message }));
  }
}

export function stage(
  test: (stage: Stage, scene: Scene) => Promise<void>,
  rest: Partial<StatusOptions> = {},
): () => Promise<void> {
  return () => withScene((scene) => test(new Stage(scene, rest), scene));
}
