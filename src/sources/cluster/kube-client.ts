import { Agent as HttpAgent, type OutgoingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import type { KubeConfig } from '@kubernetes/client-node';
import { credentialFailure, kubeconfigFailure } from './kube-errors.ts';
import { kubeconfigFiles, tokenFiles } from './token-files.ts';

export interface ClientOptions {
  /** File; `undefined`: $KUBECONFIG, then ~/.kube/config, then the service account of the pod. */
  readonly kubeconfig: string | undefined;
  /** Of the kubeconfig; `undefined`: its current one. */
  readonly context: string | undefined;
}

/** What a request to the API server needs besides its path. */
export interface RequestSettings {
  readonly headers: OutgoingHttpHeaders;
  readonly agent: HttpAgent;
  /** User and password. */
  readonly auth: string | undefined;
}

/** Where the API server is, and how to be let in. */
export interface Connection {
  /** For example `https://10.0.0.1:443`; a path below it is kept. */
  readonly server: string;
  /** Of the pod or the context; `undefined` when neither names one. */
  readonly namespace: string | undefined;
  /** For the next request: tokens rotate, and a plugin's credentials expire. */
  settings(): Promise<RequestSettings>;
  /** The server did not take them: the next settings are read anew. */
  renew(): void;
}

/**
 * Reads kubeconfig or service account, by the rules of the official client: https://github.com/kubernetes-client/javascript.
 * Its parts for requests and watches are not used.
 *
 * @throws Error that says what is missing
 */
export async function connect(options: ClientOptions): Promise<Connection> {
  // Imported here because it costs a directory of manifests nothing then.
  const { KubeConfig: Config } = await import('@kubernetes/client-node');
  const load = (): KubeConfig => loadConfig(new Config(), options);
  const first = load();
  const cluster = first.getCurrentCluster();
  if (cluster === null) throw new Error(noCluster(options));
  if (cluster.server === NOWHERE && options.kubeconfig === undefined) throw new Error(NO_KUBECONFIG);
  const namespace = first.getContextObject(first.getCurrentContext())?.namespace?.trim();
  return new ConfiguredConnection(first, load, { server: cluster.server, namespace });
}

/** What the client makes up when it finds nothing. */
const NOWHERE = 'http://localhost:8080';
const NO_KUBECONFIG =
  'there is no cluster to follow: set --kubeconfig or KUBECONFIG, run in a pod, or name a directory of manifests with -f';

function loadConfig(config: KubeConfig, { kubeconfig, context }: ClientOptions): KubeConfig {
  const problem = problemOfLoading(config, kubeconfig);
  if (problem !== undefined) throw new Error(`cannot read ${kubeconfig ?? 'the kubeconfig'}: ${problem}`);
  if (context !== undefined) config.setCurrentContext(context);
  const byFile = tokenFiles(kubeconfigFiles(kubeconfig, process.env));
  config.users = config.users.map((user) => {
    const tokenFile = byFile.get(user.name);
    return tokenFile === undefined ? user : { ...user, authProvider: { name: 'tokenFile', config: { tokenFile } } };
  });
  // The client refuses plain HTTP without this, which `kubectl proxy` speaks.
  config.clusters = config.clusters.map((item) =>
    item.server.startsWith('http:') ? { ...item, skipTLSVerify: true } : item,
  );
  return config;
}

function problemOfLoading(config: KubeConfig, kubeconfig: string | undefined): string | undefined {
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
    return undefined;
  } catch (error) {
    return kubeconfigFailure(error);
  }
}

function noCluster({ kubeconfig, context }: ClientOptions): string {
  const file = kubeconfig ?? 'the kubeconfig';
  if (context !== undefined)
    return `${file} has no context ${JSON.stringify(context)}: see kubectl config get-contexts`;
  return `${file} has no current context, or one without a cluster: set --context, or --kubeconfig to another file`;
}

interface Place {
  readonly server: string;
  readonly namespace: string | undefined;
}

class ConfiguredConnection implements Connection {
  readonly server: string;
  readonly namespace: string | undefined;
  readonly #load: () => KubeConfig;
  #config: KubeConfig | undefined;
  #agent: { readonly tls: object; readonly agent: HttpAgent } | undefined;

  constructor(first: KubeConfig, load: () => KubeConfig, { server, namespace }: Place) {
    this.server = server;
    this.namespace = namespace === '' ? undefined : namespace;
    this.#config = first;
    this.#load = load;
  }

  async settings(): Promise<RequestSettings> {
    this.#config ??= this.#load();
    const options: RequestOptions = {};
    try {
      await this.#config.applyToHTTPSOptions(options);
    } catch (error) {
      throw credentialFailure(this.#config.getCurrentUser(), error);
    }
    const proxied = this.#config.getCurrentCluster()?.proxyUrl !== undefined;
    const agent = proxied && options.agent instanceof HttpAgent ? options.agent : this.#ownAgent(options);
    return { headers: cleanHeaders(options.headers), agent, auth: options.auth ?? undefined };
  }

  renew(): void {
    this.#config = undefined;
  }

  /** One that keeps connections, unlike the client's; the same for as long as certificate and key stay the same. */
  #ownAgent({ ca, cert, key, servername, rejectUnauthorized }: RequestOptions): HttpAgent {
    const tls = { ca, cert, key, servername, rejectUnauthorized };
    if (this.#agent !== undefined && isDeepStrictEqual(this.#agent.tls, tls)) return this.#agent.agent;
    const reuse = { keepAlive: true, keepAliveMsecs: 15_000 };
    const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
    const agent = this.server.startsWith('http:') ? new HttpAgent(reuse) : new HttpsAgent({ ...reuse, ...given });
    this.#agent = { tls, agent };
    return agent;
  }
}

/** A token read from a file may end in a newline, which no header can hold. */
function cleanHeaders(headers: RequestOptions['headers']): OutgoingHttpHeaders {
  const entries = Object.entries(headers ?? {}).map(([name, value]): [string, string] => [name, String(value).trim()]);
  return Object.fromEntries(entries);
}
