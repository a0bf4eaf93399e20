/** Begins each line of the tests' output, so that it can be told from what VS Code itself prints. */
export const mark = '▏';
