/**
 * Which modules are bundled together. By default, the bundler creates a file for whatever two pages
 * share, and dozens of small files compress badly: players would load 10% more. Each entry is a
 * path prefix below `src`; a test checks that each matches a module. None may contain a module of
 * `boot.ts`, which must run first; a test checks that, too.
 */

/** Needed from the first page on. */
export const BASE = [
  'api/problem',
  'components/AnswerShape',
  'components/AppBackdrop',
  'components/AppButton',
  'components/AppLogo',
  'components/AppSpinner',
  'components/FullMessage',
  'components/PageMissing',
  'components/TextField',
  'components/marks',
  'components/shapes',
  'i18n/index',
  'i18n/part',
  'i18n/use',
  'live/seats',
  'ui/announcer',
  'ui/faults',
  'ui/network',
  'ui/random',
  'ui/toasts',
];

/** Needed by everyone who follows a run: players, hosts and the big screen. */
export const GAME = [
  'components/AnswerTile',
  'components/ConnectionBanner',
  'components/DistributionBars',
  'components/LeaderboardList',
  'components/NameChip',
  'components/PodiumSteps',
  'components/QuestionMedia',
  'components/TimerRing',
  'live/clock',
  'live/connection',
  'live/deadline',
  'live/departures',
  'live/moments',
  'live/outbox',
  'live/own-time',
  'live/socket',
  'live/state',
  'live/use',
  'player/AnswerStatus',
  'player/GameView',
  'player/PlayPage',
  'player/PlayerBar',
  'player/ResultBanner',
  'seat/MoveButton',
  'player/answers/PickAnswer',
  'player/answers/draft',
  'player/answers/lazy-answers',
  'player/fit',
  'player/keys',
  'player/own-answer',
  'player/settings/SettingsButton',
  'player/settings/preferences',
  'player/screen',
  'player/screens/CountdownScreen',
  'player/screens/CountingScreen',
  'player/screens/FinaleScreen',
  'player/screens/FinishScreen',
  'player/screens/LobbyScreen',
  'player/screens/PausedScreen',
  'player/screens/QuestionScreen',
  'player/screens/ReadingScreen',
  'player/screens/ReadyScreen',
  'player/screens/RevealScreen',
  'quiz/OptionPicture',
  'quiz/OptionText',
  'quiz/QuizText',
  'quiz/answers',
  'quiz/clock',
  'quiz/language',
  'quiz/plain',
  'quiz/shape',
  'quiz/solution',
  'quiz/use-language',
  'quiz/verdict',
  'ui/flip',
  'ui/wakefulness',
];

const alone = { includeDependenciesRecursively: false };

export const chunks = [
  { name: 'socket', test: /node_modules\/(@?socket\.io|engine\.io)/ },
  { name: 'vue', test: /node_modules\/(@vue|vue|vue-router|@intlify)\// },
  { name: 'base', test: below(BASE), ...alone },
  { name: 'game', test: below(GAME), ...alone },
];

function below(paths: string[]): (id: string) => boolean {
  return (id) => paths.some((path) => id.includes(`/src/${path}`));
}
