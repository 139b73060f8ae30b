import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as prettier from 'prettier';
import ts from 'typescript';

/*
 * `npm run docs`: writes the part of template-packs.md that follows from the types of the model.
 */

const ROOT = join(import.meta.dirname, '..');
const PAGE = join(ROOT, 'docs', 'template-packs.md');
const BEGIN = '<!-- view model: written by npm run docs -->';
const END = '<!-- end of the view model -->';

/** Types that templates see, by file, in the order in which they are told. */
const SHOWN = {
  'src/model/options.ts': ['ProxySettings', 'ProxyIdentity'],
  'src/model/global-settings.ts': 'all',
  'src/model/routing.ts': 'all',
  'src/model/features.ts': ['RouteFeatures', 'HostFeatures', 'FeatureFile'],
  'src/model/refs.ts': ['Source', 'ObjectRef'],
} as const;

/** The page with the view model as the types have it now. */
export async function pageWithViewModel(): Promise<string> {
  const page = await readFile(PAGE, 'utf8');
  const [before, after] = [page.split(BEGIN)[0] ?? '', page.split(END)[1] ?? ''];
  const parts = await Promise.all(Object.entries(SHOWN).map(([path, names]) => describeFile(path, names)));
  const text = `${before}${BEGIN}\n\n${INTRODUCTION}\n${parts.join('\n')}\n${END}${after}`;
  return prettier.format(text, { ...(await prettier.resolveConfig(PAGE)), parser: 'markdown' });
}

const INTRODUCTION = `## View model, format 1

What templates see. \`settings\` is a ProxySettings and \`proxy\` a ProxyIdentity; \`hosts\`, \`upstreams\` and \`certificates\` are
those of a RoutingModel, and an output for each of them sees one as \`host\`, \`upstream\` or \`certificate\`. Within format 1,
fields may be added; none is taken away or gets another meaning.
`;

async function describeFile(path: string, names: readonly string[] | 'all'): Promise<string> {
  const source = ts.createSourceFile(path, await readFile(join(ROOT, path), 'utf8'), ts.ScriptTarget.Latest, true);
  const parts: string[] = [];
  source.forEachChild((node) => {
    const isShown = (name: ts.Identifier) => names === 'all' || names.includes(name.text);
    if (ts.isInterfaceDeclaration(node) && isShown(node.name)) parts.push(describeInterface(node));
    if (ts.isTypeAliasDeclaration(node) && isShown(node.name)) parts.push(describeAlias(node));
  });
  return parts.join('\n');
}

function describeInterface(node: ts.InterfaceDeclaration): string {
  const rows = node.members.filter(ts.isPropertySignature).map((member) => {
    const type = member.type?.getText().replaceAll(/\s+/g, ' ').replaceAll('|', '\\|') ?? '';
    return `| \`${member.name.getText()}\` | \`${type.replaceAll('readonly ', '')}\` | ${commentOf(member).replaceAll('|', '\\|')} |`;
  });
  return `${heading(node)}\n| Field | Type | Meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

function describeAlias(node: ts.TypeAliasDeclaration): string {
  const text = node
    .getText()
    .replaceAll('readonly ', '')
    .replace(/^export /, '');
  return `${heading(node)}\n\`\`\`ts\n${text}\n\`\`\`\n`;
}

function heading(node: ts.InterfaceDeclaration | ts.TypeAliasDeclaration): string {
  const comment = commentOf(node);
  return `### ${node.name.text}\n${comment === '' ? '' : `\n${comment}\n`}`;
}

function commentOf(node: ts.Node): string {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return comments.map(({ comment }) => (ts.getTextOfJSDocComment(comment) ?? '').replaceAll(/\s+/g, ' ')).join(' ');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await writeFile(PAGE, await pageWithViewModel());
