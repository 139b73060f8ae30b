import { FakeApiServer, type FakeApiServerOptions } from './api-server/server.ts';
import { RunningSluice, type SluiceOptions } from './sluice.ts';

/** The IngressClass that a cluster needs before Ingresses can name it. */
export const INGRESS_CLASS = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'sluice' },
  spec: { controller: 'sluice.dev/ingress-controller' },
};

export interface ClusterOptions extends Omit<SluiceOptions, 'manifests' | 'kubeconfig'> {
  /** Besides the IngressClass. */
  readonly objects: readonly object[];
  readonly server?: FakeApiServerOptions;
}

const TOKEN = 'sluice-token';

/** A fake API server over TLS, with a token, and `sluice run` that follows it. */
export class RunningCluster {
  readonly api: FakeApiServer;
  readonly sluice: RunningSluice;

  private constructor(api: FakeApiServer, sluice: RunningSluice) {
    this.api = api;
    this.sluice = sluice;
  }

  static async start(options: ClusterOptions): Promise<RunningCluster> {
    const cluster = await RunningCluster.prepare(options);
    try {
      await cluster.sluice.begin();
    } catch (error) {
      await cluster.api.close();
      throw error;
    }
    return cluster;
  }

  /** Everything, without starting sluice. */
  static async prepare({ objects, server, ...options }: ClusterOptions): Promise<RunningCluster> {
    const api = await FakeApiServer.start({ tls: true, tokens: [TOKEN], ...server });
    for (const object of [INGRESS_CLASS, ...objects]) api.put(object);
    return new RunningCluster(
      api,
      await RunningSluice.prepare({ ...options, kubeconfig: api.kubeconfig({ token: TOKEN }) }),
    );
  }

  async stop(): Promise<void> {
    await this.sluice.stop();
    await this.api.close();
  }
}
