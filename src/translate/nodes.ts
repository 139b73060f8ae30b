import type { Diagnostic } from '../model/diagnostics.ts';
import { isEqual } from '../model/equal.ts';
import type { Node } from '../model/objects.ts';
import type { TranslateOptions } from '../model/options.ts';
import { invalidEndpoint, nodeMissing } from '../model/problems.ts';
import type { ObjectMap } from '../model/snapshot.ts';
import { familyOf, parseAddress, type Family } from './endpoints.ts';

/** Read by its presence, whatever its value, as the service controller of Kubernetes does. */
const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers';

const TYPES = { internal: ['InternalIP', 'ExternalIP'], external: ['ExternalIP', 'InternalIP'] } as const;

/** What a Node came to, for as long as it is the same value. */
interface ReadNode {
  /** The best first; empty for a node that is not to be used. */
  readonly addresses: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The nodes that can take requests, with one address each: every node counts once, whatever networks it is in. */
export class NodeSet {
  /** Addresses by name of the node, the best first. */
  readonly #nodes: ReadonlyMap<string, readonly string[]>;
  readonly #sorted = new Map<string, readonly string[]>();

  constructor(nodes: ReadonlyMap<string, readonly string[]>) {
    this.#nodes = nodes;
  }

  /** Addresses of all nodes that have one of these families, sorted and each once. */
  addresses(families: readonly Family[]): readonly string[] {
    const key = families.join();
    const known = this.#sorted.get(key);
    if (known !== undefined) return known;
    const found = [...this.#nodes.values()].flatMap((addresses) => choose(addresses, families) ?? []);
    const sorted = sortedUnique(found);
    this.#sorted.set(key, sorted);
    return sorted;
  }

  /** The same of some nodes only, by their names and each with families of its own. */
  addressesOf(nodes: ReadonlyMap<string, readonly Family[]>): readonly string[] {
    return sortedUnique([...nodes].flatMap(([name, families]) => choose(this.#nodes.get(name) ?? [], families) ?? []));
  }

  /** Whether it holds the same nodes with the same addresses. */
  isOf(nodes: ReadonlyMap<string, readonly string[]>): boolean {
    return nodes.size === this.#nodes.size && [...nodes].every(([name, item]) => isEqual(this.#nodes.get(name), item));
  }
}

export interface NodeView {
  readonly set: NodeSet;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads nodes, and keeps the set the same value while the addresses of the nodes that can be used are. */
export class NodeMemory {
  readonly #read = new WeakMap<Node, ReadNode>();
  #set = new NodeSet(new Map());

  view(nodes: ObjectMap<'Node'>, prefer: TranslateOptions['nodeAddress']): NodeView {
    const usable = new Map<string, readonly string[]>();
    const diagnostics: Diagnostic[] = [];
    for (const node of nodes.values()) {
      const read = this.#read.get(node) ?? readNode(node, prefer);
      this.#read.set(node, read);
      diagnostics.push(...read.diagnostics);
      if (read.addresses.length > 0) usable.set(node.metadata.name, read.addresses);
    }
    if (usable.size === 0) diagnostics.push(nodeMissing(nodes.size));
    if (!this.#set.isOf(usable)) this.#set = new NodeSet(usable);
    return { set: this.#set, diagnostics };
  }
}

/**
 * Ready nodes count, unless a label takes them out. That a node is unschedulable says nothing about the pods on it. The
 * predicates are those of https://github.com/kubernetes/cloud-provider/blob/master/controllers/service/controller.go
 */
function readNode(node: Node, prefer: TranslateOptions['nodeAddress']): ReadNode {
  if (!node.ready || Object.hasOwn(node.metadata.labels, EXCLUDED)) return NOT_USED;
  const source = { object: { kind: 'Node', namespace: '', name: node.metadata.name }, field: 'status.addresses' };
  const addresses: string[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const wanted of TYPES[prefer]) {
    for (const { type, address: text } of node.addresses) {
      if (type !== wanted) continue;
      const address = parseAddress(text);
      if (address === undefined) diagnostics.push(invalidEndpoint(source, text, 'is not an IP address'));
      else addresses.push(address);
    }
  }
  return { addresses, diagnostics };
}

const NOT_USED: ReadNode = { addresses: [], diagnostics: [] };

function choose(addresses: readonly string[], families: readonly Family[]): string | undefined {
  return addresses.find((address) => families.includes(familyOf(address)));
}

function sortedUnique(addresses: readonly string[]): readonly string[] {
  return [...new Set(addresses)].sort();
}
