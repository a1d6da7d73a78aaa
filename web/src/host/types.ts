/** API types used by the host pages. */
import type { components } from '@/protocol/http';

type Schemas = components['schemas'];

export type Quiz = Schemas['Quiz'];
export type QuizLine = Schemas['QuizLine'];
export type QuizView = Schemas['QuizView'];
export type TemplateLine = Schemas['TemplateLine'];
export type QuizQuestion = Quiz['questions'][number];
export type QuestionType = QuizQuestion['type'];
export type RunSettings = Schemas['RunSettings'];
export type RunView = Schemas['RunView'];
export type QuestionResult = Schemas['QuestionResult'];
export type PlayerLine = Schemas['PlayerLine'];
export type PlayerView = Schemas['PlayerView'];
export type StandingLine = Schemas['StandingLine'];
export type AnswerReport = Schemas['AnswerReport'];
export type PlayerReport = Schemas['PlayerReport'];
export type Delivery = Schemas['Delivery'];
export type CorrectionView = Schemas['CorrectionView'];
export type Verdict = Schemas['CorrectionRequest']['verdict'];
export type PictureView = Schemas['PictureView'];
export type ProfileView = Schemas['ProfileView'];
export type SessionView = Schemas['SessionView'];
export type EventView = Schemas['EventView'];
export type IdentityView = Schemas['IdentityView'];
export type InboxMailView = Schemas['InboxMailView'];
export type SharedView = Schemas['SharedView'];
export type TeamView = Schemas['TeamView'];
export type ApiTokenView = Schemas['ApiTokenView'];
export type ApiTokenCreated = Schemas['ApiTokenCreated'];
export type AccountLine = Schemas['AccountLine'];
export type ActionLine = Schemas['ActionLine'];
export type Media = Schemas['Media'];
export type FactorsView = Schemas['FactorsView'];
export type PasskeyView = Schemas['PasskeyView'];
export type TotpSetup = Schemas['TotpSetup'];
export type Sound = Schemas['Sound'];
