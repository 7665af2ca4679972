/** What a TypeScript file imports and what it mentions, read from its syntax tree. */
import { parseAst } from 'rolldown/parseAst';

/**
 * @typedef {{ type: string, start: number, end: number } & Record<string, any>} SyntaxNode
 * @typedef {{ specifier: string, start: number, isType: boolean, isDynamic: boolean }} Import
 */

/** Where a name is only a label, not a reference to something. @type {Record<string, string>} */
const labels = {
  MemberExpression: 'property',
  Property: 'key',
  PropertyDefinition: 'key',
  MethodDefinition: 'key',
  TSPropertySignature: 'key',
  TSMethodSignature: 'key',
  TSEnumMember: 'id',
  ImportSpecifier: 'imported',
  ExportSpecifier: 'exported',
};

/** @param {unknown} value @returns {value is SyntaxNode} */
const isNode = (value) => typeof value === 'object' && value !== null && 'type' in value;

/**
 * Calls `visit` for every node, parents first.
 * @param {SyntaxNode} node
 * @param {(node: SyntaxNode, isLabel: boolean) => void} visit
 */
export function walk(node, visit, isLabel = false) {
  visit(node, isLabel);
  for (const [key, value] of Object.entries(node)) {
    const childIsLabel = labels[node.type] === key && !node['computed'] && !node['shorthand'];
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit, childIsLabel);
    }
  }
}

/** @param {string} text @param {string} path @returns {SyntaxNode} */
export function parse(text, path) {
  const lang = path.endsWith('.tsx') ? 'tsx' : 'ts';
  return /** @type {any} */ (parseAst(text, { lang, sourceType: 'module' }, path));
}

/** @param {SyntaxNode} node */
const areAllTypes = ({ specifiers = [] }) =>
  specifiers.length > 0 &&
  specifiers.every((/** @type {any} */ s) => s.importKind === 'type' || s.exportKind === 'type');

/** @param {SyntaxNode} tree @returns {Import[]} */
export function importsOf(tree) {
  /** @type {Import[]} */
  const imports = [];
  walk(tree, (node) => {
    const specifier = node['source']?.value;
    if (typeof specifier !== 'string') return;
    const isType =
      node['importKind'] === 'type' || node['exportKind'] === 'type' || areAllTypes(node);
    const isDynamic = node.type === 'ImportExpression';
    imports.push({ specifier, start: node.start, isType, isDynamic });
  });
  return imports;
}

/** @param {string} text @param {number} offset */
export const lineAt = (text, offset) => text.slice(0, offset).split('\n').length;
