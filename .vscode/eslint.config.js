import tseslint from 'typescript-eslint';

const no = (group, message) => ({ group, message });
const pure = [
  no(['vscode', 'node:*', 'ssh2', 'basic-ftp'], 'src/core is pure: no VS Code, no sockets, no disk, no libraries.'),
  no(['**/transport/**', '**/editor/**'], 'src/core knows neither transport nor editor.'),
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.vscode-test/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: '../tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.mjs'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: { parserOptions: { project: null, ...tseslint.configs.disableTypeChecked.languageOptions?.parserOptions } },
  },
  { files: ['src/core/**'], rules: { 'no-restricted-imports': ['error', { patterns: pure }] } },
  {
    files: ['src/transport/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [no(['vscode', '**/editor/**'], 'src/transport knows neither VS Code nor the editor.')] },
      ],
    },
  },
  {
    files: ['src/editor/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [no(['ssh2', 'basic-ftp', '**/transport/**'], 'src/editor reaches servers through src/core only.')] },
      ],
    },
  },
  {
    files: ['src/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.property.name='slice'][arguments.length=0]",
          message: 'Of a Buffer it makes no copy: take copyOf for bytes, and […] for lists.',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-floating-promises': 'error', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
