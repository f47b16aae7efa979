import type { Node, Tree } from '@vscode/tree-sitter-wasm';
import { testModules, type TestInSource } from '../../domain/source/tests.ts';
import type { Walk } from './place.ts';

/** Items of a file that are looked for; to find their neighbours takes long where there are many. */
const maxItems = 1_000;

/** Compiles an item for tests alone; "not(test)" and "cfg_attr(test, …)" do not. */
const rustTest =
  /^#!?\[\s*(?:cfg\s*\((?![\s\S]*\bnot\s*\(\s*test\b)[\s\S]*(?<!")\btest\b(?!-)|(?:\w+\s*::\s*)*\w*(?:test|bench)\w*\b)/;

/** Reads the tests that stand among a file's other code: modules of Rust, examples in docs, blocks of Vitest, test cases. */
export function readTests({ rootNode }: Tree, { language, text }: Pick<Walk, 'language' | 'text'>): TestInSource[] {
  if (language === 'rust') return [...rustTests(rootNode, text), ...examplesInDocs(rootNode)];
  if (language === 'python') return [...docstrings(rootNode), ...testCases(rootNode), ...plainTests(rootNode)];
  return language === 'go' ? [] : [...vitestBlocks(rootNode), ...testCalls(rootNode, text)];
}

function* rustTests(root: Node, text: string): Generator<TestInSource> {
  let [end, left] = [0, maxItems];
  for (const attribute of root.descendantsOfType(['attribute_item', 'inner_attribute_item'])) {
    if (attribute!.startIndex < end || !rustTest.test(attribute!.text)) continue;
    if (left-- === 0) return;
    if (attribute!.type === 'inner_attribute_item') {
      // The module that it stands in is one of tests.
      const module = attribute!.parent!;
      yield testOf(module);
      end = module.endIndex;
      continue;
    }
    let [first, last] = [attribute!, attribute!];
    while (first.previousNamedSibling?.type === 'attribute_item') first = first.previousNamedSibling;
    do last = last.nextNamedSibling ?? last;
    while (/^(attribute_item|line_comment|block_comment)$/.test(last.type) && last.nextNamedSibling);
    yield { line: first.startPosition.row + 1, text: text.slice(first.startIndex, last.endIndex) };
    end = last.endIndex;
  }
}

/** Fenced code in comments of documentation, fences included: these say if it runs. */
function* examplesInDocs(root: Node): Generator<TestInSource> {
  let open: TestInSource | null = null;
  for (const comment of root.descendantsOfType(['line_comment', 'block_comment'])) {
    const { text, startPosition } = comment!;
    if (!/^\/[/*][/!*]/.test(text)) continue;
    for (const [index, line] of text.trimEnd().split('\n').entries()) {
      const content = line.replace(/^\s*(?:\/\/[/!]|\/\*[*!]|\*(?!\/))? ?/, '').trimEnd();
      if (/^\s*(?:```|~~~)/.test(content)) {
        if (open) yield { ...open, text: `${open.text}\n${content}` };
        open = open ? null : { line: startPosition.row + index + 1, text: content };
      } else if (open) open.text += `\n${content}`;
    }
  }
  if (open) yield open;
}

/** Each example of a docstring, from its prompt to an empty line, less its indentation. */
function* docstrings(root: Node): Generator<TestInSource> {
  for (const string of root.descendantsOfType('string')) {
    if (!string!.text.includes('>>>')) continue;
    const statement = string!.parent;
    // Only a first statement is a docstring, after comments at most.
    const isFirst = (statement?.previousNamedSibling?.type ?? 'comment') === 'comment';
    if (statement?.type !== 'expression_statement' || !isFirst) continue;
    const { row } = string!.startPosition;
    let open: TestInSource | null = null;
    for (const [index, line] of string!.text.split('\n').entries()) {
      const content = line.trim().replace(/(?:"""|''')$/, '');
      if (content === '' && open) {
        yield open;
        open = null;
      } else if (open) open.text += `\n${content}`;
      else if (content.includes('>>>')) open = { line: row + index + 1, text: content.slice(content.indexOf('>>>')) };
    }
    if (open) yield open;
  }
}

function testCases(root: Node): TestInSource[] {
  const isTestCase = (node: Node | null) => /TestCase\b/.test(node!.childForFieldName('superclasses')?.text ?? '');
  const classes = root.descendantsOfType('class_definition').filter(isTestCase);
  return classes.map((node) => testOf(node!.parent?.type === 'decorated_definition' ? node!.parent : node!));
}

/** Functions and classes at the top of a module that pytest takes for tests, where they assert something. */
function plainTests({ namedChildren }: Node): TestInSource[] {
  return namedChildren.flatMap((node) => {
    const own = node!.childForFieldName('definition') ?? node!;
    const isNamed = /^(?:(?:async *)?def *test|class *Test)/.test(own.text) && !/^class.*TestCase\b/.test(own.text);
    return isNamed && /\bassert\b|\braises\b/.test(own.text) ? [testOf(node!)] : [];
  });
}

/** Calls by which a runner's tests are made, in a file that imports one. */
function testCalls(root: Node, text: string): TestInSource[] {
  if (!testModules.test(text)) return [];
  let end = 0;
  return root.descendantsOfType('call_expression').flatMap((node) => {
    const callee = node!.childForFieldName('function')?.text ?? '';
    const isNamed = /string/.test(node!.childForFieldName('arguments')?.firstNamedChild?.type ?? '');
    if (node!.startIndex < end || !isNamed || !/^(?:test|it|describe|suite|specify)(?:\.\w+)*$/.test(callee)) return [];
    end = node!.endIndex;
    return [testOf(node!)];
  });
}

function vitestBlocks(root: Node): TestInSource[] {
  const blocks = root.descendantsOfType('if_statement');
  const isVitest = (node: Node | null) =>
    node!.childForFieldName('condition')?.text.includes('import.meta.vitest') === true;
  return blocks.filter(isVitest).map((node) => testOf(node!));
}

function testOf({ startPosition, text }: Node): TestInSource {
  return { line: startPosition.row + 1, text };
}
