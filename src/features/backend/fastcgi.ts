import type { ConfigMap } from '../../model/objects.ts';
import { FASTCGI_VARIABLES, isRequestVariable, piecesOf } from '../../model/request-variables.ts';
import { compareText } from '../../model/refs.ts';
import type { BackendProtocol, FastCgiParameter } from '../../model/route-features/backend.ts';
import type { Parsed } from '../annotation.ts';
import type { FeatureContext } from '../family.ts';
import { bad, good } from '../grammar.ts';
import type { AnnotationReader } from '../reader.ts';
import { INDEX, PARAMETERS } from './annotations.ts';

type FastCgi = Extract<BackendProtocol, { readonly type: 'fcgi' }>;

/** Whatever is wrong with the parameters closes the route: they may say which scripts may run. */
export function readFastCgi(annotations: AnnotationReader, context: FeatureContext): FastCgi {
  const index = annotations.get(INDEX);
  const parameters = readParameters(annotations, context);
  return { type: 'fcgi', index, scriptRoot: scriptRootOf(parameters), parameters };
}

function readParameters(annotations: AnnotationReader, context: FeatureContext): readonly FastCgiParameter[] {
  const configMap = findConfigMap(annotations, context);
  if (configMap === undefined) return [];
  const parameters: FastCgiParameter[] = [];
  for (const [name, text] of Object.entries(configMap.data)) {
    const parsed = parseParameter(name, text);
    if (parsed.ok) parameters.push(parsed.value);
    else annotations.close(PARAMETERS, `its ConfigMap has a parameter that ${parsed.problem}`);
  }
  return parameters.sort((left, right) => compareText(left.name, right.name));
}

function findConfigMap(
  annotations: AnnotationReader,
  { ingress, globals, lookup }: FeatureContext,
): ConfigMap | undefined {
  const given = annotations.get(PARAMETERS);
  if (given === undefined) return undefined;
  const namespace = given.namespace ?? ingress.metadata.namespace;
  if (namespace !== ingress.metadata.namespace && !globals.allowCrossNamespaceResources) {
    annotations.close(PARAMETERS, `ConfigMap ${namespace}/${given.name} is in another namespace`);
    return undefined;
  }
  const configMap = lookup.configMap(namespace, given.name);
  if (configMap === undefined) {
    annotations.close(PARAMETERS, `ConfigMap ${namespace}/${given.name} does not exist`);
  }
  return configMap;
}

/** ingress-nginx: annotations/fastcgi, regexValidIndexAnnotationAndKey and validFCGIValue. */
function parseParameter(name: string, text: string): Parsed<FastCgiParameter> {
  if (!/^[A-Za-z0-9_.-]{1,255}$/.test(name)) return bad('has a name of more than letters, digits and ._-');
  if (!/^[A-Za-z0-9\-_${}/.]{0,1000}$/.test(text)) return bad(`holds more than letters, digits and -_/.: ${name}`);
  const pieces = piecesOf(text);
  if (pieces?.every((piece) => !('text' in piece) || !/[{}]/.test(piece.text)) !== true) {
    return bad(`has a "$" or a brace that belongs to no variable: ${name}`);
  }
  const known = pieces.map((piece) => {
    if ('text' in piece) return piece.text;
    return isKnown(piece.variable) ? `\${${piece.variable}}` : undefined;
  });
  if (known.includes(undefined)) return bad(`names a variable that says nothing of the request: ${name}`);
  return good({ name, value: known.join('') });
}

function isKnown(variable: string): boolean {
  return isRequestVariable(variable) || FASTCGI_VARIABLES.includes(variable);
}

function scriptRootOf(parameters: readonly FastCgiParameter[]): string | undefined {
  const script = parameters.find(({ name }) => name === 'SCRIPT_FILENAME');
  return /^(\/[^${}]*)\$\{fastcgi_script_name\}$/.exec(script?.value ?? '')?.[1];
}
