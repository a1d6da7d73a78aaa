/**
 * Which modules travel together. Left alone, the bundler makes a file of whatever two pages share,
 * and dozens of small files compress badly: players would load a tenth more.
 *
 * None of these may hold a module of `boot.ts`, which must run before all of them.
 */

/** Used from the first page on. */
const BASE = modules(
  'api/problem',
  'components/(AnswerShape|AppBackdrop|AppButton|AppLogo|AppSpinner|FullMessage|TextField)\\.vue',
  'components/(marks|shapes)',
  'i18n/(index|part|use)',
  'live/seats',
  'ui/(announcer|random|toasts)',
);
/** Used by whoever follows a run: players, hosts and the big screen. */
const GAME = modules(
  'components/(AnswerTile|ConnectionBanner|DistributionBars|LeaderboardList|NameChip)\\.vue',
  'components/(PodiumSteps|QuestionMedia|TimerRing)\\.vue',
  'live/(clock|connection|deadline|outbox|socket|state|use)',
  'player/(answers|screens)/',
  'player/(AnswerStatus|GameView|PlayerBar|ResultBanner|SolutionText)\\.vue',
  'player/(keys|own-answer|screen|wakefulness)\\.',
  'quiz/',
  'ui/flip',
);

const alone = { includeDependenciesRecursively: false };

export const chunks = [
  { name: 'socket', test: /node_modules\/(@?socket\.io|engine\.io)/ },
  { name: 'vue', test: /node_modules\/(@vue|vue|vue-router|@intlify)\// },
  { name: 'base', test: BASE, ...alone },
  { name: 'game', test: GAME, ...alone },
];

function modules(...paths: string[]): RegExp {
  return new RegExp(`/src/(${paths.join('|')})`);
}
