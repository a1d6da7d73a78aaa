import prettier from 'eslint-config-prettier';
import vue from 'eslint-plugin-vue';
import accessibility from 'eslint-plugin-vuejs-accessibility';
import typescript from 'typescript-eslint';

/** For each folder of `src`, the folders that its files may not import. */
function fences(folders) {
  return Object.entries(folders).map(([folder, others]) => ({
    files: [`src/${folder}/**/*.{ts,vue}`],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(@/|(\\.\\./)+)(${others.join('|')})/`,
              message: `src/${folder} does not depend on it; share it in quiz/, stage/, desk/, session/ or components/.`,
            },
          ],
        },
      ],
    },
  }));
}

export default typescript.config(
  {
    ignores: [
      'dist',
      'dist-maps',
      'coverage',
      'test-results',
      'node_modules',
      'src/protocol/http.ts',
      'src/protocol/messages.ts',
    ],
  },
  ...typescript.configs.strictTypeChecked,
  ...typescript.configs.stylisticTypeChecked,
  ...vue.configs['flat/recommended'],
  ...accessibility.configs['flat/recommended'],
  {
    languageOptions: {
      parserOptions: {
        parser: typescript.parser,
        projectService: { allowDefaultProject: ['scripts/*.mjs', 'eslint.config.js'] },
        extraFileExtensions: ['.vue'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/define-macros-order': 'error',
      'vue/no-v-html': 'error',
      'vue/require-default-prop': 'off', // TypeScript tells optional props
      // a static style attribute is refused by the content policy; bindings go by the DOM and are not
      'vue/no-static-inline-styles': 'error',
      'vue/multi-word-component-names': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      // The linter does not resolve what components export; vue-tsc does, and sees to these.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_', argsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
      'vuejs-accessibility/no-static-element-interactions': 'off',
      'vuejs-accessibility/heading-has-content': ['error', { accessibleChildren: ['QuizTitle'] }],
      // it takes the booleans of `defineProps` for props that are always given
      '@typescript-eslint/no-useless-default-assignment': 'off',
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'vue',
              importNames: [
                'Transition',
                'TransitionGroup',
                'KeepAlive',
                'Suspense',
                'Teleport',
                'defineAsyncComponent',
              ],
              message:
                'It would be a part of every first visit; see ui/flip.ts and CSS animations.',
            },
          ],
        },
      ],

      'vue/no-restricted-html-elements': [
        'error',
        {
          element: ['Transition', 'TransitionGroup', 'KeepAlive', 'Suspense', 'Teleport'],
          message: 'It would be a part of every first visit; see ui/flip.ts and CSS animations.',
        },
      ],
      'no-console': 'error',
    },
  },
  // pages of one kind do not reach into those of another; what they share has a place of its own
  ...fences({
    host: ['screen', 'router'],
    screen: ['host', 'player', 'router'],
    player: ['host', 'screen', 'stage', 'desk', 'session', 'router'],
    desk: ['host', 'screen', 'player', 'router'],
    session: ['host', 'screen', 'player', 'desk', 'router'],
    stage: ['host', 'screen', 'player', 'desk', 'session', 'router', 'api', 'live'],
    quiz: ['host', 'screen', 'stage', 'player', 'desk', 'session', 'router', 'api', 'live'],
  }),
  { files: ['**/*.test.ts'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  // figures are what these tell
  { files: ['e2e/timing/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['scripts/*.mjs', 'eslint.config.js'],
    ...typescript.configs.disableTypeChecked,
    rules: { ...typescript.configs.disableTypeChecked.rules, 'no-console': 'off' },
  },
  prettier,
);
