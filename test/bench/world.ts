import { ingress, service, yaml } from '../support/manifests.ts';

/** Manifest files of `count` Ingresses, each with a host, two paths and a Service of three endpoints. */
export function benchWorld(count: number): Record<string, string> {
  const files: Record<string, string> = {};
  for (let index = 0; index < count; index += 1) files[fileName(index)] = benchFile(index, '/api');
  return files;
}

export function fileName(index: number): string {
  return `app-${String(index).padStart(5, '0')}.yaml`;
}

export function benchFile(index: number, path: string): string {
  const name = `app-${index}`;
  const rules = [
    {
      host: `app-${index}.example.com`,
      paths: [
        { path: '/', service: name },
        { path, service: name },
      ],
    },
  ];
  return yaml(
    ingress({ name, rules }),
    ...service(
      name,
      [9001, 9002, 9003].map((port) => port + (index % 20_000)),
    ),
  );
}
